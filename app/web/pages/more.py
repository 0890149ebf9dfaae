"""What stands around the learned rows of the home page: tiles to pick from, the visitor's own things, further rows."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.catalog.page_words import bundled_words, page_words
from app.serve.page import Entry, Shelf
from app.store import StoreError
from app.values.visitor import Visitor
from app.visitors import Opinions
from app.web.visiting import current_visitor, flywheel, settings, slate_logging

bp = Blueprint("more", __name__)

_SKIPPED = "picks-skipped"
_SKIPPED_FOR_S = 180 * 86_400
_PAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,48}")
_LAST_PAGE = 1_000


def wants_picks() -> bool:
    """Whether a newcomer may be asked to pick three; not after they said no."""
    return _SKIPPED not in request.cookies


@bp.post("/picks/skip")
def skip_picks() -> ResponseReturnValue:
    """Ask no more; a cookie of its own remembers it."""
    answer = redirect("/", 303)
    secure = settings().secure_cookies
    answer.set_cookie(_SKIPPED, "1", max_age=_SKIPPED_FOR_S, httponly=True, samesite="Lax", secure=secure)
    return answer


@bp.get("/more")
def more() -> str:
    """Further rows after a home page, without what that showed; a page of its own for browsers without scripts."""
    number, after = request.args.get("page", "2"), request.args.get("after", "")
    if not (number.isascii() and number.isdigit() and 2 <= int(number[:9]) <= _LAST_PAGE and _PAGE_ID.fullmatch(after)):
        abort(404)
    visitor = current_visitor()
    with suppress(StoreError):  # what the page before showed may still wait to be logged
        flywheel().writer.run(_nothing)
    page = flywheel().serve.more(visitor, time.time(), int(number), after, slate_logging())
    opinions = flywheel().serve.opinions(visitor.visitor_id)
    return render_template("more.html", page=page, number=int(number), after=after, opinions=opinions)


def _nothing(db: Any) -> None:
    """A task that is done when all before it are."""


def own_shelves(visitor: Visitor, opinions: Opinions) -> list[Shelf]:
    """The visitor's own things, which nobody ranks: what they turned to last, what they saved, what they used."""
    newest = flywheel().serve.history_items(visitor.visitor_id)
    rows = [
        ("recent", "Recently viewed", "Where you were", newest),
        ("saved", "Saved", "Kept for later", _newest_first(opinions.saved, newest)),
        ("used", *used_titles(), _newest_first(opinions.used, newest)),
    ]
    return [shelf for key, title, reason, ids in rows if (shelf := _shelf(key, title, reason, ids)).entries]


def used_titles() -> tuple[str, str]:
    """Title and reason of the row of what a visitor used."""
    words = page_words(flywheel().catalog, settings().words)
    if words == bundled_words()["templates"]:
        return "Your designs", "Templates you took"
    return ("Watched", "What you watched") if words == bundled_words()["films"] else (words.used, "What you took")


def _newest_first(item_ids: Iterable[str], newest: list[str]) -> list[str]:
    place = {item_id: index for index, item_id in enumerate(newest)}
    return sorted(item_ids, key=lambda item_id: (place.get(item_id, len(newest)), item_id))


def _shelf(key: str, title: str, reason: str, item_ids: Iterable[str]) -> Shelf:
    items = [item for item in map(flywheel().catalog.get, item_ids) if item is not None][: settings().shelf_size]
    entries = [Entry(item, position, "own", None, 1.0, "") for position, item in enumerate(items, 1)]
    return Shelf(key, title, reason, None, tuple(entries), "own")
