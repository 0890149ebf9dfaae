"""Forgetting a visitor for good: the rows, what the write-ahead log still remembers, and stale copies in the file."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from app.store import Writer
from app.store.erasing.scrubbing import scrub
from app.store.merges import ids_of
from app.store.visitors import erase_visitor


def erase(
    writer: Writer,
    visitor_id: str,
    erased_at: float,
    after_commit: Callable[[Collection[str]], None] = lambda ids: None,
) -> dict[str, int]:
    """Remove everything about a visitor through the running writer, under every id they had; returns rows removed by
    table.

    When it returns the removal is committed, and the file holds no byte of the id, unless a long read is under way:
    then the writer's next checkpoint removes the last of them. after_commit: called with the ids on the writer's
    thread, also where the commit comes later than somebody waits for it.
    """
    ids = writer.run(lambda db: ids_of(db.conn, visitor_id))
    erasing = partial(erase_visitor, visitor_id=visitor_id, erased_at=erased_at)
    counts = writer.run(erasing, after_commit=lambda _: after_commit(ids))
    for known_as in ids:
        scrub(writer, known_as)
    return counts
