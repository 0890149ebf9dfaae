"""Items are written, put on no list and taken out without losing their place or what refers to them."""

from __future__ import annotations

from dataclasses import replace

from app.store import Store, Writer
from app.store.item_changes import (
    Upserted,
    changed_items,
    hide_all_but,
    hide_items,
    remove_items,
    upsert_items,
)
from app.store.items import all_items, count_items, has_item, last_item_change
from app.store.search import places_with
from app.values.item import Item

NEW = Item(
    item_id="sku/1 „ä“",
    position=0,
    title="Olive oil",
    type="Pantry",
    style="Oils & more",
    palette="",
    layout="",
    tags=("vegan",),
    added_at=1.0,
    seed=3,
    url="https://shop.example/oil",
    image_url="https://cdn.example/oil.jpg",
    attributes=(("price", 8.5), ("origin", "Crete"), ("allergens", ("none", "traces of nuts"))),
)


def test_an_upsert_keeps_places_and_counts_honestly(store: Store, writer: Writer, items: list[Item]) -> None:
    changed = replace(items[3], position=0, title="Another title")
    done = writer.run(lambda db: upsert_items(db, [items[5], changed, NEW, NEW]))
    assert done == Upserted(new=1, updated=1, unchanged=2)
    stored = all_items(store.reader())
    assert [item.item_id for item in stored] == [*(item.item_id for item in items), NEW.item_id]
    assert stored[3] == replace(items[3], title="Another title")
    assert stored[-1] == replace(NEW, position=60)


def test_a_picture_stays_where_the_new_row_names_none(store: Store, writer: Writer) -> None:
    writer.run(lambda db: upsert_items(db, [replace(NEW, image="aa/b.png", image_width=10, image_height=20)]))
    writer.run(lambda db: upsert_items(db, [replace(NEW, image_url=None, title="Renamed")]))
    found = all_items(store.reader())[-1]
    assert (found.title, found.image, found.image_size) == ("Renamed", "aa/b.png", (10, 20))


def test_what_an_item_says_is_searched_and_a_hidden_one_is_not_found(store: Store, writer: Writer) -> None:
    writer.run(lambda db: upsert_items(db, [NEW]))
    conn = store.reader()
    for words in ("olive", "vegan", "crete", "nuts", "pantry", "oils"):
        assert places_with(conn, words).tolist() == [60], words
    assert not len(places_with(conn, "8 5"))
    assert writer.run(lambda db: hide_items(db, [NEW.item_id, "unknown"])) == 1
    assert not len(places_with(conn, "olive"))
    assert has_item(conn, NEW.item_id)
    assert not all_items(conn)[-1].available
    writer.run(lambda db: upsert_items(db, [NEW]))
    assert places_with(conn, "olive").tolist() == [60]


def test_a_removed_item_is_gone_and_comes_back_when_it_is_written(store: Store, writer: Writer) -> None:
    writer.run(lambda db: upsert_items(db, [NEW]))
    assert writer.run(lambda db: remove_items(db, [NEW.item_id])) == 1
    assert writer.run(lambda db: remove_items(db, [NEW.item_id])) == 0
    conn = store.reader()
    assert (count_items(conn), has_item(conn, NEW.item_id), len(places_with(conn, "olive"))) == (60, False, 0)
    assert writer.run(lambda db: upsert_items(db, [NEW])) == Upserted(new=1)
    assert has_item(conn, NEW.item_id)


def test_every_write_has_a_number_that_tells_what_is_new(store: Store, writer: Writer, items: list[Item]) -> None:
    conn, start = store.reader(), last_item_change(store.reader())
    writer.run(lambda db: upsert_items(db, [NEW]))
    writer.run(lambda db: upsert_items(db, [NEW]))
    assert last_item_change(conn) == start + 1, "what changes nothing is no change"
    writer.run(lambda db: remove_items(db, [items[0].item_id]))
    written, removed = changed_items(conn, start)
    assert ([item.item_id for item in written], removed) == ([NEW.item_id], [items[0].item_id])
    assert writer.run(lambda db: hide_all_but(db, [NEW.item_id])) == 59
    assert sum(item.available for item in all_items(conn)) == 1
