"""Somebody is there once their cookie comes back; until then pages are served and nothing is counted."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.store.slates import get_slate
from app.web.onlookers import names_a_crawler
from tests.app.web.conftest import MakeSite, full_queue, load_artwork, recorded, slate_links

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
AHEAD: list[dict[str, str]] = [
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
    {"X-Purpose": "preview"},
]


def stored(site: Flask) -> dict[str, int]:
    """Rows that there are of visitors, slates and events."""
    parts = site.extensions["flywheel"]
    parts.writer.run(lambda db: None)  # what was queued before is committed
    conn = parts.store.reader()
    return {name: conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in NOTHING}


NOTHING = {"visitors": 0, "slates": 0, "events": 0}


@pytest.mark.parametrize(
    "path", ["/", "/type/poster", "/search?q=wedding", "/item/item-001", "/api/v1/recommendations"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_crawler_makes_no_visitor_no_slate_and_no_event(site: Flask, path: str, method: str) -> None:
    client = site.test_client()
    for _ in range(3):
        answer = client.open(path, method=method, headers={"User-Agent": GOOGLEBOT})
        assert answer.status_code == 200
        assert not any(value.startswith("visitor=") for value in answer.headers.getlist("Set-Cookie"))
        assert "slate=" not in answer.text, "what is not logged cannot be answered"
    assert stored(site) == NOTHING


@pytest.mark.parametrize("path", ["/", "/item/item-001"])
def test_asking_for_headers_makes_nobody(site: Flask, client: FlaskClient, path: str) -> None:
    for _ in range(3):
        answer = client.head(path)
        assert not any(value.startswith("visitor=") for value in answer.headers.getlist("Set-Cookie"))
    assert stored(site) == NOTHING


@pytest.mark.parametrize("headers", AHEAD)
def test_looking_ahead_makes_nobody(site: Flask, client: FlaskClient, headers: dict[str, str]) -> None:
    for path in ("/", "/item/item-001", "/"):
        assert client.get(path, headers=headers).status_code == 200
    assert stored(site) == NOTHING


def test_five_views_and_clicks_without_a_cookie_make_nobody(site: Flask) -> None:
    client = site.test_client(use_cookies=False)
    for _ in range(5):
        assert client.get(slate_links(client.get("/").text)[0]).status_code == 200
    assert stored(site) == NOTHING


def test_with_its_artwork_the_first_page_is_logged_as_it_was_served(site: Flask, client: FlaskClient) -> None:
    shown = client.get("/api/v1/recommendations?k=8").get_json()
    assert stored(site) == NOTHING
    load_artwork(client)
    assert stored(site) == {"visitors": 1, "slates": 1, "events": 0}
    slate = get_slate(site.extensions["flywheel"].store.reader(), shown["slate_id"])
    assert slate is not None
    assert list(slate.items) == [entry["item"]["item_id"] for entry in shown["items"]]
    assert list(slate.propensities) == [entry["propensity"] for entry in shown["items"]]
    assert (slate.visitor_id, slate.arm) == (shown["visitor_id"], shown["arm"])
    load_artwork(client)
    assert stored(site)["slates"] == 1, "logged once"


def test_a_click_on_the_first_page_answers_its_slate(site: Flask, client: FlaskClient) -> None:
    client.get(slate_links(client.get("/").text)[2])
    (event,) = recorded(site)
    assert event.slate_id is not None
    assert event.position == 3


def test_a_beacon_is_enough(site: Flask, client: FlaskClient) -> None:
    shown = client.get("/api/v1/recommendations?k=2").get_json()
    assert _view(client, shown).get_json() == {"stored": 1, "duplicates": 0, "quarantined": []}
    assert stored(site) == {"visitors": 1, "slates": 1, "events": 1}


def _view(client: FlaskClient, shown: dict[str, Any], event_id: str = "v1") -> Any:
    entry = {"item_id": shown["items"][0]["item"]["item_id"], "slate_id": shown["slate_id"], "position": 1}
    return client.post("/api/v1/events", json={"events": [{"event_id": event_id, "kind": "view", **entry}]})


def test_an_item_that_was_opened_first_of_all_counts_when_somebody_is_there(site: Flask, client: FlaskClient) -> None:
    client.get("/item/item-007")
    assert stored(site) == NOTHING
    load_artwork(client)
    (event,) = recorded(site)
    assert (event.item_id, event.kind, event.slate_id) == ("item-007", "click", None)


@pytest.mark.parametrize("known", [False, True], ids=["newcomer", "known"])
def test_a_shared_link_is_an_organic_click_of_who_follows_it(site: Flask, client: FlaskClient, known: bool) -> None:
    link = slate_links(client.get("/").text)[0]
    load_artwork(client)
    friend = site.test_client()
    if known:
        friend.get("/")
    friend.get(link)
    load_artwork(friend)
    (event,) = recorded(site)
    assert (event.slate_id, event.position) == (None, None)
    assert f"/item/{event.item_id}?" in link
    conn = site.extensions["flywheel"].store.reader()
    assert conn.execute("SELECT count(*) FROM quarantine").fetchone()[0] == 0


def test_both_arms_keep_the_same_share_of_their_newcomers(make_site: MakeSite) -> None:
    site = make_site(control_share=0.5)
    came, stayed = {"control": 0, "treatment": 0}, {"control": 0, "treatment": 0}
    for number in range(60):
        client = site.test_client(use_cookies=number % 3 > 0)
        arm = client.get("/api/v1/recommendations?k=1").get_json()["arm"]
        came[arm] += 1
        load_artwork(client)
        stayed[arm] += number % 3 > 0
    stored(site)
    conn = site.extensions["flywheel"].store.reader()
    counted = dict(conn.execute("SELECT arm, count(DISTINCT visitor_id) FROM slates GROUP BY arm").fetchall())
    assert min(came.values()) > 15
    assert counted == stayed, "whoever keeps cookies is exposed, in either arm, and nobody else"


def test_a_page_that_was_fetched_ahead_is_logged_when_it_is_seen(site: Flask, client: FlaskClient) -> None:
    client.get("/")
    load_artwork(client)
    before = stored(site)["slates"]
    ahead = client.get("/api/v1/recommendations?k=2", headers={"Sec-Purpose": "prefetch"}).get_json()
    load_artwork(client)
    client.get("/about")
    assert stored(site)["slates"] == before, "it may lie in the browser and never be shown"
    assert _view(client, ahead).get_json()["stored"] == 1
    assert stored(site)["slates"] == before + 1


def test_an_item_that_was_fetched_ahead_is_opened_when_its_page_is_seen(site: Flask, client: FlaskClient) -> None:
    client.get("/")
    html = client.get("/item/item-007", headers={"Sec-Purpose": "prefetch;prerender"}).text
    link = slate_links(html)[0]
    load_artwork(client)
    assert recorded(site) == []
    client.get(link)
    clicked = link.split("?")[0].removeprefix("/item/")
    assert [event.item_id for event in recorded(site)] == ["item-007", clicked]


def test_what_a_full_queue_refuses_waits_for_the_next_sign(make_site: MakeSite) -> None:
    site = make_site(queue_size=2)
    client = site.test_client()
    client.get("/api/v1/recommendations")
    with full_queue(site):
        load_artwork(client)
    assert stored(site) == NOTHING
    load_artwork(client)
    assert stored(site) == {"visitors": 1, "slates": 1, "events": 0}


def test_who_is_erased_before_a_sign_leaves_nothing_that_waits(site: Flask, client: FlaskClient) -> None:
    visitor_id = client.get("/api/v1/recommendations").get_json()["visitor_id"]
    assert client.delete(f"/api/v1/visitors/{visitor_id}").status_code == 204
    load_artwork(client)
    assert stored(site) == NOTHING


@pytest.mark.parametrize(
    "user_agent",
    [
        GOOGLEBOT,
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
        "Mozilla/5.0 (compatible; YandexBot/3.0)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "WhatsApp/2.23.20.0",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.1; +https://openai.com/gptbot)",
        "Baiduspider+(+http://www.baidu.com/search/spider.htm)",
        "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
    ],
)
def test_crawlers_are_known_by_their_name(user_agent: str) -> None:
    assert names_a_crawler(user_agent)


@pytest.mark.parametrize(
    "user_agent",
    [
        "",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile Safari/604.1",
        "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36 Chrome/96.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0",
        "Mozilla/5.0 (Linux; Android 14) Instagram 300.0.0.0 Android",
    ],
)
def test_people_are_not_taken_for_crawlers(user_agent: str) -> None:
    assert not names_a_crawler(user_agent)
