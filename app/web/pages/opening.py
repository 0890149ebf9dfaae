"""Opening an item is a click: recorded once for a slate entry, once a day for an item that was opened without one."""

from __future__ import annotations

import hashlib

from flask import request

from app.serve.page import Page
from app.serve.waiting import LogSlates
from app.values.item import Item
from app.values.opening import Opening
from app.values.visitor import Visitor
from app.web.visiting import flywheel, forget_cookie, slate_logging

_SECONDS_PER_DAY = 86_400


def record_opening(visitor: Visitor, item: Item, where: tuple[str, int] | None, now: float) -> None:
    """Record that the visitor opened an item, from a slate and position if `where` names them.

    Coming back to the page after a form is no click. What is not sure to be seen waits: see `record_when_seen`.
    """
    if "seen" in request.args or slate_logging().when is not LogSlates.NOW:
        return
    if where is not None:
        flywheel().serve.note_answers(visitor.visitor_id, [where[0]])
    if not flywheel().recorder.record_opened(_opening(visitor, item, where, now)):
        forget_cookie()


def record_when_seen(visitor: Visitor, item: Item, where: tuple[str, int] | None, now: float, page: Page) -> None:
    """The part of `record_opening` that waits for a sign that somebody is there, with the page that shows the item."""
    if "seen" in request.args or slate_logging().when in {LogSlates.NOW, LogSlates.NEVER}:
        return
    flywheel().serve.record_when_seen(page, _opening(visitor, item, where, now))


def _opening(visitor: Visitor, item: Item, where: tuple[str, int] | None, now: float) -> Opening:
    return Opening(visitor, item.item_id, where, _organic_id(visitor, item, now), now)


def _organic_id(visitor: Visitor, item: Item, now: float) -> str:
    day = int(now // _SECONDS_PER_DAY)
    digest = hashlib.sha256(f"{visitor.visitor_id}\n{item.item_id}\n{day}".encode()).hexdigest()
    return f"o-{digest[:40]}"
