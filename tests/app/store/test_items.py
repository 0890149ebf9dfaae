"""Items come back as they went in, and any text can be searched for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from app.catalog import Item
from app.store import Database, Store, Writer
from app.store.items import all_items, insert_items, search_item_ids, set_images


def search(store: Store, text: str, limit: int = 100, **filters: str) -> list[str]:
    return search_item_ids(store.reader(), text, limit, **filters)


def add(writer: Writer, base: Item, *changes: dict[str, object]) -> None:
    items = [replace(base, position=1000 + n, **change) for n, change in enumerate(changes)]  # type: ignore[arg-type]
    writer.run(lambda db: insert_items(db, items))


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


def test_setting_pictures_leaves_the_full_text_index_alone(writer: Writer) -> None:
    """A row of the index is found by reading the whole index: ten times the items took a hundred times as long."""

    def index_writes(db: Database) -> int:
        before = db.conn.total_changes
        set_images(db, [(f"item-{number:03}", "ab/c.svg", 640, 360) for number in range(60)])
        return db.conn.total_changes - before

    assert writer.run(index_writes) == 60


@pytest.mark.parametrize(
    "text", ["wedding", "WEDDING", "weddings", "wed", "weddi", "Wéddin", '"wedding"', "wedding*", "-wedding"]
)
def test_a_word_is_found_whole_stemmed_unfinished_and_however_it_is_written(store: Store, text: str) -> None:
    assert set(search(store, text)) == {f"item-{position:03}" for position in range(0, 60, 5)}


def test_all_words_must_be_there(store: Store) -> None:
    assert set(search(store, "bakery poster")) == {"item-001", "item-021", "item-041"}
    assert search(store, "bakery zebra") == []


def test_slugs_are_found_with_and_without_their_hyphen(store: Store) -> None:
    assert search(store, "social-post") == search(store, "social post") != []


def test_a_word_counts_more_in_the_title_than_in_the_tags(store: Store, writer: Writer, items: Sequence[Item]) -> None:
    add(
        writer,
        items[0],
        {"item_id": "in-tags", "title": "Something else", "tags": ("kayak",)},
        {"item_id": "in-title", "title": "Kayak club", "tags": ("boat",)},
    )
    assert search(store, "kayak") == ["in-title", "in-tags"]


def test_filters_narrow_the_search(store: Store, items: Sequence[Item]) -> None:
    weddings = [item for item in items if "wedding" in item.tags]
    posters = {item.item_id for item in weddings if item.type == "poster"}
    retro_posters = {item.item_id for item in weddings if item.type == "poster" and item.style == "retro"}
    assert set(search(store, "wedding", type="poster")) == posters != set()
    assert set(search(store, "wedding", type="poster", style="retro")) == retro_posters != set()
    assert search(store, "wedding", type="no-such-type") == []


def test_the_limit_is_kept(store: Store) -> None:
    assert len(search(store, "wedding", limit=3)) == 3
    assert search(store, "wedding", limit=0) == search(store, "wedding", limit=-1) == []


@pytest.mark.parametrize("text", ["", "   ", "🎉", '"', "***", "()", "^:-", "\0", "\ud800", "_", "´`"])
def test_a_text_without_a_word_finds_nothing(store: Store, text: str) -> None:
    assert search(store, text) == []


@pytest.mark.parametrize("text", ["wedding AND", "NOT wedding", "title:wedding", "wedding NEAR(x)", "wedding OR OR"])
def test_operators_are_words_like_others(store: Store, text: str) -> None:
    assert search(store, text) == []


def test_signs_beside_a_word_do_not_hide_it(store: Store) -> None:
    found = search(store, "wedding")
    assert search(store, "wedding 🎉") == search(store, "{(wedding)") == search(store, "wedding\0") == found


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Store:
    path: Path = tmp_path_factory.mktemp("search") / "events.db"
    item = Item("a", 0, "L'été à Łódź – 日本 straße naïve", "poster", "art-deco", "x", "y", ("über", "東京"), 0.0, 0)
    with Store.create(path) as store, store.open_writer() as writer:
        writer.run(lambda db: insert_items(db, [item]))
    return Store(path)


@given(text=strategies.text(strategies.characters(), max_size=60))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_can_break_the_search(searched: Store, text: str) -> None:
    assert search(searched, text) in ([], ["a"])


@given(
    finished=strategies.lists(strategies.sampled_from(["été", "ETE", "łódź", "日本", "naive", "über", "art", "deco"])),
    unfinished=strategies.sampled_from(["ét", "Łó", "日", "na", "東", "str", "post", "deco"]),
)
@settings(deadline=None)
def test_words_of_an_item_find_it_in_any_order_and_number(
    searched: Store, finished: list[str], unfinished: str
) -> None:
    assert search(searched, " ".join([*finished, unfinished])) == ["a"]
