"""Opening an item is a click: recorded once for a slate entry, once a day for an item that was opened without one."""

from __future__ import annotations

import hashlib

import structlog
from flask import request

from app.store import StoreError, VisitorErasedError
from app.values.item import Item
from app.values.visitor import Visitor
from app.web.visiting import flywheel, forget_cookie

_log = structlog.get_logger(__name__)
_SECONDS_PER_DAY = 86_400


def record_opening(visitor: Visitor, item: Item, where: tuple[str, int] | None, now: float) -> None:
    """Record that the visitor opened an item, from a slate and position if `where` names them.

    Looking ahead (HEAD, prefetch) is no click, and neither is coming back to the page after a form. The page matters
    more than the record: what cannot be stored is logged.
    """
    if request.method != "GET" or "seen" in request.args or _is_prefetch():
        return
    slate_id, position = where or (None, None)
    event_id = f"c-{slate_id}-{position}" if where else _organic_id(visitor, item, now)
    try:
        flywheel().recorder.record_one(
            visitor, "click", item.item_id, event_id=event_id, slate_id=slate_id, position=position, received_at=now
        )
    except VisitorErasedError:
        forget_cookie()
    except StoreError as error:
        _log.warning("click_not_recorded", item_id=item.item_id, problem=str(error))


def _is_prefetch() -> bool:
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return "prefetch" in purpose.lower() or "prerender" in purpose.lower()


def _organic_id(visitor: Visitor, item: Item, now: float) -> str:
    day = int(now // _SECONDS_PER_DAY)
    digest = hashlib.sha256(f"{visitor.visitor_id}\n{item.item_id}\n{day}".encode()).hexdigest()
    return f"o-{digest[:40]}"
