"""Lists are narrowed, ordered and turned over by plain links; all of their state is in the address."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.serve.page import Entry
from app.values.item import Item
from app.web.pages.lists import _shape_of
from tests.app.web.conftest import MakeSite, csrf_token, load_artwork, slate_links


def links(html: str, block: str) -> dict[str, str]:
    """Address by words of the links in one part of a page."""
    end = "</ul>" if block == "Chosen filters" else "</nav>"
    part = re.search(rf'aria-label="{block}".*?{end}', html, re.S)
    assert part, f"the page has no {block}"
    found = re.findall(r'<a[^>]*href="([^"]+)"[^>]*>(.*?)</a>', part.group(), re.S)
    named: dict[str, str] = {}
    for link, words in found:  # a style may be a tag as well, and stands first
        named.setdefault(re.sub(r"<[^>]+>|\d+ items?", " ", words).split()[0], unescape(link))
    return named


def ids(html: str) -> list[str]:
    return re.findall(r'<li class="card" id="i-([^"]+)"', html)


def number(item_id: str) -> int:
    return int(item_id.removeprefix("item-"))


def test_filters_of_a_type_combine_and_are_in_the_address(client: FlaskClient) -> None:
    retro = links(client.get("/type/poster").text, "Filters")["Retro"]
    assert retro == "/type/poster?style=retro"
    both = links(client.get(retro).text, "Filters")["Minimal"]
    assert both == "/type/poster?style=minimal&style=retro"
    bakery = links(client.get(both).text, "Filters")["Bakery"]
    html = client.get(bakery).text
    assert bakery == "/type/poster?style=minimal&style=retro&tag=bakery"
    assert ids(html)
    assert all(number(item) % 4 == 1 and number(item) % 3 != 2 and number(item) % 5 == 1 for item in ids(html))
    assert links(html, "Chosen filters")["Retro"] == "/type/poster?style=minimal&tag=bakery"
    assert links(html, "Chosen filters")["Clear"] == "/type/poster"


def test_each_choice_says_how_many_items_it_would_leave(client: FlaskClient) -> None:
    html = client.get("/type/poster?style=retro").text
    counts = dict(re.findall(r'>(\w+)<span class="count">(\d+)<', html))
    assert (counts["Retro"], counts["Minimal"], counts["Bakery"]) == ("5", "5", "1")
    assert "5 designs" in html


def test_a_list_can_be_ordered_by_popularity_and_by_age(client: FlaskClient) -> None:
    html = client.get("/type/poster").text
    assert links(html, "Order") == {
        "For": "/type/poster",
        "Popular": "/type/poster?sort=popular",
        "New": "/type/poster?sort=new",
    }
    newest = ids(client.get("/type/poster?sort=new").text)
    assert newest == sorted(newest, reverse=True)
    assert ids(client.get("/type/poster?sort=sideways").text) == ids(html)


def test_search_is_narrowed_by_several_types_and_keeps_its_text(client: FlaskClient) -> None:
    html = client.get("/search?q=wedding&type=poster&type=resume&style=retro").text
    assert all(number(item) % 4 in {1, 3} and number(item) % 3 == 1 for item in ids(html))
    assert ids(html)
    assert links(html, "Filters")["Poster"] == "/search?q=wedding&type=resume&style=retro"
    assert 'value="wedding"' in html


def test_filters_alone_make_a_list(client: FlaskClient) -> None:
    html = client.get("/search?type=poster&type=resume&style=retro").text
    assert len(ids(html)) == 10
    assert "10 found" in html
    assert links(client.get("/type/poster").text, "Filters").keys() >= {"Retro", "Bakery", "Wedding"}


def test_choices_that_no_item_has_together_say_so_and_lead_back(client: FlaskClient) -> None:
    html = client.get("/type/poster?tag=retro&style=minimal").text
    assert "No item has all of these at once." in html
    assert 'href="/type/poster"' in html


def test_a_mended_search_says_what_it_shows_and_what_it_left_out(client: FlaskClient) -> None:
    html = client.get("/search?q=bakry+zeppelin+poster").text
    assert "Showing results for “bakery poster”" in html
    assert "Nothing has “zeppelin” together with the rest" in html
    assert 'value="bakry zeppelin poster"' in html


def test_results_have_more_pages_without_repeats(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.serve.search.PAGE_SIZE", 5)
    client = make_site().test_client()
    pages = [client.get(f"/search?q=wedding&page={page}").text for page in (1, 2, 3, 4)]
    shown = [item for page in pages[:3] for item in ids(page)]
    assert sorted(shown) == [f"item-{place:03}" for place in range(0, 60, 5)]
    assert 'rel="next" href="/search?q=wedding&amp;page=2"' in pages[0]
    assert 'rel="next"' not in pages[2]
    assert "You have reached the end of this list." in pages[3]


def test_results_follow_what_the_visitor_opened(client: FlaskClient) -> None:
    client.get("/")
    load_artwork(client)
    before = ids(client.get("/search?q=wedding").text)
    for link in slate_links(client.get("/type/resume?style=playful").text)[:4]:
        client.get(link)
    after = ids(client.get("/search?q=wedding").text)
    assert sorted(after) == sorted(before)


def test_suggestions_are_words_and_items_and_make_nobody_a_visitor(client: FlaskClient) -> None:
    answer = client.get("/suggest?q=weddi")
    assert answer.get_json()["texts"] == ["wedding"]
    items = answer.get_json()["items"]
    assert len(items) == 6
    assert all("Wedding" in item["title"] and item["path"].startswith("/item/item-") for item in items)
    assert client.get(items[0]["art"]).status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert client.get("/suggest").get_json() == {"texts": [], "items": []}
    assert client.get("/suggest", query_string={"q": "\0\ud800"[:1]}).get_json() == {"texts": [], "items": []}


def test_a_search_exposes_to_the_experiment_only_whom_it_treats(site: Flask) -> None:
    """Without a history both arms see the same results; with one, each arm orders by its own rule."""
    client = site.test_client()
    client.get("/about")
    client.get("/search?q=wedding")
    load_artwork(client)
    html = client.get("/search?q=wedding").text
    client.post(
        f"/item/{ids(html)[0]}/like",
        data={"csrf_token": csrf_token(html), "undo": "0"},
        headers={"Referer": "http://localhost/"},
    )
    client.get("/search?q=wedding")
    conn = site.extensions["flywheel"].store.reader()
    site.extensions["flywheel"].writer.run(lambda db: None)
    policies = [row[0] for row in conn.execute("SELECT policy FROM slates WHERE shelf = 'search' ORDER BY seq")]
    assert policies[-1] == "search+taste"
    assert set(policies[:-1]) == {"search"}


def test_results_of_one_shape_need_no_frame_around_them(items: list[Item]) -> None:
    tall, wide = (
        Entry(replace(items[0], image_width=width, image_height=600), 1, "search", None, 1.0, "")
        for width in (400, 900)
    )
    assert [_shape_of(shown) for shown in ([tall, tall], [wide], [tall, wide], [])] == [
        "tall",
        "wide",
        "mixed",
        "mixed",
    ]
