"""Slates are logged exactly and found again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.store import Store, Writer
from app.store.engines import INTEGRITY_ERRORS
from app.store.slates import LoggedSlate, get_slate, log_slates
from app.store.visitors import ensure_visitor, export_visitor
from app.values.visitor import Visitor

SLATE = LoggedSlate(
    slate_id="slate-1",
    page_id="page-1",
    visitor_id="visitor-1",
    shelf="for-you",
    policy="als+explore",
    arm="treatment",
    model_version=3,
    served_at=1000.5,
    origin="real",
    items=("item-002", "item-000"),
    sources=("als", "explore"),
    propensities=(0.92, 0.08 / 199),
    scores=(0.1 + 0.2, None),
)


def test_a_slate_comes_back_to_the_last_bit(store: Store, writer: Writer, visitor: Visitor) -> None:
    writer.run(lambda db: (ensure_visitor(db, visitor), log_slates(db, [SLATE, replace(SLATE, slate_id="slate-2")])))
    assert get_slate(store.reader(), "slate-1") == SLATE
    assert get_slate(store.reader(), "slate-3") is None


@pytest.mark.parametrize("item_id", ["half of \ud83d", "żółw “8”", "a\\b\n"])
def test_whatever_an_id_holds_comes_back(store: Store, writer: Writer, visitor: Visitor, item_id: str) -> None:
    slate = replace(SLATE, items=(item_id, "item-000"))
    writer.run(lambda db: (ensure_visitor(db, visitor), log_slates(db, [slate])))
    assert get_slate(store.reader(), "slate-1") == slate


def test_a_slate_of_a_trial_says_who_put_each_entry_there(store: Store, writer: Writer, visitor: Visitor) -> None:
    slate = replace(SLATE, teams=("challenger", "explore"), challenger_version=4)
    writer.run(lambda db: (ensure_visitor(db, visitor), log_slates(db, [slate])))
    assert get_slate(store.reader(), "slate-1") == slate
    exported = export_visitor(store.reader(), visitor.visitor_id)
    assert exported is not None
    assert exported["slates"][0]["teams"] == ["challenger", "explore"]
    with pytest.raises(ValueError, match="the challenger and the teams of a trial, or neither"):
        replace(SLATE, teams=("challenger", "explore"))
    with pytest.raises(ValueError, match="2 items and 1 teams"):
        replace(slate, teams=("challenger",))


def test_a_slate_of_nobody_and_a_slate_id_used_twice_are_refused(writer: Writer, visitor: Visitor) -> None:
    with pytest.raises(INTEGRITY_ERRORS):
        writer.run(lambda db: log_slates(db, [SLATE]))
    writer.run(lambda db: (ensure_visitor(db, visitor), log_slates(db, [SLATE])))
    with pytest.raises(INTEGRITY_ERRORS):
        writer.run(lambda db: log_slates(db, [SLATE]))


def test_a_slate_has_one_of_everything_an_entry() -> None:
    with pytest.raises(ValueError, match="2 items, 2 sources, 1 propensities and 2 scores"):
        replace(SLATE, propensities=(1.0,))
