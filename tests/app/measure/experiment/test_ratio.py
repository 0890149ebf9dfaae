"""Our statistics agree with the referee's, and with the laws that they must obey."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tea_tasting as tt
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from statsmodels.stats.proportion import proportion_confint

from app.measure.experiment.always_valid import half_width, p_value, tuning
from app.measure.experiment.ratio import (
    CLICK_THROUGH,
    CLICK_THROUGH_BEFORE,
    COLUMNS,
    USE_RATE,
    USES_PER_CLICK,
    Comparison,
    Moments,
    RatioMetric,
    compare,
    rate,
)

Rows = NDArray[np.int64]
EXACT = 1e-9


def visitors(count: int, click_rate: float, seed: int) -> Rows:
    """Rows of visitors with beta-binomial clicks, skewed impressions and a pre-period that tells of them."""
    rng = np.random.default_rng(seed)
    rates = rng.beta(8 * click_rate, 8 * (1 - click_rate), size=count)
    seen = np.ceil(rng.lognormal(2.5, 1, size=count)).astype(int)
    before = rng.poisson(20, size=count)
    rows = np.zeros((count, len(COLUMNS)), dtype=np.int64)
    rows[:, 0] = 1
    for name, values in {
        "impressions": seen,
        "clicks": rng.binomial(seen, rates),
        "uses": (uses := rng.poisson(0.3, size=count)),
        "users": uses > 0,
        "impressions_before": before,
        "clicks_before": rng.binomial(before, rates),
    }.items():
        rows[:, COLUMNS.index(name)] = values
    return rows


CONTROL, TREATMENT = visitors(900, 0.10, 1), visitors(4000, 0.12, 2)


def ours(metric: RatioMetric, covariate: RatioMetric | None = None) -> Comparison:
    found = compare(
        Moments.of(CONTROL),
        Moments.of(TREATMENT),
        metric,
        confidence=0.95,
        expected_visitors=5000,
        covariate=covariate,
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("metric", "covariate"),
    [(CLICK_THROUGH, None), (CLICK_THROUGH, CLICK_THROUGH_BEFORE), (USE_RATE, None)],
    ids=["delta method", "with the pre-period", "a share of visitors"],
)
def test_difference_lift_and_p_value_agree_with_the_referee(metric: RatioMetric, covariate: RatioMetric | None) -> None:
    frame = pd.DataFrame(np.concatenate([CONTROL, TREATMENT]), columns=list(COLUMNS))
    frame["variant"] = [0] * len(CONTROL) + [1] * len(TREATMENT)
    before = (covariate.numerator, covariate.denominator) if covariate else (None, None)
    referee = tt.RatioOfMeans(metric.numerator, metric.denominator, *before, use_t=False)
    theirs = tt.Experiment(metric=referee).analyze(frame)["metric"]
    found = ours(metric, covariate)
    assert found.difference == pytest.approx(theirs.effect_size, rel=EXACT)
    assert found.difference_fixed.low == pytest.approx(theirs.effect_size_ci_lower, rel=EXACT)
    assert found.difference_fixed.high == pytest.approx(theirs.effect_size_ci_upper, rel=EXACT)
    assert found.lift == pytest.approx(theirs.rel_effect_size, rel=EXACT)
    assert found.lift_fixed.low == pytest.approx(theirs.rel_effect_size_ci_lower, rel=EXACT)
    assert found.lift_fixed.high == pytest.approx(theirs.rel_effect_size_ci_upper, rel=EXACT)
    assert found.p_value == pytest.approx(theirs.pvalue, rel=EXACT)


def test_a_pre_period_narrows_the_interval_and_says_by_how_much() -> None:
    plain, adjusted = ours(CLICK_THROUGH), ours(CLICK_THROUGH, CLICK_THROUGH_BEFORE)
    assert adjusted.adjusted
    widths = [found.difference_fixed.high - found.difference_fixed.low for found in (plain, adjusted)]
    assert adjusted.variance_saved == pytest.approx(1 - (widths[1] / widths[0]) ** 2)
    assert adjusted.variance_saved > 0.1


def test_the_always_valid_interval_is_wider_and_agrees_with_its_p_value() -> None:
    found = ours(CLICK_THROUGH)
    assert found.lift_always.low < found.lift_fixed.low < found.lift < found.lift_fixed.high < found.lift_always.high
    for estimate in (0.5, 2.0, 2.9, 3.0, 4.0):
        excluded = estimate > half_width(1.0, 3000, 5000, 0.05)
        assert excluded == (p_value(estimate, 1.0, 3000, 5000, 0.05) < 0.05)


def test_the_interval_is_narrowest_at_the_expected_size() -> None:
    best = minimize_scalar(
        lambda expected: half_width(1.0, 5000, expected, 0.05), bounds=(500, 50_000), method="bounded"
    )
    assert best.x == pytest.approx(5000, rel=1e-3)
    assert tuning(5000, 0.05) == pytest.approx(math.sqrt(8.21 / 5000), rel=1e-3)


def test_arms_with_nothing_to_compare_have_no_lift() -> None:
    nobody, alone = Moments.of(CONTROL[:0]), Moments.of(CONTROL[:1])
    silent = CONTROL.copy()
    silent[:, COLUMNS.index("clicks")] = 0
    for control in (nobody, alone, Moments.of(silent)):
        assert compare(control, Moments.of(TREATMENT), CLICK_THROUGH, confidence=0.95, expected_visitors=5000) is None
    assert rate(nobody, CLICK_THROUGH, 0.95).value is None


def test_visitors_who_are_all_alike_do_not_make_a_sure_thing() -> None:
    rows = CONTROL[:20].copy()
    rows[:, COLUMNS.index("clicks")] = 0
    found = rate(Moments.of(rows), CLICK_THROUGH, 0.95)
    low, high = proportion_confint(0, 20, method="wilson")
    assert found.bounds is not None
    assert (found.value, found.bounds.low) == (0, pytest.approx(low, abs=1e-12))
    assert found.bounds.high == pytest.approx(high, rel=EXACT)


def test_arms_whose_visitors_are_all_alike_have_an_interval_with_a_width() -> None:
    """Each control visitor opens 1 of 10 and each treatment visitor 2 of 10: no variance, and yet not certainty."""
    found = compare(alike(30, 1), alike(30, 2), CLICK_THROUGH, confidence=0.95, expected_visitors=5000)
    assert found is not None
    for bounds, value in (
        (found.difference_fixed, found.difference),
        (found.difference_always, found.difference),
        (found.lift_fixed, found.lift),
        (found.lift_always, found.lift),
    ):
        assert bounds.low < value < bounds.high
    assert found.always_valid_p > 0
    same = compare(alike(30, 1), alike(30, 1), CLICK_THROUGH, confidence=0.95, expected_visitors=5000)
    assert same is not None
    assert same.lift_always.low < 0 < same.lift_always.high


def alike(count: int, clicks: int) -> Moments:
    rows = np.zeros((count, len(COLUMNS)))
    for name, value in {"visitors": 1, "impressions": 10, "clicks": clicks}.items():
        rows[:, COLUMNS.index(name)] = value
    return Moments.of(rows)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50), st.integers(0, 5)), min_size=2, max_size=40))
def test_an_interval_never_collapses_and_a_share_stays_between_0_and_1(seen: list[tuple[int, int, int]]) -> None:
    rows = np.zeros((len(seen), len(COLUMNS)))
    for row, (impressions, clicks, uses) in zip(rows, seen, strict=True):
        for name, value in {
            "visitors": 1,
            "impressions": impressions,
            "clicks": min(clicks, impressions),
            "uses": uses,
            "users": int(uses > 0),
        }.items():
            row[COLUMNS.index(name)] = value
    moments = Moments.of(rows)
    for metric in (CLICK_THROUGH, USE_RATE, USES_PER_CLICK):
        found = rate(moments, metric, 0.95)
        if found.value is not None:
            assert found.bounds is not None
            assert found.bounds.low <= found.value <= found.bounds.high
            assert found.bounds.low < found.bounds.high
            assert found.bounds.low >= 0
            assert metric is USES_PER_CLICK or found.bounds.high <= 1


def test_the_interval_of_a_share_covers_it_when_clicks_are_rare() -> None:
    """Visitors of twenty entries with a true share of 0.5 %: the plain normal interval covers it in four of five."""
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(500):
        rows = np.zeros((30, len(COLUMNS)))
        rows[:, 0], rows[:, COLUMNS.index("impressions")] = 1, 20
        rows[:, COLUMNS.index("clicks")] = rng.binomial(20, 0.005, size=30)
        bounds = rate(Moments.of(rows), CLICK_THROUGH, 0.95).bounds
        assert bounds is not None
        covered += bounds.low <= 0.005 <= bounds.high
    assert covered / 500 >= 0.93


def test_a_pre_period_that_would_take_a_rate_below_nothing_is_not_used() -> None:
    """Two in forty open everything and the rest nothing; beforehand they differed a little, and so did the arms."""
    rows = np.zeros((40, len(COLUMNS)))
    rows[:, 0], rows[:, COLUMNS.index("impressions")], rows[:, COLUMNS.index("impressions_before")] = 1, 50, 5_000
    rows[:2, COLUMNS.index("clicks")] = 50
    rows[:, COLUMNS.index("clicks_before")] = 1_000 + 2 * rows[:, COLUMNS.index("clicks")]
    treatment = rows.copy()
    treatment[:, COLUMNS.index("clicks_before")] += 44
    arms = Moments.of(rows), Moments.of(treatment)
    plan: dict[str, Any] = {"confidence": 0.95, "expected_visitors": 5000}
    assert compare(*arms, CLICK_THROUGH, **plan) is not None
    assert compare(*arms, CLICK_THROUGH, covariate=CLICK_THROUGH_BEFORE, **plan) is None
