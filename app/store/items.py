"""Items in the event database: written by the importers, read into the catalog. `search` finds them by words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from sys import intern
from typing import Any

from app.store.engines import Connection, Database, dialect_of
from app.store.several.changes import ITEMS, announce
from app.values.item import AttributeValue, Item
from app.values.words import folded_words

COLUMNS = (
    "item_id, position, title, type, style, palette, layout, tags, added_at, seed, year, "
    "image, image_width, image_height, image_url, url, attributes, available"
)
"""Columns of an item, in the order of `Item` where it has them."""


def insert_items(db: Database, items: Iterable[Item]) -> int:
    """Write `items` and their full-text index; an item whose id is known is replaced. Returns how many were written.

    Raises one of INTEGRITY_ERRORS when two items have the same position.
    """
    items = list(items)
    change = last_item_change(db.conn) + 1
    names = [*COLUMNS.split(", "), "search", "changed"]
    # A row that is replaced takes every value of the new one, and is there again if it had been removed.
    taken = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    db.conn.executemany(
        f"INSERT INTO items ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        f" ON CONFLICT (item_id) DO UPDATE SET {taken}, removed = 0",
        [(*item_row(item), _searched(item), change) for item in items],
    )
    _learn_words(db, items)
    announce(db.conn, ITEMS)
    return len(items)


def item_row(item: Item) -> tuple[object, ...]:
    """The values of an item in the order of `COLUMNS`."""
    return (
        item.item_id,
        item.position,
        item.title,
        item.type,
        item.style,
        item.palette,
        item.layout,
        json.dumps(item.tags, ensure_ascii=False),
        item.added_at,
        item.seed,
        item.year,
        item.image,
        item.image_width,
        item.image_height,
        item.image_url,
        item.url,
        json.dumps(item.attributes, ensure_ascii=False),
        item.available,
    )


def item_of_row(row: Sequence[Any]) -> Item:
    """The item of a row of `COLUMNS`. Texts that items have in common are one text in memory."""
    return Item(
        item_id=row[0],
        position=row[1],
        title=row[2],
        type=intern(row[3]),
        style=intern(row[4]),
        palette=intern(row[5]),
        layout=intern(row[6]),
        tags=_tags(row[7]),
        added_at=row[8],
        seed=row[9],
        year=row[10],
        image=row[11],
        image_width=row[12],
        image_height=row[13],
        image_url=row[14],
        url=row[15],
        attributes=_attributes(row[16]),
        available=bool(row[17]),
    )


@lru_cache(maxsize=4096)
def _tags(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))  # many items share their tags: parsing was most of a start


def _attributes(text: str) -> tuple[tuple[str, AttributeValue], ...]:
    if text == "[]":
        return ()
    return tuple(_attribute(name, value) for name, value in json.loads(text))


def _attribute(name: str, value: Any) -> tuple[str, AttributeValue]:
    if isinstance(value, str):
        return _text_attribute(name, value)
    return intern(name), tuple(map(intern, value)) if isinstance(value, list) else value


@lru_cache(maxsize=4096)
def _text_attribute(name: str, value: str) -> tuple[str, str]:
    return intern(name), value  # many items share a brand or a maker


def _texts(item: Item) -> Iterator[str]:
    """What of an item's attributes can be searched for: its texts, not its numbers."""
    for _, value in item.attributes:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from value


def _searched(item: Item) -> str:
    return " ".join(_texts(item))


def words_of(items: Iterable[Item]) -> list[str]:
    """The words by which items are found, folded, each once, in order of their letters."""
    texts = {text for item in items for text in (item.title, item.type, item.style, *item.tags, *_texts(item))}
    return sorted({word for text in texts for word in folded_words(text)})


def _learn_words(db: Database, items: Iterable[Item]) -> None:
    db.conn.executemany(
        "INSERT INTO words (word) VALUES (?) ON CONFLICT (word) DO NOTHING", [(word,) for word in words_of(items)]
    )


def set_images(db: Database, images: Iterable[tuple[str, str, int, int]]) -> None:
    """Write which picture items have, as rows of (item_id, image, width, height); unknown ids are passed over."""
    db.conn.executemany(
        "UPDATE items SET image = ?, image_width = ?, image_height = ? WHERE item_id = ?",
        [(image, width, height, item_id) for item_id, image, width, height in images],
    )


def all_items(conn: Connection) -> list[Item]:
    """Every item, in editorial order, those on no list now included; removed ones are left out."""
    rows = dialect_of(conn).rows(conn, f"SELECT {COLUMNS} FROM items WHERE removed = 0 ORDER BY position")
    return [item_of_row(row) for row in rows]


def all_item_ids(conn: Connection) -> frozenset[str]:
    """Ids of every item of the catalog, those on no list now included."""
    return frozenset(row[0] for row in conn.execute("SELECT item_id FROM items WHERE removed = 0"))


def last_item_change(conn: Connection) -> int:
    """The number of the newest write of items, 0 before the first; it grows with each."""
    number: int = conn.execute("SELECT coalesce(max(changed), 0) FROM items").fetchone()[0]
    return number


def has_item(conn: Connection, item_id: str) -> bool:
    """Whether the catalog has an item of that id."""
    return conn.execute("SELECT 1 FROM items WHERE item_id = ? AND removed = 0", [item_id]).fetchone() is not None


def count_items(conn: Connection) -> int:
    """How many items the catalog has."""
    count: int = conn.execute("SELECT count(*) FROM items WHERE removed = 0").fetchone()[0]
    return count
