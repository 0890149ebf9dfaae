"""Visitors who are asked which side of a trial they like better."""

from __future__ import annotations

from functools import partial

from sqlite_utils import Database

from app.record.filling import store_events
from app.store.events import NewEvent
from app.store.slates import LoggedSlate, log_slates
from tests.app.learn.traffic import Traffic, item_id


def ask(traffic: Traffic, version: int | None, visitors: int, side: int = 1, *, name: str = "asked") -> None:
    """Visitors who see a shelf of the trial of `version`, and each click the entry of a side: 0 the champion's."""
    for number in range(visitors):
        visitor_id = f"{name}-{number}"
        traffic.visitor(visitor_id, holdout=True)
        slate = LoggedSlate(
            slate_id=f"slate-{visitor_id}",
            page_id=f"page-{visitor_id}",
            visitor_id=visitor_id,
            shelf="for-you",
            policy="als+interleave+explore",
            arm="treatment",
            model_version=1,
            served_at=traffic.now,
            origin="real",
            items=(item_id(1), item_id(2)),
            sources=("als", "als"),
            propensities=(0.46, 0.46),
            scores=(None, None),
            teams=None if version is None else ("champion", "challenger"),
            challenger_version=version,
        )
        click = NewEvent(
            f"click-{visitor_id}",
            visitor_id,
            item_id(side + 1),
            "click",
            traffic.now,
            "real",
            slate_id=slate.slate_id,
            position=side + 1,
        )
        traffic.writer.run(partial(_store, slate=slate, click=click))


def _store(db: Database, slate: LoggedSlate, click: NewEvent) -> None:
    log_slates(db, [slate])
    store_events(db, [click], click.received_at)
