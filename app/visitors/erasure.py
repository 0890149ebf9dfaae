"""Forgetting a visitor for good: the rows, what the write-ahead log still remembers, and stale copies in the file."""

from __future__ import annotations

from functools import partial

from app.store import Writer
from app.store.erasing.scrubbing import scrub
from app.store.visitors import erase_visitor


def erase(writer: Writer, visitor_id: str, erased_at: float) -> dict[str, int]:
    """Remove everything about a visitor through the running writer; returns rows removed by table.

    When it returns the removal is committed, and the file holds no byte of the id, unless a long read is under way:
    then the writer's next checkpoint removes the last of them.
    """
    counts = writer.run(partial(erase_visitor, visitor_id=visitor_id, erased_at=erased_at))
    scrub(writer, visitor_id)
    return counts
