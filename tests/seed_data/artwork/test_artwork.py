"""Artwork: always well-formed, self-contained, repeatable and readable."""

from __future__ import annotations

import os
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.values.item import Item
from seed_data.artwork import artwork_size, artwork_svg
from seed_data.artwork.colour import contrast, least_contrast, mix, pick, readable
from seed_data.artwork.draw import SIZES, draw
from seed_data.artwork.film.dealing import DealtPictures
from seed_data.artwork.film.pictures import PICTURES, picture_count, picture_name, thing_name
from seed_data.artwork.film.pictures.emblems import EMBLEMS
from seed_data.artwork.lettering import BLACK, BOLD, PEN, SERIF, SLAB, fit, measure
from seed_data.artwork.motifs import MOTIF_NAMES, motif_for
from seed_data.artwork.palettes import PALETTES
from seed_data.artwork.strokes import drawable
from seed_data.artwork.styles import STYLES
from seed_data.movielens.films import film_items, read_films_csv

LAYOUTS = ("hero", "stack", "frame", "band", "card", "split", "arch", "cover", "sidebar", "header", "classic", "emblem")
MORE_LAYOUTS = ("stacked", "monogram", "centered", "corner", "columns", "framed", "bars", "steps", "donut")


def template(number: int, **changes: object) -> Item:
    """A template that differs from others in everything that artwork looks at."""
    types, styles, palettes = list(SIZES), list(STYLES), list(PALETTES)
    layouts = LAYOUTS + MORE_LAYOUTS
    item = Item(
        item_id=f"item-{number}",
        position=number,
        title="Sunset Yoga Retreat Flyer",
        type=types[number % len(types)],
        style=styles[number // len(types) % len(styles)],
        palette=palettes[number * 5 % len(palettes)],
        layout=layouts[number * 7 % len(layouts)],
        tags=(("yoga", "coffee", "music", "wedding", "space", "pets")[number % 6],),
        added_at=0.0,
        seed=number * 977 + 13,
    )
    return replace(item, **changes)  # type: ignore[arg-type]


def film(number: int, **changes: object) -> Item:
    genres = [*PICTURES, "unknown"]
    year = 1920 + number * 7 % 100
    base = template(number, title=f"The Long Film Number {number}", type=genres[number % len(genres)], year=year)
    return replace(base, style=f"{year // 10 * 10}s", layout=("full", "band", "frame")[number % 3], **changes)  # type: ignore[arg-type]


MANY = [template(number) for number in range(363)] + [film(number) for number in range(120)]


def test_films_of_a_genre_have_many_pictures_and_none_is_drawn_often() -> None:
    assert EMBLEMS.keys() == PICTURES.keys()
    assert {thing for things in EMBLEMS.values() for thing in things} <= set(MOTIF_NAMES)
    for genre in (*PICTURES, "unknown"):
        shown = Counter(picture_name(genre, 1_900 + 31 * number) for number in range(2_000))
        assert len(shown) >= 20, genre
        assert max(shown.values()) <= 2_000 / 8, genre


def test_films_of_a_genre_that_follow_one_another_show_different_things() -> None:
    dealt = DealtPictures()
    for genre in PICTURES:
        seeds = [dealt.seed(genre, 1_990 + number % 30, 7_919 * number) for number in range(60)]
        pictures = [picture_name(genre, 1_990 + number % 30 + seed) for number, seed in enumerate(seeds)]
        for start in range(0, 60, 8):
            row = pictures[start : start + 8]
            assert max(Counter(map(thing_name, row)).values()) <= 2, genre
            assert max(Counter(row).values()) == 1, genre


def test_no_three_of_twice_as_many_films_as_a_genre_has_pictures_look_alike() -> None:
    for genre in (*PICTURES, "unknown"):
        count, dealt = picture_count(genre), DealtPictures()
        years = [1_930 + number * 17 % 90 for number in range(2 * count)]
        seeds = [dealt.seed(genre, year, 977 * number) for number, year in enumerate(years)]
        shown = Counter(picture_name(genre, year + seed) for year, seed in zip(years, seeds, strict=True))
        assert set(shown.values()) == {2}, genre
        assert len(shown) == count, genre


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["ml-100k", "ml-1m"])
def test_whatever_a_page_of_movielens_shows_no_three_posters_are_alike(name: str) -> None:
    datasets = os.environ.get("FLYWHEEL_DATASETS")
    if not datasets:
        pytest.skip("FLYWHEEL_DATASETS is not set")
    films = film_items(read_films_csv(Path(datasets) / name / "items.csv.gz").films, {})
    assert max(Counter(picture_name(film.type, (film.year or 0) + film.seed) for film in films).values()) <= 2


def test_films_that_are_added_change_no_poster() -> None:
    few, more = DealtPictures(), DealtPictures()
    drawn = [few.seed("drama", 1_995, number) for number in range(20)]
    assert [more.seed("drama", 1_995, number) for number in range(40)][:20] == drawn


def test_every_drawing_is_well_formed_and_has_the_size_of_its_type() -> None:
    for item in MANY:
        root = ElementTree.fromstring(artwork_svg(item))
        width, height = artwork_size(item.type, item.year)
        assert root.attrib["viewBox"] == f"0 0 {width} {height}"


def test_drawings_need_nothing_from_outside() -> None:
    for item in MANY:
        svg = artwork_svg(item)
        for forbidden in ("<script", "href", "<image", "<foreignObject", "@import", "onload", "javascript:"):
            assert forbidden not in svg
        addresses = svg.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert "http" not in addresses
        assert addresses.count("url(") == addresses.count("url(#")


def test_the_same_item_is_drawn_the_same() -> None:
    assert [artwork_svg(item) for item in MANY] == [artwork_svg(replace(item)) for item in MANY]


@pytest.mark.parametrize("change", [{"style": "retro"}, {"palette": "mint"}, {"layout": "frame"}, {"seed": 99}])
def test_each_attribute_changes_the_drawing(change: dict[str, object]) -> None:
    item = template(0, type="poster", style="bold", palette="ocean", layout="hero", seed=1)
    assert artwork_svg(item) != artwork_svg(replace(item, **change))  # type: ignore[arg-type]


def test_all_lettering_reads_over_every_colour_beneath_it() -> None:
    for item in MANY:
        lettering = draw(item).lettering
        assert lettering
        for ink, grounds in lettering:
            assert least_contrast(ink, grounds) >= 4.5, (item, ink, grounds)


def test_drawings_are_small_and_quick() -> None:
    started = time.process_time()
    sizes = [len(artwork_svg(item).encode()) for item in MANY]
    seconds = (time.process_time() - started) / len(MANY)
    assert sum(sizes) / len(sizes) < 4_500
    assert max(sizes) < 10_000
    assert seconds < 0.005  # a tenth of that on an idle machine


@pytest.mark.parametrize(
    "title",
    [
        'Rock & Roll <b>"Night"</b> Poster',
        "A" * 60,
        "Añejo Café Über Straße Poster",
        "東京の夜 Poster",
        " ",
        "\x01\x08bell",
        "One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Poster",
    ],
)
@pytest.mark.parametrize("style", list(STYLES))
def test_odd_titles_are_drawn_too(title: str, style: str) -> None:
    for type_ in SIZES:
        ElementTree.fromstring(artwork_svg(template(3, title=title, type=type_, style=style)))
    ElementTree.fromstring(artwork_svg(film(3, title=title)))


def test_unknown_attributes_fall_back() -> None:
    odd = template(1, type="hologram", style="vaporware", palette="octarine", layout="spiral", tags=())
    ElementTree.fromstring(artwork_svg(odd))
    assert artwork_size("hologram") == artwork_size("drama") == artwork_size("poster", 1999) == (400, 600)


@pytest.mark.parametrize("face", [BOLD, BLACK, SERIF, SLAB, PEN])
@pytest.mark.parametrize("words", ["Jazz", "Sunset Yoga Retreat", "7 Things to Know About Strong Passwords", "W" * 40])
def test_fitted_words_stay_within_their_box(face: Any, words: str) -> None:
    fitted = fit(words, face, 300, 90, 60, 4)
    assert " ".join(fitted.lines) == words
    assert fitted.height <= 90.001
    assert max(measure(line, face, fitted.size) for line in fitted.lines) <= 300.001
    assert fitted.size <= 60


def test_ink_moves_only_as_far_as_it_must() -> None:
    assert readable("#000000", ("#ffffff",)) == "#000000"
    grey = readable("#999999", ("#ffffff",))
    assert contrast(grey, "#ffffff") >= 4.5
    assert contrast(grey, "#ffffff") < contrast("#444444", "#ffffff")
    for level in range(0, 256, 5):
        ground = f"#{level:02x}{255 - level:02x}80"
        assert contrast(readable(ground, (ground,)), ground) >= 4.5


def test_the_first_readable_candidate_is_picked() -> None:
    assert pick(("#ffffff",), "#ffff00", "#003366") == "#003366"
    assert pick(("#111111",), "#ffff00", "#003366") == "#ffff00"


def test_mixing_ends_at_its_ends() -> None:
    assert mix("#102030", "#405060", 0) == "#102030"
    assert mix("#102030", "#405060", 1) == "#405060"


def test_every_topic_has_a_motif_and_strangers_get_one() -> None:
    assert motif_for(("coffee", "cafe"), 0) in {"cup", "beans"}
    assert motif_for(("nothing-known",), 5) in MOTIF_NAMES


def test_the_pen_draws_plain_letters_only() -> None:
    assert drawable("Café & Co.") == "CAFE & CO."
    assert drawable("東京") is None
