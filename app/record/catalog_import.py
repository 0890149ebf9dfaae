"""Importing a feed of items: all that can be taken is written in one transaction, or nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.catalog.feed.report import Report
from app.catalog.images import picture_host
from app.store import Database, Store, StoreError
from app.store.item_changes import Upserted, hide_all_but, upsert_items
from app.values.item import Item

TIMEOUT_S = 7_200.0
MAX_REFUSED_SHARE = 0.1
"""Share of refused lines from which nothing is written: then a column is taken for another, not a line at fault."""


class RefusedError(StoreError):
    """So many lines were refused that nothing was written."""


@dataclass(slots=True)
class Imported:
    """What writing came to. hidden: items that the feed no longer has. hosts: that keep pictures, with their number."""

    written: Upserted = field(default_factory=Upserted)
    hidden: int = 0
    hosts: dict[str, int] = field(default_factory=dict)


def import_items(
    store: Store, items: Iterator[Item], report: Report, *, hide_missing: bool = False, force: bool = False
) -> Imported:
    """Write the items of a feed: known ones in their place, new ones after them. Everything or nothing.

    hide_missing: items that the feed does not have are put on no list. force: write although many lines were refused.
    Raises RefusedError when they are, and WriterBusyError when another process writes, such as the running site.
    """
    found = Imported()
    seen: set[str] = set()

    def noted() -> Iterator[Item]:
        for item in items:
            if hide_missing:
                seen.add(item.item_id)
            if item.image_url:
                host = picture_host(item.image_url)
                found.hosts[host] = found.hosts.get(host, 0) + 1
            yield item

    def write(db: Database) -> None:
        found.written = upsert_items(db, noted())
        refuse_many(report, force)
        if hide_missing:
            found.hidden = hide_all_but(db, seen)

    with store.open_writer() as writer:
        writer.run(write, TIMEOUT_S)
        writer.checkpoint()
    return found


def refuse_many(report: Report, force: bool) -> None:
    """Raise RefusedError when a feed has no line, or more refused ones than single slips explain."""
    if not report.lines:
        raise RefusedError("the file has no line after its header; nothing was written")
    if report.refused_share > MAX_REFUSED_SHARE and not force:
        raise RefusedError(
            f"{report.refused_lines:,} of {report.lines:,} lines were refused, so nothing was written; see the reasons "
            "above, correct the file or the columns (--map FIELD=COLUMN), or take the others with --force"
        )
