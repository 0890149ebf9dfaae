"""As many visitors as the calculator names find a lift in four of five experiments, and no fewer do."""

from __future__ import annotations

import numpy as np
import pytest

from app.measure.experiment.metrics import metric_named
from app.measure.experiment.power import POWER, Power, visitors_needed
from app.measure.experiment.ratio import Moments, RatioMetric, compare
from app.values.kind import BUILT_IN

CONFIDENCE, EXPECTED, RUNS = 0.95, 5_000, 300
COLUMNS = ("visitors", "count:click")
CLICKS: RatioMetric = metric_named("click per visitor", BUILT_IN)


def moments(clicks: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Moments:
    """Of visitors with so many clicks each."""
    return Moments.of(np.column_stack([np.ones(len(clicks)), clicks]).astype(float), COLUMNS)


def share_found(visitors: int, lift: float, control_share: float, rng: np.random.Generator) -> float:
    """Share of the experiments of so many visitors whose interval leaves nought out."""
    in_control = round(visitors * control_share)
    found = 0
    for _ in range(RUNS):
        control = moments(rng.negative_binomial(1, 1 / 3.0, in_control))
        treatment = moments(rng.negative_binomial(1, 1 / (1 + 2.0 * (1 + lift)), visitors - in_control))
        compared = compare(control, treatment, CLICKS, confidence=CONFIDENCE, expected_visitors=EXPECTED)
        assert compared is not None
        found += compared.lift_always.low > 0
    return found / RUNS


@pytest.mark.parametrize("control_share", [0.5, 0.1])
def test_the_lift_is_found_as_often_as_the_power_says(control_share: float) -> None:
    rng = np.random.default_rng(5)
    today = moments(rng.negative_binomial(1, 1 / 3.0, 20_000))
    needed = visitors_needed(
        today, CLICKS, 0.2, control_share=control_share, confidence=CONFIDENCE, expected_visitors=EXPECTED
    )
    assert needed is not None
    assert share_found(needed, 0.2, control_share, rng) == pytest.approx(POWER, abs=0.08)
    assert share_found(needed // 3, 0.2, control_share, rng) < 0.4


def test_days_are_whole_and_what_cannot_be_told_is_said() -> None:
    assert Power("value per visitor", 0.05, 24_000, 11.2).sentence == (
        "A lift of +5 % in value per visitor takes 24,000 visitors: 12 days at your traffic."
    )
    assert "cannot be told before visitors come" in Power("click-through", -0.1, 9, None).sentence
    nothing = moments(np.zeros(50, dtype=np.int64))
    options = {"control_share": 0.1, "confidence": CONFIDENCE}
    assert visitors_needed(nothing, CLICKS, 0.1, expected_visitors=EXPECTED, **options) is None
    with pytest.raises(ValueError, match="lift = -1 must be a share above -1 other than 0"):
        visitors_needed(nothing, CLICKS, -1, expected_visitors=EXPECTED, **options)
