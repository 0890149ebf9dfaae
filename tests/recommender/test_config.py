"""Settings check themselves."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest

from recommender import ALSConfig, ALSTrainer, RandomModel, SlatePolicy
from recommender.config import BOUNDS


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
        ("transition_backward", 1.5),
        ("transition_decay", 1.5),
        ("transition_neighbours", 0.5),
        ("trend_weight", float("inf")),
        ("trend_doubt", -1.0),
        ("threads", -1),
    ],
)
def test_a_setting_out_of_range_is_named_with_its_value(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"{name} must be a .*, got {value!r}"):
        ALSConfig(**{name: value})  # type: ignore[arg-type]


def test_defaults_are_in_range() -> None:
    assert ALSConfig() == ALSConfig(factors=64)


NUMPY_KINDS: list[tuple[str, np.generic]] = [
    (name, np.int64(3)) for name in ("factors", "iterations", "threads", "transition_window")
]
NUMPY_KINDS += [(name, np.float32(0.5)) for name in ("alpha", "regularization", "recency_decay", "half_life")]
NUMPY_KINDS += [("transition_ordered", np.False_)]


@pytest.mark.parametrize(("name", "value"), NUMPY_KINDS)
def test_numbers_of_numpy_are_taken_and_kept_as_plain_ones(name: str, value: np.generic) -> None:
    found = getattr(ALSConfig(**{name: value}), name)  # type: ignore[arg-type]
    assert found == value
    assert type(found) in (int, float, bool)
    assert json.loads(json.dumps(asdict(ALSConfig(**{name: value}))))[name] == found  # type: ignore[arg-type]


def test_other_settings_take_numbers_of_numpy_too() -> None:
    assert SlatePolicy(np.float32(0.5)) == SlatePolicy(0.5)  # type: ignore[arg-type]
    assert type(RandomModel(["a"], seed=np.int64(3)).seed) is int  # type: ignore[arg-type]
    assert type(ALSTrainer(seed=np.int32(3)).seed) is int  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [name for name, (_, highest) in BOUNDS.items() if highest > 1])
def test_a_setting_that_would_overflow_is_refused(name: str) -> None:
    for value in (1e39, 10**400):
        with pytest.raises(ValueError, match=f"{name} must be a finite number between"):
            ALSConfig(**{name: value})  # type: ignore[arg-type]
