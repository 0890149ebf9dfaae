"""Erasing and merging visitors: in the database, and in everything that is held in memory."""

from __future__ import annotations

import time
from functools import partial

from app.record.merging import Merge, merge
from app.store.merges import ids_of
from app.values.visitor import Visitor
from app.visitors.erasure import erase as erase_rows
from app.web.visiting import book, cookie_visitor_id, flywheel, forget_cookie


def erase(visitor_id: str) -> None:
    """Delete a visitor's row, slates and events; nothing of theirs can be written any more, and their cookie is dead.

    Of somebody who was merged this is so for every id they had. Raises StoreError when the database cannot take it now.
    """
    ids = ids_of(flywheel().store.reader(), visitor_id)
    erase_rows(flywheel().writer, visitor_id, time.time())
    for known_as in ids:
        flywheel().serve.forget(known_as)
        _forget(known_as)
    if cookie_visitor_id() in ids:
        forget_cookie()


def merge_visitors(merged_id: str, into: Visitor, create: bool) -> Merge:
    """Make two ids one visitor, and let pages know of no other from the answer on. Raises what `merge` raises."""
    serve = flywheel().serve
    serve.welcome(merged_id)
    serve.welcome(into.visitor_id)
    done = flywheel().writer.run(partial(merge, merged_id=merged_id, into=into, at=time.time(), create=create))
    serve.merge(merged_id, done.visitor)
    for known_as in (merged_id, into.visitor_id):
        _forget(known_as)
    return done


def _forget(visitor_id: str) -> None:
    flywheel().effects.forget(visitor_id)
    flywheel().tastes.forget(visitor_id)
    book().forget(visitor_id)
