"""Cards are filled in from one template a look; they must say what a template rendered card by card would."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask, url_for
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.catalog import Item
from app.catalog.images import image_version
from app.serve.page import Entry
from app.web.pages.cards import cards, image_link, in_sight, item_path

AWKWARD = Item("a", 0, "%(title)s & <b>50 %</b>", "poster", "retro", "mint", "hero", (), 0.0, 1)


def entry(item: Item, source: str = "als") -> Entry:
    return Entry(item, 3, source, 1.0, 1.0, "Because you opened “<%s>”")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("prefix", ["", "/gallery"])
@given(item_id=st.text(min_size=1, max_size=12).filter(lambda text: "/" not in text))
def test_addresses_are_those_that_the_routes_have(site: Flask, prefix: str, item_id: str) -> None:
    with site.test_request_context("/", environ_overrides={"SCRIPT_NAME": prefix}):
        assert item_path(item_id) == url_for("site.item", item_id=item_id)
        item = replace(AWKWARD, item_id=item_id)
        assert image_link(item) == url_for("images.image", item_id=item_id)
        pictured = replace(item, image="ab/abc.svg")
        version = image_version("ab/abc.svg")
        assert image_link(pictured) == url_for("images.image", item_id=item_id, v=version)


def test_words_of_an_item_and_of_a_reason_are_escaped(site: Flask) -> None:
    with site.test_request_context("/"):
        html = cards([entry(AWKWARD)], "s-1", set(), reasons=True)
    assert "%(title)s &amp; &lt;b&gt;50 %&lt;/b&gt;" in html
    assert "Because you opened “&lt;%s&gt;”" in html
    assert "<b>" not in html
    assert 'href="/item/a?slate=s-1&amp;pos=3"' in html


def test_a_title_that_two_lines_may_not_hold_is_told_whole_where_a_pointer_rests(site: Flask) -> None:
    with site.test_request_context("/"):
        html = cards(
            [entry(replace(AWKWARD, title="A “long” title & then some more of it"))], None, set(), reasons=True
        )
        short = cards([entry(AWKWARD)], None, set(), reasons=True)
    assert '<span class="card-title" title="A “long” title &amp; then some more of it">' in html
    assert '<span class="card-title">' in short


def test_cards_of_one_page_differ_in_what_they_must(site: Flask) -> None:
    second = replace(AWKWARD, item_id="b")
    with site.test_request_context("/"):
        html = str(cards([entry(AWKWARD), entry(second, "explore")], None, {"b"}, reasons=True, eager=1))
    first_card, second_card = html.split("</li>")[:2]
    assert 'fetchpriority="high"' in first_card
    assert 'loading="lazy"' in second_card
    assert 'aria-pressed="false"' in first_card
    assert 'aria-pressed="true"' in second_card
    assert "reason--explore" not in first_card
    assert "reason--explore" in second_card
    assert "data-slate" not in html, "a slate that was not logged is not answered"


def test_so_many_pictures_load_at_once_as_a_wide_window_shows_of_their_row() -> None:
    """A row is 220 points high in a window of 1,440: six posts as wide as high fit, and ten narrow stories."""
    square, narrow, wide = (
        [entry(replace(AWKWARD, image="a.svg", image_width=width, image_height=480))] * 12 for width in (480, 270, 853)
    )
    assert (in_sight(square), in_sight(narrow), in_sight(wide), in_sight([])) == (6, 10, 4, 0)
