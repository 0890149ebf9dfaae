"""Changing the catalog: items are written beside those that there are, put on no list, or taken out."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from app.store.engines import Connection, Database, dialect_of, marks
from app.store.items import COLUMNS, insert_items, item_of_row, last_item_change
from app.store.several.changes import ITEMS, announce
from app.values.item import Item

CHUNK = 500
"""Items of one statement; SQLite takes 32,766 parameters."""


TIME_NOT_SAID = 0.0
"""`added_at` of an item whose source does not say when it joined the catalog."""


@dataclass(slots=True)
class Upserted:
    """What writing items came to: how many were not there before, differ from before, or are as they were."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0

    def add(self, other: Upserted) -> None:
        """Count another one in."""
        self.new += other.new
        self.updated += other.updated
        self.unchanged += other.unchanged


def upsert_items(db: Database, items: Iterable[Item], *, keep_picture: bool = True) -> Upserted:
    """Write items by their id, for use inside a writer task: known ones keep their place in the editorial order, new
    ones follow at its end in the order given.

    keep_picture: an item that names no picture keeps the one that it has. Of one that does not say when it joined the
    catalog (TIME_NOT_SAID) it is now, or what is known of it.
    """
    now = time.time()
    done, waiting = Upserted(), iter(items)
    position = _next_position(db.conn)
    while chunk := list(islice(waiting, CHUNK)):
        known = stored_items(db.conn, [item.item_id for item in chunk])
        changed: dict[str, Item] = {}
        for item in chunk:
            before = changed.get(item.item_id)
            stored = before or known.get(item.item_id)
            if stored is None:
                changed[item.item_id] = replace(item, position=position, added_at=item.added_at or now)
                position += 1
                done.new += 1
                continue
            after = replace(item, position=stored.position, added_at=item.added_at or stored.added_at)
            if keep_picture:
                after = _with_picture(after, stored)
            if after == stored:
                done.unchanged += 1
            else:
                changed[item.item_id] = after
                done.updated += 1
        if changed:
            insert_items(db, changed.values())
    return done


def _with_picture(item: Item, stored: Item) -> Item:
    """The item with the stored one's picture, where it says nothing of pictures."""
    if item.image is not None or item.image_url is not None:
        return item
    width, height = item.image_width or stored.image_width, item.image_height or stored.image_height
    return replace(item, image=stored.image, image_url=stored.image_url, image_width=width, image_height=height)


def hide_items(db: Database, item_ids: Collection[str]) -> int:
    """Put items on no list, for use inside a writer task; returns how many were on one."""
    return _mark(db, item_ids, "available = 0", "available = 1 AND removed = 0")


def hide_all_but(db: Database, item_ids: Collection[str]) -> int:
    """Put every item on no list that is not among these, for use inside a writer task; returns how many were on one."""
    shown = {row[0] for row in db.conn.execute("SELECT item_id FROM items WHERE available = 1 AND removed = 0")}
    return hide_items(db, shown.difference(item_ids))


def remove_items(db: Database, item_ids: Collection[str]) -> int:
    """Take items out of the catalog, for use inside a writer task; returns how many were in it.

    Their rows stay, because events refer to them; an item that is written again later is there again.
    """
    return _mark(db, item_ids, "removed = 1", "removed = 0")


def changed_items(conn: Connection, after: int) -> tuple[list[Item], list[str]]:
    """Items written since change number `after`, and the ids of those that were taken out since."""
    # The plus keeps SQLite from reading all items in their order for the few that changed.
    query = f"SELECT {COLUMNS}, removed FROM items WHERE changed > ? ORDER BY +position"
    rows = list(dialect_of(conn).rows(conn, query, [after]))
    return [item_of_row(row) for row in rows if not row[-1]], [row[0] for row in rows if row[-1]]


def stored_items(conn: Connection, item_ids: Sequence[str]) -> dict[str, Item]:
    """Those of the items that are in the catalog, by id."""
    found: dict[str, Item] = {}
    for part in _parts(item_ids):
        query = f"SELECT {COLUMNS} FROM items WHERE item_id IN ({marks(part)}) AND removed = 0"
        rows = dialect_of(conn).rows(conn, query, part)
        found.update((row[0], item_of_row(row)) for row in rows)
    return found


def _mark(db: Database, item_ids: Collection[str], change: str, where: str) -> int:
    number, marked = last_item_change(db.conn) + 1, 0
    for part in _parts(sorted(item_ids)):
        marked += db.conn.execute(
            f"UPDATE items SET {change}, changed = ? WHERE item_id IN ({marks(part)}) AND {where}",
            [number, *part],
        ).rowcount
    announce(db.conn, ITEMS)
    return marked


def _next_position(conn: Connection) -> int:
    position: int = conn.execute("SELECT coalesce(max(position) + 1, 0) FROM items").fetchone()[0]
    return position


def _parts(item_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(item_ids), CHUNK):
        yield item_ids[start : start + CHUNK]
