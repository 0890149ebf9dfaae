"""Every item has an address, whatever its id, and no address of ours leads off the site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from app import create_app
from app.settings import Settings
from app.store import Store
from app.store.items import insert_items
from app.values.item import Item
from app.web.addresses import own_address, quoted_id
from tests.app.web.conftest import csrf_token, recorded, slate_links

ODD_IDS = (
    "a/b",
    "/leading",
    "trailing/",
    "two//slashes",
    "a/like",
    "a/similar",
    "a.svg",
    "100% wool",
    "what?",
    "#1",
    "a&b=c;d",
    "Größe",
    "日本",
    "spa ce",
    'quo"te<b>',
    "a\\b",
    "plus+plus",
    "%2F",
)


@pytest.fixture
def odd(settings: Settings, items: list[Item]) -> Iterator[Flask]:
    """A site whose items have these ids."""
    odd_items = [replace(item, item_id=item_id) for item, item_id in zip(items, ODD_IDS, strict=False)]
    with Store.create(settings.database) as store, store.open_writer() as writer:
        writer.run(lambda db: insert_items(db, odd_items))
    site = create_app(replace(settings, control_share=0.0, holdout_share=0.0))
    yield site
    site.extensions["flywheel"].close()


def test_every_link_of_the_home_page_opens_its_item(odd: Flask) -> None:
    client = odd.test_client()
    links = slate_links(client.get("/").text)
    assert len(links) >= len(ODD_IDS) // 2
    for link in links:
        assert client.get(link).status_code == 200, link
    assert {event.item_id for event in recorded(odd)} <= set(ODD_IDS)
    assert all(event.slate_id for event in recorded(odd)), "each click answers the slate of its link"


@pytest.mark.parametrize("item_id", ODD_IDS)
def test_each_route_of_an_item_finds_it(odd: Flask, item_id: str) -> None:
    client, path = odd.test_client(), quoted_id(item_id)
    found = client.get(f"/api/v1/items/{path}").get_json()
    assert found["item_id"] == item_id
    assert client.get(found["url"]).status_code == 200
    assert client.get(found["artwork"]["url"]).mimetype == "image/svg+xml"
    assert client.get(f"/api/v1/items/{path}/similar?k=3").get_json()["item_id"] == item_id
    page = client.get(f"/item/{path}?seen=1")
    for kind in ("like", "save", "use", "dislike"):
        answer = client.post(
            f"/item/{path}/{kind}", data={"csrf_token": csrf_token(page.text), "next": f"/item/{path}"}
        )
        assert answer.location == f"/item/{path}#actions"
    pressed = [(event.item_id, event.kind) for event in recorded(odd) if event.kind != "click"]
    assert pressed == [(item_id, kind) for kind in ("like", "save", "use", "dislike")]


@pytest.mark.parametrize("item_id", ODD_IDS)
def test_after_a_form_the_page_itself_is_shown_again(odd: Flask, item_id: str) -> None:
    client, path = odd.test_client(), quoted_id(item_id)
    html = client.get(f"/item/{path}?seen=1").text
    back = html.split('name="next" value="')[1].split('"')[0].replace("&amp;", "&").replace("&#39;", "'")
    answer = client.post(f"/item/{path}/like", data={"csrf_token": csrf_token(html), "next": back})
    assert client.get(answer.location.partition("#")[0]).status_code == 200
    assert answer.location.endswith("#actions")


OFF_SITE = (
    "//host",
    "///host",
    "////host",
    "/\\host",
    "\\\\host",
    "/\t/host",
    "/\n/host",
    "\t//host",
    " //host",
    "https://host/",
    "https:/host",
    "javascript:alert(1)",
    "host",
    "",
)


@pytest.mark.parametrize("address", OFF_SITE)
def test_an_address_that_leads_off_the_site_is_none(address: str) -> None:
    assert own_address(address) is None


@given(st.text("/\\.:@?#\t\n ahost%", max_size=12))
@example("/a//host")
def test_a_way_back_begins_with_one_slash(address: str) -> None:
    found = own_address(address)
    assert found is None or (found[0] == "/" and found[1:2] not in {"/", "\\"} and not set("\\\t\n ") & set(found))


def test_own_addresses_keep_their_query() -> None:
    assert own_address("/type/poster?style=retro&page=2") == "/type/poster?style=retro&page=2"
    assert own_address("/item/a%2Fb#actions") == "/item/a%2Fb"
