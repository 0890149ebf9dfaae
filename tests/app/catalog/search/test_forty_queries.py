"""Forty texts as people type them, and what must be among the first five items."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.catalog import Catalog
from app.serve.catalog_view import CatalogView
from app.serve.popularity import PopularityBoard
from app.serve.search import Searching
from app.settings import load_settings
from app.store import Store
from app.store.items import insert_items
from app.values.item import Item
from app.visitors.contribution import contribution_rules
from seed_data.templates import load_templates
from tests.app.catalog.search.films import known_films
from tests.conftest import NOW

# A title that must be among the first five, or "property=value" which all of them must have.
TEMPLATES = {
    # mistyped
    "retor poter": "style=retro type=poster",
    "weding invitaton": "type=invitation tag=wedding",
    "buisness card": "type=business-card",
    "minmal logo": "style=minimal type=logo",
    "resturant menu": "type=menu tag=restaurant",
    "pumkin": "tag=halloween",
    "brithday": "tag=birthday",
    "flyr for a yoga class": "type=flyer tag=yoga",
    "halowen party": "tag=halloween",
    "instgram": "type=social-post|story",
    # joined and parted
    "businesscard": "type=business-card",
    "socialpost": "type=social-post",
    "handdrawn menu": "style=hand-drawn type=menu",
    "real estate flyer": "type=flyer tag=realestate",
    # other words for it
    "cv": "type=resume",
    "curriculum vitae nurse": "Registered Nurse Résumé",
    "instagram": "type=social-post|story",
    "powerpoint": "type=presentation",
    "wedding invitation gold": "type=invitation tag=wedding",
    "xmas card": "tag=christmas type=business-card",
    "vintage poster": "style=retro type=poster",
    "pink logo": "palette=blush|candy|berry type=logo",
    # more than there is
    "zeppelin bakery": "tag=bakery",
    # unfinished, accents, order
    "resumé line coo": "Line Cook Résumé",
    "poster sale sample": "Sample Sale Poster",
}
FILMS = {
    "titannic": "Titanic",
    "starwars": "Star Wars",
    "comedy 1995": "type=comedy year=1995",
    "godfater": "The Godfather",
    "forest gump": "Forrest Gump",
    "toystory": "Toy Story",
    "gost busters": "Ghostbusters",
    "super man": "Superman",
    "spiderman": "Spider-Man",
    "12 monkeys": "Twelve Monkeys",
    "scifi 1979": "Alien",
    "90s horror": "Scream",
    "schindlers list": "Schindler's List",
    "amelie": "Amélie",
    "cowboy": "type=western",
}
NEEDED = 38


@pytest.fixture(scope="module")
def searching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Searching]]:
    """The search of templates and that of films."""
    stores, made = [], {}
    for name, items in (("templates", load_templates()), ("films", known_films())):
        store = _store_of(tmp_path_factory.mktemp(name) / "events.db", items)
        stores.append(store)
        settings = load_settings(environment={}, overrides={"var": store.engine.folder, "secret_key": "test"})
        catalog = Catalog.from_items(items)
        popularity = PopularityBoard(store, catalog, contribution_rules(settings), epoch=NOW)
        made[name] = Searching(CatalogView(catalog, store.reader), popularity)
    yield made
    for store in stores:
        store.close()


def _store_of(path: Path, items: list[Item]) -> Store:
    with Store.create(path) as store, store.open_writer() as writer:
        writer.run(lambda db: insert_items(db, items))
    return Store(path)


def _is_right(first: list[Item], expected: str) -> bool:
    if "=" not in expected:
        return expected in [item.title for item in first]
    wanted = [part.split("=") for part in expected.split()]
    return bool(first) and all(
        set(values.split("|")) & _values(item, name) for item in first for name, values in wanted
    )


def _values(item: Item, name: str) -> set[str]:
    if name == "type" and item.year is not None:
        return {item.type, *item.tags}
    return set(item.tags) if name == "tag" else {str(getattr(item, name))}


def test_at_least_38_of_40_queries_find_what_was_meant(searching: dict[str, Searching]) -> None:
    asked = [("templates", *pair) for pair in TEMPLATES.items()] + [("films", *pair) for pair in FILMS.items()]
    assert len(asked) == 40
    wrong = []
    for name, text, expected in asked:
        first = searching[name].first(searching[name].find(text), 5)
        if not _is_right(first, expected):
            wrong.append(f"{text!r} should find {expected}, found {[item.title for item in first]}")
    assert len(asked) - len(wrong) >= NEEDED, "\n".join(wrong)
    print(f"{len(asked) - len(wrong)} of {len(asked)} are right", *wrong, sep="\n")
