"""What waits to be learned is what would train, of whomever it comes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.store import Store, Writer
from app.store.events import last_seq
from app.store.measures.exclusions import NewExclusion, exclude
from app.visitors import unlearned
from app.visitors.contribution import ContributionRules
from app.visitors.unlearned import Unlearned, read_unlearned
from tests.app.measure.traffic import Traffic

RULES = ContributionRules({"click": 1.0, "like": 3.0}, trust_after_s=120.0, first_visit_weight=1.0)


@pytest.fixture
def traffic(writer: Writer, now: float) -> Traffic:
    found = Traffic(writer, now)
    for name in ("a", "b", "c"):
        found.visitor(name, "treatment")
    return found


def waits(store: Store, watermark: int = 0, rules: ContributionRules = RULES) -> int:
    return read_unlearned(store.reader(), watermark, rules).changes


def test_who_only_looked_leaves_nothing_to_learn(traffic: Traffic, store: Store) -> None:
    traffic.page("a", range(20), [])
    assert read_unlearned(store.reader(), 0, RULES) == Unlearned()


def test_choices_after_the_watermark_wait_since_the_oldest_came(traffic: Traffic, store: Store, now: float) -> None:
    traffic.page("a", range(5), [1, 2])
    known = last_seq(store.reader())
    traffic.page("b", range(5), [3])
    traffic.event("a", 1, "click", undo=True)
    assert waits(store) == 2, "of three choices one was taken back"
    assert waits(store, known) == 2, "one comes and one goes"
    assert read_unlearned(store.reader(), known, RULES).since == now
    assert waits(store, last_seq(store.reader())) == 0


def test_what_trains_nothing_does_not_wait(traffic: Traffic, store: Store, writer: Writer) -> None:
    traffic.visitor("judge", "treatment", holdout=True)
    traffic.page("judge", range(5), [1])
    traffic.event("a", 1, "click")  # by a link, in a first visit
    assert waits(store) == 0
    traffic.event("b", 1, "like", traffic.page("b", range(5), [1]))
    assert waits(store) == 1, "an item of a first visit trains by no more than a click"
    assert waits(store, rules=replace(RULES, first_visit_weight=9.0)) == 2
    writer.run(lambda db: exclude(db, [NewExclusion("b", "by hand", "a test", {})], "a test", 0.0))
    assert waits(store) == 0


def test_a_trainer_that_stopped_long_ago_costs_bounded_reads(
    traffic: Traffic, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        traffic.page(name, range(12), range(12))
    assert waits(store) == 36
    monkeypatch.setattr(unlearned, "MOST_VISITORS", 1)
    monkeypatch.setattr(unlearned, "_PAGE", 7)
    assert waits(store) == 36
    monkeypatch.setattr(unlearned, "MOST_ROWS", 14)
    assert waits(store) == 14
