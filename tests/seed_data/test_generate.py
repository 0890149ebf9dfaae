"""The template catalog: reproducible, complete, and without doubles."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

import seed_data
from app.values.item import Item
from seed_data.artwork.layouts.logo import split_name
from seed_data.artwork.palettes import PALETTES
from seed_data.artwork.styles import STYLES
from seed_data.frames import BRANDS
from seed_data.generate import REFERENCE_DAY, generate_templates, templates_csv
from seed_data.looks import LAYOUTS
from seed_data.templates import TEMPLATES_CSV, load_templates
from seed_data.titles import COUNTS, distinct_words


@pytest.fixture(scope="module")
def templates() -> list[Item]:
    return load_templates()


def test_the_committed_catalog_is_what_the_generator_makes() -> None:
    assert templates_csv(generate_templates()) == TEMPLATES_CSV.read_text(encoding="utf-8")


def test_another_seed_makes_another_catalog() -> None:
    assert templates_csv(generate_templates(1)) != TEMPLATES_CSV.read_text(encoding="utf-8")


def test_loading_gives_the_generated_items(templates: list[Item]) -> None:
    assert templates == generate_templates()
    assert [item.position for item in templates] == list(range(len(templates)))


def test_the_file_stays_small() -> None:
    assert TEMPLATES_CSV.stat().st_size < 600_000


def test_every_type_style_and_palette_is_well_stocked(templates: list[Item]) -> None:
    assert Counter(item.type for item in templates) == COUNTS
    assert len(templates) == 2400
    assert min(Counter(item.style for item in templates).values()) >= 80
    assert {item.style for item in templates} == set(STYLES)
    assert min(Counter(item.palette for item in templates).values()) >= 80
    assert {item.palette for item in templates} == set(PALETTES)
    assert all(item.layout in LAYOUTS[item.type] for item in templates)


def test_titles_and_ids_are_distinct_even_in_other_words_of_the_same_kind(templates: list[Item]) -> None:
    assert len({item.item_id for item in templates}) == len(templates)
    assert len({item.title.lower() for item in templates}) == len(templates)
    assert len({distinct_words(item.title) for item in templates}) == len(templates)


def test_near_duplicates_are_recognised() -> None:
    assert distinct_words("The Plant Sale") == distinct_words("Sale of Plants")
    assert distinct_words("Plant Sale") != distinct_words("Plant Swap")


def test_any_stretch_of_the_editorial_order_mixes_types(templates: list[Item]) -> None:
    for first in range(0, len(templates) - 24, 24):
        assert len({item.type for item in templates[first : first + 24]}) >= 6
    neighbours = pairwise(templates)
    assert not any(left.type == right.type and left.style == right.style for left, right in neighbours)


def test_templates_joined_over_a_year_and_some_are_new(templates: list[Item]) -> None:
    today = datetime.combine(REFERENCE_DAY, datetime.min.time(), UTC)
    ages = [today - datetime.fromtimestamp(item.added_at, UTC) for item in templates]
    assert min(ages) >= timedelta(days=1)
    assert max(ages) <= timedelta(days=365)
    assert 80 <= sum(age < timedelta(days=14) for age in ages) <= 160


def test_artwork_can_tell_every_business_from_its_name() -> None:
    topics = tomllib.loads(Path(seed_data.__path__[0], "topics.toml").read_text(encoding="utf-8"))
    for topic in topics.values():
        for business in topic["businesses"]:
            for brand in BRANDS:
                assert split_name(f"{brand} {business}") == (brand, business)
