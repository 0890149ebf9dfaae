"""Click-through by arm: what counts, whose counts, and how sure it is."""

from __future__ import annotations

import numpy as np
import pytest

from app.measure.click_through import arm_result, click_through
from app.store import Store, Writer
from app.store.experiments import VisitorClicks
from tests.app.measure.traffic import Traffic


@pytest.fixture
def traffic(writer: Writer, now: float) -> Traffic:
    return Traffic(writer, now)


def test_distinct_entries_are_counted_by_arm(store: Store, traffic: Traffic) -> None:
    traffic.visitor("c1", "control")
    traffic.visitor("c2", "control")
    traffic.visitor("t1", "treatment")
    traffic.visitor("silent", "treatment")
    slate = traffic.page("c1", [1, 2, 3, 4], [2])
    traffic.event("c1", 2, "view", slate)
    traffic.event("c1", 2, "click", slate)
    traffic.page("c2", [1, 2], [])
    traffic.page("t1", [1, 2], [1, 2])
    traffic.page("t1", [1, 2], [1])
    traffic.event("t1", 9, "click")

    control, treatment = click_through(store.reader(), ["real"])
    assert (control.arm, control.visitors, control.impressions, control.clicks) == ("control", 2, 6, 1)
    assert (treatment.arm, treatment.visitors, treatment.impressions, treatment.clicks) == ("treatment", 1, 4, 3)
    assert control.rate == pytest.approx(1 / 6)
    assert control.low is not None
    assert control.high is not None
    assert control.low <= control.rate <= control.high
    assert (treatment.rate, treatment.low, treatment.high) == (0.75, None, None)


def test_a_click_without_a_recorded_impression_is_an_impression_too(store: Store, traffic: Traffic) -> None:
    traffic.visitor("no-scripts", "control")
    slate = traffic.page("no-scripts", [], [])
    traffic.event("no-scripts", 1, "click", slate)
    control = click_through(store.reader(), ["real"])[0]
    assert (control.impressions, control.clicks) == (1, 1)


def test_visitors_who_chose_their_arm_are_left_out(store: Store, traffic: Traffic) -> None:
    traffic.visitor("chose", "control", arm_source="chosen")
    traffic.page("chose", [1, 2], [1])
    control = click_through(store.reader(), ["real"])[0]
    assert (control.visitors, control.impressions, control.rate, control.low) == (0, 0, None, None)


def test_origins_are_mixed_only_when_asked_to(store: Store, traffic: Traffic) -> None:
    traffic.visitor("person", "control")
    traffic.visitor("robot", "control", origin="simulated")
    traffic.page("person", [1, 2], [])
    traffic.page("robot", [1, 2], [1], origin="simulated")
    conn = store.reader()
    counts = {
        origins: click_through(conn, origins)[0].impressions
        for origins in (("real",), ("simulated",), ("real", "simulated"))
    }
    assert counts == {("real",): 2, ("simulated",): 2, ("real", "simulated"): 4}
    assert click_through(conn, ["simulated"])[0].origins == ("simulated",)
    with pytest.raises(ValueError, match="name whose visitors to count"):
        click_through(conn, [])


def test_visitors_who_are_all_alike_do_not_make_a_sure_thing() -> None:
    result = arm_result("control", ["real"], [VisitorClicks(f"v{n}", "real", "control", 10, 0) for n in range(20)])
    assert result.rate == 0
    assert result.low == 0
    assert result.high == pytest.approx(0.161, abs=0.001)


def test_the_interval_covers_the_true_rate_of_uneven_visitors() -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(400):
        rates = rng.beta(2, 18, size=150)
        impressions = rng.integers(5, 60, size=150)
        visitors = [
            VisitorClicks(f"v{n}", "real", "control", int(seen), int(rng.binomial(seen, rate)))
            for n, (seen, rate) in enumerate(zip(impressions, rates, strict=True))
        ]
        result = arm_result("control", ["real"], visitors)
        assert result.low is not None
        assert result.high is not None
        covered += result.low <= 0.1 <= result.high
    assert 0.92 <= covered / 400 <= 0.98
