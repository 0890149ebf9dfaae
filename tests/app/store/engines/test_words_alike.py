"""A text is found by the same words on both engines: folded alike, stemmed alike, side by side alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from app.store import Store
from app.store.items import insert_items
from app.store.search import places_beginning, places_titled, places_with
from app.values.database_address import PostgresAddress
from app.values.item import Item
from app.values.words import folded_words
from seed_data.templates import load_templates
from tests.conftest import NewAddress, make_items
from tests.postgres_server import PostgresServer

_HARD = (
    "Crème brûlée à la carte", "ÜBER-große Straße", "covid19 v2.5 e-mail a@b.example", "it's the 1990s' best",
    "naïve Ångström coöperate", "日本 料理", "ponies flies dies skies", "running runner runs ran",
    "national rationalization", "by as is us", "probate rate cease controll roll", "O'Neill & Sons",
    "feed agreed plastered bled motoring sing", "100% organic, 8.5 kg", "Новое слово",
    "Новый йогурт с чаем", "Съёмка ёлки", "Київ і їжак", "доўгі шлях", "первоначальный",
    "hopping tanned falling hissing fizzed failing filing", "x" * 700,
)  # fmt: skip


def _hard() -> Iterator[tuple[Item, str]]:
    return zip(make_items(len(_HARD)), _HARD, strict=True)


@pytest.mark.postgres
@pytest.mark.sqlite_only("compares it with PostgreSQL")
def test_every_word_and_title_finds_the_same_items(
    postgres: PostgresServer, new_address: NewAddress, tmp_path: Path
) -> None:
    items = [*load_templates()[:400], *(replace(item, title=title, tags=(title,)) for item, title in _hard())]
    items = [replace(item, position=place, item_id=f"i{place}") for place, item in enumerate(items)]
    titles = {item.title for item in items[::5]} | set(_HARD)
    asked = titles | {word for title in titles for word in folded_words(title)}
    address = PostgresAddress(postgres.new_database(), tmp_path)
    with Store.create(new_address("lite")) as lite, Store.create(address) as server:
        for store in (lite, server):
            with store.open_writer() as writer:
                writer.run(lambda db: insert_items(db, items))
        for text, find, in_title in product(
            sorted(asked), (places_with, places_titled, places_beginning), (False, True)
        ):
            here, there = (find(store.reader(), text, in_title=in_title).tolist() for store in (lite, server))
            assert here == there, (find.__name__, text, in_title)
        assert len(places_with(server.reader(), "poster")) > 5
