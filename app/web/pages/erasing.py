"""Erasing and merging visitors: in the database, and in everything that is held in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
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
    forget, serve = _forgetter(), flywheel().serve
    ids = ids_of(flywheel().store.reader(), visitor_id)

    def erased(known_as: Collection[str]) -> None:
        for one in known_as:
            serve.forget(one)
        forget(known_as)

    erase_rows(flywheel().writer, visitor_id, time.time(), erased)
    if cookie_visitor_id() in ids:
        forget_cookie()


def merge_visitors(merged_id: str, into: Visitor, create: bool) -> Merge:
    """Make two ids one visitor, and let pages know of no other from the answer on. Raises what `merge` raises."""
    forget, serve = _forgetter(), flywheel().serve
    serve.welcome(merged_id)
    serve.welcome(into.visitor_id)

    def merged(done: Merge) -> None:
        serve.merge(merged_id, done.visitor)
        forget((merged_id, into.visitor_id))

    merging = partial(merge, merged_id=merged_id, into=into, at=time.time(), create=create)
    return flywheel().writer.run(merging, after_commit=merged)


def _forgetter() -> Callable[[Collection[str]], None]:
    """Drops what this process holds of visitors but for their pages; the writer calls it, without a request."""
    keepers = (flywheel().effects, flywheel().tastes, book())

    def forget(visitor_ids: Collection[str]) -> None:
        for visitor_id in visitor_ids:
            for keeper in keepers:
                keeper.forget(visitor_id)

    return forget
