"""The ledger counts what the database holds, whenever it looks, at a cost that follows what is new."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from app.measure.experiment.ledger import Ledger
from app.measure.experiment.ledger_state import LedgerState
from app.measure.experiment.ratio import (
    COLUMNS,
    OPENED_HIDES_PER_CLICK,
    UNOPENED_HIDES_PER_IMPRESSION,
    compare,
)
from app.store import Store, Writer
from app.store.measures.assignments import note_assignment
from app.store.measures.exclusions import NewExclusion, exclude
from app.store.visitors import erase_visitor, set_arm
from tests.app.measure.traffic import Traffic

COUNTS = COLUMNS

ENTRIES = """
SELECT count(*), sum(clicked) FROM (
    SELECT visitor_id, max(CASE WHEN kind = 'click' THEN 1 ELSE 0 END) AS clicked FROM events
    WHERE slate_id IS NOT NULL AND kind IN ('view', 'click') GROUP BY visitor_id, slate_id, item_id
) AS entries JOIN visitors USING (visitor_id) WHERE arm = ?
"""
"""Entries that were seen or clicked in an arm, and those clicked, counted from scratch; nothing is ever undone here."""


@pytest.fixture
def traffic(writer: Writer, now: float) -> Traffic:
    return Traffic(writer, now)


def open_ledger(store: Store, **changes: Any) -> Ledger:
    return Ledger(store, experiment="for-you", control_share=0.1, **changes)


def counts(state: LedgerState, arm: str, origin: str = "real") -> dict[str, float]:
    """Sums of one arm by name, zeros left out."""
    totals = state.arm(origin, arm)
    return {} if totals is None else {name: n for name in COUNTS if (n := totals.moments.total(name))}


def test_distinct_entries_uses_and_hides_are_counted_by_arm(store: Store, traffic: Traffic) -> None:
    traffic.visitor("c1", "control")
    traffic.visitor("t1", "treatment")
    slate = traffic.page("c1", [1, 2, 3, 4], [2])
    for kind in ("view", "click", "use", "use"):
        traffic.event("c1", 2, kind, slate)
    traffic.event("c1", 9, "click")
    traffic.event("c1", 4, "dislike")
    traffic.page("t1", [1, 2], [1, 2])
    traffic.event("t1", 7, "click", traffic.page("t1", [], []))
    state = open_ledger(store).follow()
    assert counts(state, "control") == {
        "visitors": 1,
        "impressions": 4,
        "clicks": 1,
        "uses": 1,
        "users": 1,
        "hides": 1,
        "unopened_hides": 1,
    }
    assert counts(state, "treatment") == {"visitors": 1, "impressions": 3, "clicks": 3}
    treatment = state.arm("real", "treatment")
    assert treatment is not None
    assert (treatment.slates, treatment.exposed, treatment.chose) == (2, 1, 0)


def test_a_use_that_is_taken_back_counts_no_more(store: Store, traffic: Traffic) -> None:
    traffic.visitor("c", "control")
    traffic.page("c", [1, 2], [1])
    ledger = open_ledger(store)
    traffic.event("c", 1, "use")
    assert counts(ledger.follow(), "control")["users"] == 1
    traffic.event("c", 1, "use", undo=True)
    traffic.event("c", 2, "use", undo=True)
    assert counts(ledger.follow(), "control") == {"visitors": 1, "impressions": 2, "clicks": 1}


def test_hides_are_told_apart_by_whether_the_item_was_opened_before(store: Store, traffic: Traffic) -> None:
    traffic.visitor("t", "treatment")
    slate = traffic.page("t", [1, 2, 3], [1, 2])
    ledger = open_ledger(store)
    for item in (1, 3):
        traffic.event("t", item, "dislike", slate)
    found = counts(ledger.follow(), "treatment")
    assert (found["hides"], found["opened_hides"], found["unopened_hides"]) == (2, 1, 1)
    traffic.event("t", 3, "click", slate)  # opened later, from a link: the mark was made without
    traffic.event("t", 3, "dislike", slate, undo=True)
    found = counts(ledger.follow(), "treatment")
    assert (found["hides"], found["opened_hides"], found.get("unopened_hides", 0)) == (1, 1, 0)
    traffic.event("t", 1, "dislike", slate, undo=True)
    assert "hides" not in counts(ledger.follow(), "treatment")


def test_whoever_opens_more_and_is_disappointed_as_often_breaks_no_guardrail(store: Store, traffic: Traffic) -> None:
    for number in range(240):
        arm = "treatment" if number % 2 else "control"
        traffic.visitor(f"v{number}", arm)
        opened = [1, 2] if arm == "treatment" else [1]
        slate = traffic.page(f"v{number}", list(range(1, 13)), opened)
        for item in opened:
            if (number // 2 + item) % 8 == 0:
                traffic.event(f"v{number}", item, "dislike", slate)
    state = open_ledger(store).follow()
    arms = [state.arm("real", arm) for arm in ("control", "treatment")]
    control, treatment = (arm.moments for arm in arms if arm is not None)
    assert treatment.total("hides") == 2 * control.total("hides"), "per entry seen, it would look twice as bad"
    found = compare(control, treatment, OPENED_HIDES_PER_CLICK, confidence=0.95, expected_visitors=5000)
    assert found is not None
    assert found.lift == pytest.approx(0.0)
    assert compare(control, treatment, UNOPENED_HIDES_PER_IMPRESSION, confidence=0.95, expected_visitors=5000) is None


def test_whenever_it_looks_it_finds_what_a_fresh_one_finds(store: Store, traffic: Traffic) -> None:
    rng = random.Random(3)
    ledger = open_ledger(store, window_events=7)
    slates: list[tuple[str, str]] = []
    for number in range(12):
        traffic.visitor(f"v{number}", rng.choice(["control", "treatment"]))
    for _ in range(60):
        visitor = f"v{rng.randrange(12)}"
        if not slates or rng.random() < 0.4:
            slates.append((visitor, traffic.page(visitor, rng.sample(range(20), 3), [])))
        owner, slate = rng.choice(slates)
        traffic.event(owner, rng.randrange(20), rng.choice(["view", "click", "use", "dislike"]), slate)
        if rng.random() < 0.3:
            ledger.follow()
    state, fresh = ledger.follow(), open_ledger(store, window_events=7).follow()
    for arm in ("control", "treatment"):
        assert counts(state, arm) == counts(fresh, arm)
        entries, clicked = store.reader().execute(ENTRIES, [arm]).fetchone()
        assert (counts(state, arm)["impressions"], counts(state, arm)["clicks"]) == (entries, clicked)
    assert state.windows == fresh.windows
    assert sum(window.rate.denominator for window in state.windows) == sum(
        counts(state, arm)["impressions"] for arm in ("control", "treatment")
    )


def test_a_slate_that_was_put_away_is_read_back(
    store: Store, traffic: Traffic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.measure.experiment.counting._OPEN_SLATES", 1)
    traffic.visitor("c", "control")
    first, second = traffic.page("c", [1, 2], [1]), traffic.page("c", [3], [])
    for item, slate in ((1, first), (3, second), (2, first), (4, first)):
        traffic.event("c", item, "view", slate)
        traffic.event("c", item, "click", slate)
    assert counts(open_ledger(store).follow(), "control") == {"visitors": 1, "impressions": 4, "clicks": 4}


def test_without_anything_new_the_same_state_is_given(store: Store, traffic: Traffic) -> None:
    traffic.visitor("c", "control")
    traffic.page("c", [1], [])
    ledger = open_ledger(store)
    assert ledger.follow() is ledger.follow()


def test_what_was_seen_before_the_start_is_the_pre_period(store: Store, traffic: Traffic, now: float) -> None:
    traffic.visitor("c", "control")
    traffic.page("c", [1, 2, 3], [1])
    later = replace(traffic, now=now + 100, slates=50, events=500)
    later.page("c", [4, 5], [4])
    state = open_ledger(store, start=now + 50).follow()
    assert counts(state, "control") == {
        "visitors": 1,
        "impressions": 2,
        "clicks": 1,
        "impressions_before": 3,
        "clicks_before": 1,
    }
    totals = state.arm("real", "control")
    assert totals is not None
    assert (totals.slates, totals.seen_before) == (1, 1)


def test_a_search_exposes_only_where_its_order_depends_on_the_arm(store: Store, traffic: Traffic, now: float) -> None:
    traffic.visitor("c", "control")
    traffic.visitor("d", "control")
    traffic.page("c", [1, 2], [1], shelf="search", policy="search")
    ledger = open_ledger(store)
    assert counts(ledger.follow(), "control") == {}
    replace(traffic, now=now + 1, slates=50, events=500).page("c", [3], [])
    for state in (ledger.follow(), open_ledger(store).follow()):
        found = counts(state, "control")
        assert (found["visitors"], found["impressions"], found["impressions_before"]) == (1, 1, 2)
    replace(traffic, now=now + 2, slates=60, events=600).page("d", [4], [], shelf="search", policy="search+popularity")
    assert counts(ledger.follow(), "control")["visitors"] == 2


def test_who_chooses_an_arm_leaves_the_sums_and_stays_with_the_split(store: Store, traffic: Traffic) -> None:
    ledger = open_ledger(store)
    for number in range(4):
        traffic.visitor(f"v{number}", "treatment")
        traffic.page(f"v{number}", [1], [])
    assert counts(ledger.follow(), "treatment")["visitors"] == 4
    traffic.writer.run(lambda db: set_arm(db, "v1", "control"))
    state = ledger.follow()
    assert counts(state, "treatment")["visitors"] == 3
    totals = state.arm("real", "treatment")
    assert totals is not None
    assert (totals.exposed, totals.chose) == (4, 1), "the hash had put v1 into treatment"
    assert counts(state, "control") == {}


def test_an_erasure_and_an_exclusion_start_it_anew(store: Store, traffic: Traffic) -> None:
    ledger = open_ledger(store)
    for name in ("a", "b", "c"):
        traffic.visitor(name, "control")
        traffic.page(name, [1, 2], [1])
    assert counts(ledger.follow(), "control")["visitors"] == 3
    traffic.writer.run(lambda db: erase_visitor(db, "a", 0.0))
    assert counts(ledger.follow(), "control") == {"visitors": 2, "impressions": 4, "clicks": 2}
    found = NewExclusion("b", "by hand", "opens everything", {})
    traffic.writer.run(lambda db: exclude(db, [found], "science", 1.0))
    assert counts(ledger.follow(), "control") == {"visitors": 1, "impressions": 2, "clicks": 1}


def test_origins_are_kept_apart(store: Store, traffic: Traffic) -> None:
    traffic.visitor("person", "control")
    traffic.visitor("robot", "control", origin="simulated")
    traffic.page("person", [1], [])
    traffic.page("robot", [1, 2], [1], origin="simulated")
    state = open_ledger(store).follow()
    assert counts(state, "control") == {"visitors": 1, "impressions": 1}
    assert counts(state, "control", "simulated") == {"visitors": 1, "impressions": 2, "clicks": 1}


def test_after_a_change_of_shares_only_visitors_assigned_since_are_compared(
    store: Store, writer: Writer, traffic: Traffic, now: float
) -> None:
    """A sound site at a tenth of control, then at a half: pooled, the split looks wrong by either share."""
    changed = now + 86_400
    writer.run(lambda db: note_assignment(db, "for-you", 0.1, now))
    for number in range(100):
        traffic.visitor(f"old-{number}", "control" if number % 10 == 0 else "treatment")
        traffic.page(f"old-{number}", [1, 2], [1])
    ledger = open_ledger(store, window_events=300)
    assert counts(ledger.follow(), "control") == {"visitors": 10, "impressions": 20, "clicks": 10}
    writer.run(lambda db: note_assignment(db, "for-you", 0.5, changed))
    later = Traffic(writer, changed, traffic.events, traffic.slates)
    for number in range(60):
        later.visitor(f"new-{number}", "control" if number % 2 else "treatment")
        later.page(f"new-{number}", [1, 2, 3], [1, 2])
    later.page("old-0", [4, 5], [4])
    for state in (ledger.follow(), open_ledger(store, window_events=300).follow()):
        for arm in ("control", "treatment"):
            assert counts(state, arm) == {"visitors": 30, "impressions": 90, "clicks": 60}
        assert state.assigned_since == changed
        arms = state.arms
        assert [totals.exposed for totals in arms] == [30, 30]
        first = [window for window in state.windows if window.number == 0]
        assert [window.rate.visitors for window in first] == [10, 90], "what was compared then stays on record"
        newest = [window for window in state.windows if window.number > 0]
        assert sum(window.rate.denominator for window in newest) == 180, "an old visitor's page is left out"


def test_who_chose_an_arm_before_the_shares_changed_is_no_part_of_the_new_split(
    store: Store, writer: Writer, traffic: Traffic, now: float
) -> None:
    writer.run(lambda db: note_assignment(db, "for-you", 0.1, now))
    traffic.visitor("old", "control")
    traffic.page("old", [1], [])
    writer.run(lambda db: note_assignment(db, "for-you", 0.5, now + 10))
    writer.run(lambda db: set_arm(db, "old", "treatment", "chosen"))
    ledger = open_ledger(store)
    assert sum(totals.exposed + totals.chose for totals in ledger.follow().arms) == 0
