"""Presses of a button: each page carries a token, so that pressing twice is one press, without scripts too."""

from __future__ import annotations

import hashlib

from flask import Flask, current_app, request

from app.flywheel import Flywheel
from app.values.fresh_id import fresh_id
from app.web.kept import SharedPresses
from app.web.seen import SeenBefore

FIELD = "press"
"""Name of the hidden field that holds the token."""
_KEPT = 10_000
"""Newest presses of buttons that do not find out by themselves whether they were pressed before."""


def register(app: Flask) -> None:
    """Let templates make tokens, and keep a book of presses."""
    parts: Flywheel = app.extensions["flywheel"]
    app.extensions["press_book"] = SharedPresses(parts) if parts.settings.database_url else SeenBefore(_KEPT)
    app.jinja_env.globals.update(press_token=press_token)


def press_token() -> str:
    """A new token, for a page or for what takes its place without one."""
    return fresh_id()


def wants_json() -> bool:
    """Whether a script pressed the button, which stays on the page and wants the new state instead of a page."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def is_repeated(*what: str) -> bool:
    """Whether this press of a button came before; see `press_id`. A press without a name never did."""
    book: SeenBefore | SharedPresses = current_app.extensions["press_book"]
    press = press_id(*what)
    return press is not None and book.seen(press)


def press_id(*what: str) -> str | None:
    """A name for this press of this button: the same when the form is sent again, None for a form without a token.

    what: what the button does and for whom. Two buttons of one page share its token and have different names.
    """
    token = request.form.get(FIELD, "")
    if not token:
        return None
    return hashlib.sha256("\n".join((token, *what)).encode("utf-8", "surrogatepass")).hexdigest()[:40]
