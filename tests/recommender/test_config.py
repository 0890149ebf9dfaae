"""Settings check themselves."""

from __future__ import annotations

import pytest

from recommender import ALSConfig


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("factors", 0),
        ("factors", 2.5),
        ("factors", True),
        ("iterations", 0),
        ("regularization", 0.0),
        ("regularization", float("nan")),
        ("alpha", -1.0),
        ("recency_boost", -0.1),
        ("recency_decay", 1.1),
        ("recency_decay", "fast"),
        ("regularization_exponent", -1.0),
        ("half_life", -1.0),
        ("transition_weight", -0.5),
        ("transition_window", 0),
        ("transition_decay", 1.5),
        ("transition_neighbours", 0.5),
        ("trend_weight", float("inf")),
        ("threads", -1),
    ],
)
def test_a_setting_out_of_range_is_named_with_its_value(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"{name} must be a .*, got {value!r}"):
        ALSConfig(**{name: value})  # type: ignore[arg-type]


def test_defaults_are_in_range() -> None:
    assert ALSConfig() == ALSConfig(factors=64)
