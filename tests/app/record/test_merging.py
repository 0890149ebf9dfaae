"""Two ids of one person become one visitor: what stands is what the fold makes of both histories in their order."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.catalog import Catalog
from app.learn.training_state import TrainingState
from app.measure.experiment.ledger import open_ledger
from app.record import EventBatch, merging
from app.record.merging import NobodyToMergeError, merge
from app.serve.popularity import PopularityBoard
from app.store import VisitorErasedError, VisitorMergedError
from app.store.erasing.scrubbing import is_in_file
from app.store.interactions import visitor_interactions
from app.store.measures.exclusions import excluded_visitors
from app.store.merges import assignment_of
from app.store.pages import log_page
from app.store.slates import log_slates
from app.store.visitors import ensure_visitor, export_visitor, get_visitor
from app.values.interaction import Interaction
from app.values.visitor import Visitor
from app.visitors.contribution import contribution_rules
from app.visitors.erasure import erase
from app.visitors.history import history_of
from app.visitors.merging import MergeError
from tests.app.site_by_hand import ITEMS, SHELF, VISITORS, Site, open_site
from tests.conftest import NOW, NewUrl, make_items

A, B = "item-001", "item-002"
BEFORE, LATER = VISITORS["ann"], VISITORS["bob"]

ACT = st.tuples(
    st.sampled_from([f"item-{n:03}" for n in range(ITEMS)]),
    st.sampled_from(["view", "click", "like", "dislike", "save", "use"]),
    st.booleans(),
)
STEPS = st.lists(st.tuples(st.sampled_from(["ann", "bob"]), st.lists(ACT, min_size=1, max_size=4)), max_size=12)


def merged(site: Site, merged_id: str = "ann", into: Visitor = LATER) -> merging.Merge:
    return site.writer.run(partial(merge, merged_id=merged_id, into=into, at=site.now))


def sums(rows: list[Interaction]) -> dict[tuple[str, str], tuple[float, float]]:
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for row in rows:
        weight, held = found.get((row.item_id, row.kind), (0.0, 0.0))
        found[row.item_id, row.kind] = (weight + row.weight, held + row.held)
    return {key: value for key, value in found.items() if value != (0.0, 0.0)}


def weights_of(site: Site, visitor_id: str) -> list[tuple[str, float]]:
    rows = visitor_interactions(site.store.reader(), visitor_id)
    return list(history_of(rows, site.settings.kind_weights(), 1000).weights.items())


@given(steps=STEPS, expired=st.booleans())
@hypothesis_settings(deadline=None, max_examples=15)
def test_a_merge_leaves_what_one_visitor_who_did_it_all_would_have(
    new_url: NewUrl, steps: list[tuple[str, list[tuple[str, str, bool]]]], expired: bool
) -> None:
    with open_site(database_url=new_url()) as site, open_site(database_url=new_url()) as other:
        for name, acts in steps:
            site.do(name, *acts)
            other.do("cy", *acts)
        assert merged(site).done
        if expired:  # what stands outlives the events that made it: merged once more, it is made of rows alone
            site.writer.run(lambda db: db.conn.execute("DELETE FROM events"))
            assert site.writer.run(partial(merge, merged_id="bob", into=VISITORS["cy"], at=site.now)).done
        name = "cy" if expired else "bob"
        assert sums(visitor_interactions(site.store.reader(), name)) == sums(
            visitor_interactions(other.store.reader(), "cy")
        )
        assert weights_of(site, name) == weights_of(other, "cy"), "in the order in which it was done"
        assert visitor_interactions(site.store.reader(), "ann") == []


@given(steps=STEPS, judge=st.sampled_from(["ann", "bob", "judge"]))
@hypothesis_settings(deadline=None, max_examples=8)
def test_readers_that_follow_and_readers_that_begin_say_the_same_after_a_merge(
    new_url: NewUrl, steps: list[tuple[str, list[tuple[str, str, bool]]]], judge: str
) -> None:
    with open_site(database_url=new_url()) as site:
        site.do("cy", (A, "click", False), (B, "like", False))
        for name, acts in steps:
            site.do(judge if name == "ann" else name, *acts)
        ledger = open_ledger(site.store, site.settings)
        site.trainer.follow(site.store)
        ledger.follow()
        site.board.order()
        into = VISITORS["ann"] if judge == "bob" else LATER
        assert merged(site, judge, into).done
        if steps:
            site.do("cy", (A, "like", False))
        anew = TrainingState(site.settings, None)
        for trainer in (site.trainer, anew):
            trainer.follow(site.store)
        assert site.trainer.als is not None
        assert anew.als is not None
        for name in VISITORS:
            followed, begun_anew = site.trainer.als.log.history(name), anew.als.log.history(name)
            assert list(followed) == list(begun_anew)
            assert followed == pytest.approx(begun_anew)
        assert site.trainer.holdout_rows == anew.holdout_rows
        rules = contribution_rules(site.settings)
        fresh = PopularityBoard(
            site.store, Catalog.from_items(make_items(ITEMS)), rules, epoch=NOW, now=lambda: NOW + 1e9
        )
        assert list(site.board.order()) == list(fresh.order())
        begun = open_ledger(site.store, site.settings)
        assert repr(ledger.follow()) == repr(begun.follow())  # arrays among the sums
        assert begun._counting.visitors.find(judge) is None, "one visitor, and one exposure"


def assigned(site: Site, name: str, **changes: Any) -> Visitor:
    """Somebody who came, and has seen a page."""
    visitor = replace(LATER, visitor_id=name, **changes)
    shown = replace(SHELF, slate_id=f"of-{name}", visitor_id=name, served_at=visitor.created_at, arm=visitor.arm)
    site.writer.run(partial(ensure_visitor, visitor=visitor))
    site.writer.run(partial(log_slates, slates=[shown]))
    return visitor


@pytest.mark.parametrize(
    ("kept", "gone", "expected"),
    [
        # The first assignment stays, whichever id it was of.
        (
            {"created_at": 2.0, "arm": "control"},
            {"created_at": 1.0, "arm": "treatment"},
            ("treatment", "assigned", "gone"),
        ),
        (
            {"created_at": 1.0, "arm": "control"},
            {"created_at": 2.0, "arm": "treatment"},
            ("control", "assigned", "kept"),
        ),
        # Who chose an arm has left the comparison, and stays out of it.
        (
            {"created_at": 1.0, "arm": "control"},
            {"created_at": 2.0, "arm": "treatment", "arm_source": "chosen"},
            ("treatment", "chosen", "gone"),
        ),
        # A customer of an imported past had not come yet: nobody had assigned them.
        (
            {"created_at": 1.0, "arm": "control", "origin": "imported"},
            {"created_at": 2.0, "arm": "treatment"},
            ("treatment", "assigned", "gone"),
        ),
    ],
)
def test_the_first_assignment_stays_and_its_exposure_counts_once(
    new_url: NewUrl, kept: dict[str, Any], gone: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    with open_site(database_url=new_url()) as site:
        into, before = assigned(site, "kept", **kept), assigned(site, "gone", **gone)
        done = site.writer.run(partial(merge, merged_id="gone", into=into, at=site.now))
        assert done.moved.slates == 1
        stored = get_visitor(site.store.reader(), "kept")
        assert stored == done.visitor == get_visitor(site.store.reader(), "gone")
        assert stored is not None
        assert (stored.arm, stored.arm_source, stored.created_at) == (
            *expected[:2],
            min(into.created_at, before.created_at),
        )
        assert assignment_of(site.store.reader(), stored).hashed_id == expected[2]
        ledger = open_ledger(site.store, site.settings)
        ledger.follow()
        place = ledger._counting.visitors.find("kept")
        assert place is not None
        assert ledger._counting.visitors.slates[place] == 2
        assert ledger._counting.visitors.group(place) == ("real", expected[0])
        assert ledger._counting.visitors.counted[place] == (expected[1] == "assigned")
        assert ledger._counting.visitors.find("gone") is None


def test_merging_again_changes_nothing_and_chains_end_at_who_they_are_now(new_url: NewUrl) -> None:
    with open_site(database_url=new_url()) as site:
        site.do("ann", (A, "like", False), (B, "click", False))
        assert merged(site).done
        before = export_visitor(site.store.reader(), "bob")
        again = merged(site)
        assert (again.done, again.visitor.visitor_id) == (False, "bob")
        assert not merged(site, "bob", BEFORE).done, "the other way round they are one as well"
        assert export_visitor(site.store.reader(), "bob") == before
        with pytest.raises(MergeError, match="was merged into another visitor before"):
            merged(site, "ann", VISITORS["cy"])
        assert merged(site, "bob", VISITORS["cy"]).done
        assert get_visitor(site.store.reader(), "ann") == get_visitor(site.store.reader(), "cy")
        with pytest.raises(NobodyToMergeError):
            merged(site, "nobody")


def test_one_deed_that_both_ids_sent_counts_once_and_another_of_the_same_id_is_kept(new_url: NewUrl) -> None:
    with open_site(database_url=new_url()) as site:
        for name, kind in (("ann", "use"), ("bob", "use")):
            event = {"event_id": "order-1", "kind": kind, "item_id": A}
            site.recorder.record(EventBatch.model_validate({"events": [event]}), VISITORS[name], site.now)
        for name, item in (("ann", A), ("bob", B)):
            event = {"event_id": "e1", "kind": "click", "item_id": item}
            site.recorder.record(EventBatch.model_validate({"events": [event]}), VISITORS[name], site.now)
        done = merged(site)
        assert (done.moved.events, done.moved.repeated) == (1, 1)
        export = export_visitor(site.store.reader(), "bob")
        assert export is not None
        assert sorted((row["item_id"], row["kind"]) for row in export["events"]) == [
            (A, "click"),
            (A, "use"),
            (B, "click"),
        ]


def test_who_was_excluded_under_either_id_stays_so_once(new_url: NewUrl) -> None:
    with open_site(database_url=new_url()) as site:
        site.do("ann", (A, "like", False))
        site.exclude("ann")
        merged(site)
        assert excluded_visitors(site.store.reader()) == {"bob"}
        site.exclude("cy")
        merged(site, "bob", VISITORS["cy"])
        assert excluded_visitors(site.store.reader()) == {"cy"}


def test_a_merge_that_is_stopped_in_the_middle_leaves_both_as_they_were(
    new_url: NewUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_site(database_url=new_url()) as site:
        site.do("ann", (A, "like", False))
        site.do("bob", (B, "click", False))
        before = [export_visitor(site.store.reader(), name) for name in ("ann", "bob")]
        monkeypatch.setattr(merging, "fold_events", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            merged(site)
        assert [export_visitor(site.store.reader(), name) for name in ("ann", "bob")] == before


def test_what_was_on_its_way_under_the_old_id_is_the_visitors_as_well(new_url: NewUrl) -> None:
    with open_site(database_url=new_url()) as site:
        site.do("ann", (A, "like", False))
        merged(site)
        site.do("ann", (B, "like", False))  # a request that found out whose it is before the merge
        late = replace(SHELF, slate_id="late", visitor_id="ann")
        site.writer.run(partial(log_page, visitor=BEFORE, slates=[late]))
        export = export_visitor(site.store.reader(), "bob")
        assert export is not None
        assert "late" in {row["slate_id"] for row in export["slates"]}
        assert weights_of(site, "bob") == [(A, 3.0), (B, 3.0)]
        with pytest.raises(VisitorMergedError):
            site.writer.run(partial(ensure_visitor, visitor=BEFORE))


def test_real_and_simulated_visitors_are_never_one(new_url: NewUrl) -> None:
    with open_site(database_url=new_url()) as site:
        assigned(site, "robot", origin="simulated")
        with pytest.raises(MergeError, match="one is real and the other simulated"):
            merged(site, "robot")


def test_an_erasure_under_either_id_takes_both(new_url: NewUrl, tmp_path: Path) -> None:
    for named in ("anonymous-of-the-cookie", "customer-0815"):
        with open_site(database_url=new_url()) as site:
            into, _ = assigned(site, "customer-0815"), assigned(site, "anonymous-of-the-cookie")
            site.writer.run(partial(merge, merged_id="anonymous-of-the-cookie", into=into, at=site.now))
            counts = erase(site.writer, named, 5.0)
            assert (counts["visitors"], counts["merges"], counts["slates"]) == (1, 1, 2)
            for gone in ("anonymous-of-the-cookie", "customer-0815"):
                assert get_visitor(site.store.reader(), gone) is None
                assert not is_in_file(site.settings.event_database, gone), "a server has no file of ours"
                with pytest.raises(VisitorErasedError):
                    site.writer.run(partial(ensure_visitor, visitor=replace(LATER, visitor_id=gone)))
