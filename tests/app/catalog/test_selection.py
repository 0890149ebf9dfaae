"""Selections narrow by any value of a facet and by all facets at once, and counts say what each choice would leave."""

from __future__ import annotations

import numpy as np

from app.catalog import Catalog, Item, Selection
from app.catalog.facets import Facets
from app.catalog.selection import EVERYTHING
from tests.app.catalog.search.films import known_films


def chosen(facets: Facets, **values: tuple[str, ...]) -> list[int]:
    mask = Selection(**values).mask(facets)
    return list(range(facets.items)) if mask is None else np.flatnonzero(mask).tolist()


def test_any_value_of_a_facet_and_all_facets_are_what_a_search_through_all_items_finds(items: list[Item]) -> None:
    facets = Facets(items)
    for types in ((), ("poster",), ("poster", "resume")):
        for styles in ((), ("retro", "minimal"), ("unicorn",)):
            for tags in ((), ("wedding", "garden")):
                expected = [
                    place
                    for place, item in enumerate(items)
                    if (not types or item.type in types)
                    and (not styles or item.style in styles)
                    and (not tags or set(tags) & set(item.tags))
                ]
                assert chosen(facets, type=types, style=styles, tag=tags) == expected


def test_counts_are_those_of_the_items_among_which_they_are_asked(items: list[Item]) -> None:
    facets = Facets(items)
    posters = Selection(type=("poster",)).mask(facets)
    assert facets.style.counts() == {"minimal": 20, "retro": 20, "playful": 20}
    assert facets.style.counts(posters) == {"minimal": 5, "retro": 5, "playful": 5}
    assert facets.tag.counts(Selection(style=("retro",)).mask(facets))["retro"] == 20
    assert facets.palette.counts(np.zeros(60, dtype=np.bool_)) == {}


def test_a_facet_can_be_left_out_of_account(items: list[Item]) -> None:
    facets = Facets(items)
    selection = Selection(type=("poster",), style=("retro",))
    without = selection.mask(facets, but="style")
    assert without is not None
    assert np.flatnonzero(without).tolist() == chosen(facets, type=("poster",))
    assert Selection(style=("retro",)).mask(facets, but="style") is None


def test_what_is_chosen_twice_or_unknown_is_one_selection(items: list[Item]) -> None:
    facets = Facets(items)
    selection = Selection.of({"style": ["retro", "minimal", "retro", "unicorn"]}, facets)
    assert selection == Selection(style=("minimal", "retro"))
    assert selection.toggled("style", "retro").toggled("style", "minimal") == EVERYTHING
    assert selection
    assert not EVERYTHING


def test_a_film_is_listed_under_each_of_its_genres() -> None:
    films = known_films()
    facets, catalog = Facets(films), Catalog.from_items(films)
    sci_fi = [film.title for film in films if "sci-fi" in film.tags]
    assert [films[place].title for place in chosen(facets, type=("sci-fi",))] == sci_fi
    assert [film.title for film in catalog.filter(type="sci-fi")] == sci_fi
    assert [film.title for film in catalog.filter(type="sci-fi", style="1970s")] == [
        film.title for film in films if "sci-fi" in film.tags and film.style == "1970s"
    ]
    assert set(catalog.types) == {tag for film in films for tag in film.tags}
    assert not facets.tag.slugs
    assert not facets.palette.slugs
