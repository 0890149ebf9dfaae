"""Opening an item is a click: recorded once for a slate entry, once a day for an item that was opened without one."""

from __future__ import annotations

import hashlib
from functools import partial

import structlog
from flask import request

from app.record import Recorder
from app.serve.page import Page
from app.serve.waiting import LogSlates
from app.store import StoreError, VisitorErasedError
from app.values.item import Item
from app.values.visitor import Visitor
from app.web.visiting import flywheel, forget_cookie, slate_logging

_log = structlog.get_logger(__name__)
_SECONDS_PER_DAY = 86_400


def record_opening(visitor: Visitor, item: Item, where: tuple[str, int] | None, now: float) -> None:
    """Record that the visitor opened an item, from a slate and position if `where` names them.

    Coming back to the page after a form is no click. What is not sure to be seen waits: see `record_when_seen`. The
    page matters more than the record: what cannot be stored is logged.
    """
    if "seen" in request.args or slate_logging().when is not LogSlates.NOW:
        return
    if where is not None:
        flywheel().serve.note_answers(visitor.visitor_id, [where[0]])
    try:
        _record(flywheel().recorder, visitor, item, where, now)
    except VisitorErasedError:
        forget_cookie()


def record_when_seen(visitor: Visitor, item: Item, where: tuple[str, int] | None, now: float, page: Page) -> None:
    """The part of `record_opening` that waits for a sign that somebody is there, with the page that shows the item."""
    if "seen" in request.args or slate_logging().when in {LogSlates.NOW, LogSlates.NEVER}:
        return
    # Bound to the recorder: the sign comes with another request.
    flywheel().serve.record_when_seen(page, partial(_record_late, flywheel().recorder, visitor, item, where, now))


def _record_late(recorder: Recorder, visitor: Visitor, item: Item, where: tuple[str, int] | None, now: float) -> None:
    try:
        _record(recorder, visitor, item, where, now)
    except VisitorErasedError:
        return  # they asked to be forgotten before the sign came: there is nothing to record


def _record(recorder: Recorder, visitor: Visitor, item: Item, where: tuple[str, int] | None, now: float) -> None:
    try:
        recorder.record_opening(visitor, item.item_id, where, _organic_id(visitor, item, now), received_at=now)
    except VisitorErasedError:
        raise
    except StoreError as error:
        _log.warning("click_not_recorded", item_id=item.item_id, problem=str(error))


def _organic_id(visitor: Visitor, item: Item, now: float) -> str:
    day = int(now // _SECONDS_PER_DAY)
    digest = hashlib.sha256(f"{visitor.visitor_id}\n{item.item_id}\n{day}".encode()).hexdigest()
    return f"o-{digest[:40]}"
