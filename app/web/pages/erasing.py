"""Erasing a visitor: from the database, and from everything that is held in memory."""

from __future__ import annotations

import time

from app.visitors.erasure import erase as erase_rows
from app.web.visiting import book, flywheel


def erase(visitor_id: str) -> None:
    """Delete a visitor's row, slates and events. Raises StoreError when the database cannot take it now."""
    erase_rows(flywheel().writer, visitor_id, time.time())
    flywheel().serve.forget(visitor_id)
    book().forget(visitor_id)
