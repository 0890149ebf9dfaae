"""The pages of the gallery, as someone without scripts meets them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.catalog import Item
from app.settings import Settings
from tests.app.web.conftest import MakeSite, recorded, slate_links


def test_home_tells_a_newcomer_what_to_do_and_shows_shelves(client: FlaskClient) -> None:
    html = client.get("/").text
    assert "Open three things you like." in html
    assert html.count('class="shelf"') >= 3
    assert len(slate_links(html)) >= 20


def test_every_for_you_card_says_why_it_is_there(client: FlaskClient) -> None:
    shelf = re.search(r'data-shelf="for-you".*?</section>', client.get("/").text, re.S)
    assert shelf
    assert shelf.group().count('<li class="card"') == shelf.group().count('<span class="reason')


def test_home_is_not_kept_by_the_browser_so_that_going_back_shows_the_last_click(client: FlaskClient) -> None:
    assert "no-store" in client.get("/").headers["Cache-Control"]


def test_the_type_page_filters_by_style_with_plain_links(client: FlaskClient) -> None:
    html = client.get("/type/poster").text
    assert "<h1>Poster</h1>" in html
    assert 'href="/type/poster?style=retro"' in html
    styled = client.get("/type/poster?style=retro").text
    assert len(slate_links(styled)) > 0
    assert "Poster · Minimal" not in styled
    assert "Poster · Retro" in styled


def test_a_long_type_has_a_next_page_and_a_previous_one(make_site: MakeSite, items: list[Item]) -> None:
    client = make_site().test_client()
    flywheel = client.application.extensions["flywheel"]
    assert len(flywheel.catalog.filter(type="poster")) == 15
    html = client.get("/type/poster").text
    assert 'rel="next"' not in html, "fifteen posters fit on one page"
    beyond = client.get("/type/poster?page=2").text
    assert "end of this list" in beyond
    assert 'rel="prev"' in beyond


@pytest.mark.parametrize(
    "path", ["/type/spoon", "/type/poster?style=spoon", "/item/nothing", "/nowhere", "/image/no", "/art/no.svg"]
)
def test_what_does_not_exist_gets_a_friendly_page(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert 'href="/"' in answer.text


@pytest.mark.parametrize("page", ["0", "-1", "abc", "99999999999999999999", "²"])
def test_an_odd_page_number_shows_the_first_page(client: FlaskClient, page: str) -> None:
    assert "Poster · " in client.get("/type/poster", query_string={"page": page}).text


def test_search_finds_and_keeps_the_text_in_the_box(client: FlaskClient) -> None:
    html = client.get("/search?q=wedding").text
    assert "Results for “wedding”" in html
    assert 'value="wedding"' in html
    assert len(slate_links(html)) == 12


def test_search_narrows_to_a_type(client: FlaskClient) -> None:
    html = client.get("/search?q=wedding&type=poster").text
    assert "Poster · " in html
    assert "Résumé · " not in html


@pytest.mark.parametrize(
    "text", ["", "zzzz", '"', "'; DROP TABLE items; --", "<script>alert(1)</script>", "a" * 5000, "\x00"]
)
def test_search_without_a_match_offers_a_way_on(client: FlaskClient, text: str) -> None:
    answer = client.get("/search", query_string={"q": text})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert answer.text.count('href="/search?q=') >= 4
    assert slate_links(answer.text), "something to go on with"


def test_every_suggested_search_finds_something(client: FlaskClient) -> None:
    suggested = re.findall(r'class="chip" href="(/search\?q=[^"]+)"', client.get("/search").text)
    assert suggested
    for link in suggested:
        assert "Results for" in client.get(link).text, link


def test_an_item_page_shows_what_can_be_done_and_what_is_like_it(client: FlaskClient) -> None:
    html = client.get("/item/item-001").text
    for words in ("Use this template", "Like", "Save", "Not interested", "More like this"):
        assert words in html


def test_opened_from_a_slate_an_item_says_why_it_was_shown(client: FlaskClient) -> None:
    link = slate_links(client.get("/").text)[2]
    html = client.get(link).text
    assert "Why am I seeing this?" in html
    assert "It was number 3 in “For you”." in html


def test_an_item_opened_by_itself_has_nothing_to_explain(client: FlaskClient) -> None:
    assert "Why am I seeing this?" not in client.get("/item/item-001").text


def test_somebody_elses_slate_explains_nothing(site: Flask) -> None:
    link = slate_links(site.test_client().get("/").text)[0]
    assert "Why am I seeing this?" not in site.test_client().get(link).text


def test_before_the_first_model_nothing_is_said_to_be_missing(client: FlaskClient) -> None:
    assert "learned model is not available" not in client.get("/").text


def test_the_fallback_is_told_where_a_model_should_be(settings: Settings, make_site: MakeSite) -> None:
    settings.models_folder.mkdir(parents=True, exist_ok=True)
    (settings.models_folder / "current.json").write_text("{", encoding="utf-8")
    assert "learned model is not available" in make_site().test_client().get("/").text


def test_the_control_group_is_told_so_and_can_leave(make_site: MakeSite) -> None:
    client = make_site(control_share=1.0).test_client()
    html = client.get("/").text
    assert "You are in the control group" in html
    assert "Open three things you like." not in html, "a promise that this page would not keep"


def test_titles_are_escaped(make_site: MakeSite, client: FlaskClient) -> None:
    html = client.get("/search", query_string={"q": '"><img src=x onerror=alert(1)>'}).text
    assert "<img src=x" not in html


def test_pictures_have_words_and_a_size(client: FlaskClient) -> None:
    pictures = re.findall(r"<img [^>]+>", client.get("/").text)
    assert pictures
    for picture in pictures:
        assert re.search(r'alt="[^"]+"', picture)
        assert re.search(r'width="\d+" height="\d+"', picture)


def test_static_files_carry_a_hash_and_may_be_kept(client: FlaskClient) -> None:
    address = re.search(r'href="(/look.css\?v=[0-9a-f]+)"', client.get("/").text)
    assert address
    with client.get(address.group(1)) as answer:
        assert "immutable" in answer.headers["Cache-Control"]


def test_every_script_is_asked_for_by_an_address_with_its_hash(site: Flask, client: FlaskClient) -> None:
    """Those that a script loads as well: an address without a hash may lead to an older script than the page's."""
    html = client.get("/").text
    named = set(re.findall(r'"/static/(\w[\w-]*\.js)\?v=[0-9a-f]+"', html))
    assert {"learning.js", "slide.js"} <= named
    assert not re.search(r"\.js(?![\w?]|\?v=)", html)
    for script in Path(site.static_folder or "").glob("*.js"):
        assert not re.search(r"""(?:from|import)\s*\(?\s*["'`]""", script.read_text()), script.name


def test_an_empty_site_says_how_to_fill_it(site: Flask, tmp_path_factory: pytest.TempPathFactory) -> None:
    from dataclasses import replace

    from app import create_app

    empty = create_app(replace(site.config["SETTINGS"], var=tmp_path_factory.mktemp("empty")))
    answer = empty.test_client().get("/")
    assert answer.status_code == 503
    assert "not open yet" in answer.text
    assert "flask" in answer.text


def test_reading_pages_records_no_click(site: Flask, client: FlaskClient) -> None:
    for path in ("/", "/type/poster", "/search?q=wedding", "/flywheel", "/about"):
        assert client.get(path).status_code == 200
    assert recorded(site) == []
