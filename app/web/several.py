"""Several processes that answer for one site: each request knows all that was acknowledged before it came.

Before it, what other processes committed is taken up; after it, what its page says is on record before it is shown, so
that whichever process is asked next finds it.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import suppress

from flask import Flask, Response, current_app, request

from app.flywheel import Flywheel
from app.serve.waiting import MAX_WAIT_S
from app.settings import Settings
from app.store import READ_ERRORS
from app.web.visiting import VisitorBook, flywheel, signed_visitor

_ALIKE_FOR_ALL = frozenset({"images", "stylesheet", "health", None})
"""Parts of the site that answer everybody alike (None are files): all that they can tell is that somebody is there."""


def register(app: Flask) -> None:
    """Nothing where the database lets one process write: it knows what it did."""
    settings: Settings = app.config["SETTINGS"]
    if not settings.database_url:
        return
    parts: Flywheel = app.extensions["flywheel"]
    parts.forget_visitors = lambda visitor_ids: _forget(app.extensions["visitor_book"], visitor_ids)
    app.before_request(_catch_up)
    app.after_request(_await_log)


def _forget(book: VisitorBook, visitor_ids: Collection[str] | None) -> None:
    if visitor_ids is None:
        book.forget_all()
        return
    for visitor_id in visitor_ids:
        book.forget(visitor_id)


def _catch_up() -> None:
    """A site that cannot be opened says so in its views."""
    if request.blueprint in _ALIKE_FOR_ALL and not _is_newcomer():
        return
    with suppress(*READ_ERRORS):
        follower = flywheel().open().follower
        if follower is not None:
            follower.catch_up_if_possible()


def _is_newcomer() -> bool:
    """Whether the request is a sign from somebody of whom a page may wait for one."""
    if not request.cookies:
        return False
    with suppress(*READ_ERRORS):
        signed = signed_visitor()
        return signed is not None and time.time() - signed.signed_at < MAX_WAIT_S
    return False


def _await_log(response: Response) -> Response:
    parts: Flywheel = current_app.extensions["flywheel"]
    opened = parts.opened
    if opened is not None:
        opened.serve.await_log(others=opened.follower is not None and not opened.follower.alone)
    return response
