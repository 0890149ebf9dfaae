"""Opening an item is a click, recorded by the server, once."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.app.web.conftest import MakeSite, full_queue, key_headers, load_artwork, recorded, slate_links

SIMULATED = {"X-Flywheel-Origin": "simulated"}


def test_a_click_on_an_entry_is_recorded_with_its_slate_and_position(site: Flask, client: FlaskClient) -> None:
    link = slate_links(client.get("/").text)[4]
    client.get(link)
    (event,) = recorded(site)
    assert (event.kind, event.position, event.origin) == ("click", 5, "real")
    assert event.slate_id is not None
    assert event.slate_id in link
    assert event.event_id == f"c-{event.slate_id}-5"


def test_a_reload_is_not_a_second_click(site: Flask, client: FlaskClient) -> None:
    link = slate_links(client.get("/").text)[0]
    client.get(link)
    client.get(link)
    assert len(recorded(site)) == 1


def test_the_next_page_knows_of_the_click(client: FlaskClient) -> None:
    link = slate_links(client.get("/").text)[0]
    item_id = link.split("?")[0].removeprefix("/item/")
    client.get(link)
    html = client.get("/").text
    for_you = html[html.index('data-shelf="for-you"') :]
    assert f'data-item="{item_id}"' not in for_you[: for_you.index("</section>")]


def test_an_organic_opening_counts_once_a_day(site: Flask, client: FlaskClient) -> None:
    client.get("/item/item-007")
    client.get("/item/item-007")
    (event,) = recorded(site)
    assert (event.item_id, event.slate_id, event.position) == ("item-007", None, None)


@pytest.mark.parametrize(
    "headers", [{"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}]
)
def test_looking_ahead_is_no_click(site: Flask, client: FlaskClient, headers: dict[str, str]) -> None:
    client.get("/")
    assert client.get("/item/item-007", headers=headers).status_code == 200
    assert client.head("/item/item-007").status_code == 200
    load_artwork(client)
    assert recorded(site) == []


@pytest.mark.parametrize("query", ["slate=&pos=1", "slate=x&pos=0", "slate=x&pos=abc", "slate=a%20b&pos=1", "pos=1"])
def test_half_a_slate_makes_it_an_organic_opening(site: Flask, client: FlaskClient, query: str) -> None:
    assert client.get(f"/item/item-007?{query}").status_code == 200
    load_artwork(client)
    (event,) = recorded(site)
    assert event.slate_id is None


@pytest.mark.parametrize("known", [False, True], ids=["newcomer", "known"])
def test_a_made_up_slate_makes_it_an_organic_opening(site: Flask, client: FlaskClient, known: bool) -> None:
    if known:
        client.get("/")
    assert client.get("/item/item-007?slate=made-up&pos=1").status_code == 200
    load_artwork(client)
    (event,) = recorded(site)
    assert (event.item_id, event.slate_id, event.position) == ("item-007", None, None)


def test_a_simulated_visitor_is_marked_from_the_first_visit_on(site: Flask, client: FlaskClient) -> None:
    html = client.get("/", headers=SIMULATED | key_headers(site)).text
    client.get(slate_links(html)[0])
    (event,) = recorded(site)
    assert event.origin == "simulated"


def test_the_header_does_not_change_who_is_known_already(site: Flask, client: FlaskClient) -> None:
    client.get("/")
    client.get("/item/item-007", headers=SIMULATED | key_headers(site))
    assert recorded(site)[0].origin == "real"


def test_a_full_queue_costs_the_record_but_not_the_page(make_site: MakeSite) -> None:
    site = make_site(queue_size=2)
    client = site.test_client()
    client.get("/")
    with full_queue(site):
        answer = client.get("/item/item-007")
    assert answer.status_code == 200
    assert "More like this" in answer.text
