"""The growth curve keeps origins apart and a bounded number of windows; the slope says when it knows too little."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import poisson

from app.measure.dashboard.growth import GrowthCurve, growth_curve
from app.measure.dashboard.momentum import Arrow, _count, lifts, mark_lagging, momentum, slope
from app.measure.experiment.ratio import Rate
from app.measure.experiment.windows import WindowClicks
from app.models.registry_rows import ModelVersion
from app.store import Store, Writer
from app.values.interval import Interval
from tests.app.measure.traffic import Traffic


def window(number: int, arm: str, clicks: int, *, origin: str = "simulated") -> WindowClicks:
    bounds = Interval(clicks / 1000, clicks / 1000 - 0.02, clicks / 1000 + 0.02)
    rate = Rate(clicks / 1000, bounds, clicks, 1000, 50)
    first = number * 1000 + 1
    return WindowClicks(number, first, first + 999, 0.0, float(number), True, origin, arm, rate)


def version(number: int, gain: float | None, kind: str = "update") -> ModelVersion:
    interval = {"mean": gain, "low": -1.0, "high": 1.0}
    metrics = {"cases": 9} | (
        {} if gain is None else dict.fromkeys(("candidate", "popularity", "over_popularity"), interval)
    )
    return ModelVersion(
        number, 1.0, kind, "retired", None, number * 1000, 1, 1, 1, {}, "", "", {}, metrics, "", "", "", 1.0
    )  # fmt: skip


def test_every_version_is_a_point_and_retrains_are_marked() -> None:
    curve = growth_curve([version(2, None), version(1, 0.1, "fit")], [])
    assert [(point.version, point.events, point.retrained) for point in curve.models] == [
        (1, 1000, True),
        (2, 2000, False),
    ]
    assert curve.models[0].gain is not None
    assert curve.models[1].quality is None, "what the gate could not measure stays unmeasured"


def test_windows_are_summed_up_to_so_many_and_nothing_is_lost() -> None:
    windows = [window(number, arm, 40 + number) for number in range(100) for arm in ("control", "treatment")]
    line = growth_curve([], windows, most_windows=40).line("simulated", "treatment")
    assert len(line) == 25
    assert sum(point.clicks for point in line) == sum(40 + number for number in range(100))
    assert (line[0].first_seq, line[0].last_seq) == (1, 4000)
    # Four independent windows of equal weight: half the width of one.
    assert line[0].rate is not None
    assert line[0].high == pytest.approx(line[0].rate + 0.01)
    assert line[0].closed


def test_a_stretch_is_the_same_for_both_arms_though_one_was_away_for_part_of_it() -> None:
    windows = [window(n, "treatment", 50) for n in range(4)] + [window(0, "control", 40)]
    curve = growth_curve([], windows, most_windows=1)
    (control,) = curve.line("simulated", "control")
    assert (control.last_seq, control.closed) == (4000, True)
    assert lifts(curve, "simulated") == [(4000.0, pytest.approx(0.25))]


def test_origins_are_never_summed_up_together() -> None:
    curve = growth_curve([], [window(0, "control", 40), window(0, "control", 90, origin="real")])
    assert [point.clicks for point in curve.line("real", "control")] == [90]
    assert [point.clicks for point in curve.line("simulated", "control")] == [40]


def test_the_lift_of_a_window_is_treatment_over_control() -> None:
    curve = growth_curve([], [window(0, "control", 40), window(0, "treatment", 50), window(1, "treatment", 50)])
    assert lifts(curve, "simulated") == [(1000.0, pytest.approx(0.25))]


def test_a_slope_is_found_beside_a_point_that_is_far_off() -> None:
    points = [(1000.0 * n, 0.01 * n) for n in range(1, 12)]
    points[5] = (6000.0, 9.0)
    found = slope("quality", points)
    assert found.per_1000 is not None
    assert found.per_1000.value == pytest.approx(0.01)
    assert "rose" in found.sentence


def test_noise_has_no_sure_slope() -> None:
    noise = np.random.default_rng(3).normal(size=20)
    assert "did not surely change" in slope("quality", [(1000.0 * n, v) for n, v in enumerate(noise)]).sentence


def test_too_few_points_are_said_to_be_too_few() -> None:
    found = slope("quality", [(1.0, 1.0)] * 9)
    assert found.per_1000 is None
    assert "Too little to tell: 9 points" in found.sentence
    assert "1 point of quality" in slope("quality", [(1.0, 1.0)]).sentence


def test_the_arrow_whose_change_is_lowest_lags() -> None:
    arrow = Arrow("value", "", "", None, None, None, "")
    arrows = [dataclasses.replace(arrow, standardised=change) for change in (None, 2.0, -1.0, 0.0)]
    assert [a.lags for a in mark_lagging(arrows)] == [False, False, True, False]
    assert not any(a.lags for a in mark_lagging([arrow]))


def test_arrows_compare_the_newest_stretch_with_the_one_before(store: Store, writer: Writer, now: float) -> None:
    traffic = Traffic(writer, now)
    traffic.visitor("c", "control", origin="simulated")
    traffic.visitor("t", "treatment", origin="simulated")
    for item in range(4):
        traffic.event("c", item, "click", origin="simulated")
    traffic.event("c", 9, "use", origin="simulated", days=2)
    for item in range(3):
        traffic.event("t", item, "click", origin="simulated", days=1)
    found = momentum(store.reader(), GrowthCurve((), ()), "simulated")
    value, users, *_, back = found.arrows
    assert found.before is not None
    assert found.newest is not None
    assert (found.before.events, found.newest.events) == (4, 4)
    assert (value.value.value, value.before.value) == (0.5, 0.0)  # type: ignore[union-attr]
    assert (users.value.value, users.before.value) == (2, 1)  # type: ignore[union-attr]
    assert found.newest.returned == 2, "both had come a day or more before"
    assert back.before is None, "without treatment there is no difference"


def test_without_events_there_are_no_arrows(store: Store) -> None:
    found = momentum(store.reader(), GrowthCurve((), ()), "real")
    assert (found.arrows, found.newest) == ((), None)


def test_nothing_counted_is_not_surely_nothing() -> None:
    found = _count(0, 2.0)
    assert found is not None
    assert (found.value, found.low, found.high) == (0.0, 0.0, pytest.approx(3.689 / 2, abs=1e-3))
    for count in (1, 10, 1_000):
        some = _count(count, 1.0)
        assert some is not None
        assert (some.low, some.high) == pytest.approx(poisson_exact(count))


def poisson_exact(count: int) -> tuple[float, float]:
    """Garwood's interval by the other road: the means at which such a count is just still to be expected."""
    low = brentq(lambda mean: poisson.sf(count - 1, mean) - 0.025, 1e-9, count)
    return low, brentq(lambda mean: poisson.cdf(count, mean) - 0.025, count, 10 * count + 10)
