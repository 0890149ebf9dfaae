"""Items come back as they went in, and their words are in the index."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import pytest

from app.catalog import Item
from app.store import Database, Store, Writer
from app.store.items import all_items, insert_items, set_images
from app.store.search import all_words, places_beginning, places_titled, places_with


def search(store: Store, words: str) -> list[str]:
    """Ids of the items that have these words side by side."""
    ids = [item.item_id for item in all_items(store.reader())]
    return [ids[place] for place in places_with(store.reader(), words)]


def test_items_come_back_as_they_went_in(store: Store, items: Sequence[Item]) -> None:
    assert all_items(store.reader()) == list(items)


def test_an_item_written_again_is_found_anew(store: Store, writer: Writer, items: Sequence[Item]) -> None:
    writer.run(lambda db: insert_items(db, [replace(items[0], title="Zeppelin timetable", tags=("Luftschiff",))]))
    assert search(store, "zeppelin") == search(store, "luftschiff") == ["item-000"]
    assert "item-000" not in search(store, "wedding presentation")
    assert len(all_items(store.reader())) == len(items)


def test_a_picture_is_set_and_comes_back_and_nothing_else_changes(
    store: Store, writer: Writer, items: Sequence[Item]
) -> None:
    writer.run(lambda db: set_images(db, [("item-003", "ab/c.svg", 640, 360), ("nobody", "x.svg", 1, 1)]))
    pictured = replace(items[3], image="ab/c.svg", image_width=640, image_height=360)
    assert all_items(store.reader()) == [*items[:3], pictured, *items[4:]]
    assert set(search(store, "concert presentation")) >= {"item-008"}
    writer.run(lambda db: insert_items(db, [pictured, items[0]]))
    assert all_items(store.reader())[3] == pictured


@pytest.mark.sqlite_only("counts changes of its connection")
def test_setting_pictures_leaves_the_full_text_index_alone(writer: Writer) -> None:
    """A row of the index is found by reading the whole index: ten times the items took a hundred times as long."""

    def index_writes(db: Database) -> int:
        before = cast(sqlite3.Connection, db.conn).total_changes
        set_images(db, [(f"item-{number:03}", "ab/c.svg", 640, 360) for number in range(60)])
        return cast(sqlite3.Connection, db.conn).total_changes - before

    assert writer.run(index_writes) == 60


def test_the_index_knows_titles_beginnings_and_every_word(store: Store, writer: Writer, items: Sequence[Item]) -> None:
    conn = store.reader()
    assert places_with(conn, "wedding").tolist() == list(range(0, 60, 5))
    assert places_with(conn, "wedding", in_title=True).tolist() == list(range(0, 60, 5))
    assert places_with(conn, "minimal").tolist() == list(range(0, 60, 3))
    assert places_with(conn, "minimal", in_title=True).tolist() == []
    assert places_titled(conn, "wedding presentation 0").tolist() == [0]
    assert places_titled(conn, "presentation").tolist() == []
    assert places_beginning(conn, "weddi").tolist() == places_beginning(conn, "wed").tolist() == list(range(0, 60, 5))
    assert {"wedding", "presentation", "minimal", "social", "post"} <= set(all_words(conn))
