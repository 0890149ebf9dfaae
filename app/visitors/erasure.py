"""Forgetting a visitor for good: the rows, and what the write-ahead log still remembers of them."""

from __future__ import annotations

from functools import partial

from app.store import Writer
from app.store.visitors import erase_visitor


def erase(writer: Writer, visitor_id: str, erased_at: float) -> dict[str, int]:
    """Remove everything about a visitor through the running writer; returns rows removed by table.

    When it returns the removal is committed. The log is emptied at once if no long read is under way, else by the
    writer's next checkpoint.
    """
    counts = writer.run(partial(erase_visitor, visitor_id=visitor_id, erased_at=erased_at))
    writer.checkpoint()
    return counts
