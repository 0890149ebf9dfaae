"""A merge of two visitors is counted as if one had done it all, at the cost of what these two did."""

from __future__ import annotations

import random
from functools import partial

import pytest

from app.measure.experiment.metrics import metric_named
from app.record.merging import merge
from app.store import Store, Writer
from app.store.engines import Connection
from app.store.measures.experiments import LedgerEvent, ledger_events
from app.store.visitors import get_visitor
from app.values.kind import BUILT_IN
from tests.app.measure.experiment.test_ledger import counts, open_ledger
from tests.app.measure.traffic import Traffic


@pytest.fixture
def traffic(writer: Writer, now: float) -> Traffic:
    return Traffic(writer, now)


def merge_visitors(store: Store, writer: Writer, gone: str, kept: str) -> None:
    """Make two visitors one."""
    into = get_visitor(store.reader(), kept)
    assert into is not None
    assert writer.run(lambda db: merge(db, gone, into, 1e9)).done


@pytest.mark.parametrize("seed", range(4))
def test_a_merge_is_counted_as_if_one_visitor_had_done_it_all(store: Store, traffic: Traffic, seed: int) -> None:
    rng = random.Random(seed)
    named = ("use per visitor", "return within 1 day")
    metrics = tuple(metric_named(name, BUILT_IN) for name in named)
    ledgers = [open_ledger(store, window_events=7, metrics=partial(tuple, chosen)) for chosen in ((), metrics)]
    people = [f"v{number}" for number in range(8)]
    slates: list[tuple[str, str]] = []
    for name in people:
        traffic.visitor(name, rng.choice(["control", "treatment"]), holdout=rng.random() < 0.1)
    for step in range(90):
        name = rng.choice(people)
        if not slates or rng.random() < 0.3:
            slates.append((name, traffic.page(name, rng.sample(range(12), 3), [])))
            traffic.now += rng.choice([0.0, 5_000.0])
        owner, slate = rng.choice([pair for pair in slates if pair[0] in people])
        kind = rng.choice(["view", "click", "click", "use", "dislike"])
        traffic.event(owner, rng.randrange(12), kind, slate, undo=rng.random() < 0.1)
        if step % 20 == 19:
            for ledger in ledgers[: rng.randrange(3)]:
                ledger.follow()
            gone, kept = rng.sample(people, 2)
            merge_visitors(store, traffic.writer, gone, kept)
            people.remove(gone)
            slates = [(kept if whose == gone else whose, slate) for whose, slate in slates]
    for ledger, chosen in zip(ledgers, ((), metrics), strict=True):
        fresh = open_ledger(store, window_events=7, metrics=partial(tuple, chosen)).follow()
        assert repr(ledger.follow()) == repr(fresh)


def test_a_merge_reads_what_these_visitors_did_and_nothing_else(
    store: Store, traffic: Traffic, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ann", "bob", "cy"):
        traffic.visitor(name, "control")
        traffic.page(name, [1, 2, 3], [1])
    ledger = open_ledger(store)
    assert counts(ledger.follow(), "control")["visitors"] == 3
    merge_visitors(store, traffic.writer, "ann", "bob")
    read: list[int] = []

    def reading(conn: Connection, after: int, limit: int) -> list[LedgerEvent]:
        found = ledger_events(conn, after, limit)
        read.append(len(found))
        return found

    monkeypatch.setattr("app.measure.experiment.ledger.ledger_events", reading)
    assert counts(ledger.follow(), "control") == {"visitors": 2, "impressions": 9, "clicks": 3}
    assert read == [0], "nothing that was counted before"
