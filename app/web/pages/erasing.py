"""Erasing a visitor: from the database, and from everything that is held in memory."""

from __future__ import annotations

import time

from app.visitors.erasure import erase as erase_rows
from app.web.visiting import book, cookie_visitor_id, flywheel, forget_cookie


def erase(visitor_id: str) -> None:
    """Delete a visitor's row, slates and events; nothing of theirs can be written any more, and their cookie is dead.

    Raises StoreError when the database cannot take it now.
    """
    erase_rows(flywheel().writer, visitor_id, time.time())
    flywheel().serve.forget(visitor_id)
    flywheel().effects.forget(visitor_id)
    flywheel().tastes.forget(visitor_id)
    book().forget(visitor_id)
    if cookie_visitor_id() == visitor_id:
        forget_cookie()
