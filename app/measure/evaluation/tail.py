"""Reading the event database in order, a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterator

from app.store import Store
from app.store.events import EventRow, events_since

CHUNK = 20_000


def event_chunks(store: Store, watermark: int = 0) -> Iterator[list[EventRow]]:
    """Events with a seq above `watermark`, oldest first, in lists that are never empty."""
    while chunk := events_since(store.reader(), watermark, CHUNK):
        yield chunk
        watermark = chunk[-1].seq
