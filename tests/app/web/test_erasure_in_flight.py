"""To be forgotten holds against everything that was on its way: clicks, pages and buttons of other tabs."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.store.visitors import export_visitor, get_visitor
from app.values.visitor import Visitor
from app.visitors import COOKIE_NAME, new_visitor
from app.visitors.erasure import erase
from app.web.visiting import VisitorBook
from tests.app.web.conftest import csrf_token, recorded, slate_links

CYCLES = 12


def _stored(site: Flask, visitor_id: str) -> object:
    parts = site.extensions["flywheel"]
    parts.writer.run(lambda db: None)  # what was queued before is committed
    return export_visitor(parts.store.reader(), visitor_id)


def _cookie(client: FlaskClient) -> str:
    cookie = client.get_cookie(COOKIE_NAME)
    assert cookie is not None
    return cookie.value


def test_requests_of_three_tabs_in_flight_bring_nobody_back(site: Flask) -> None:
    for _ in range(CYCLES):
        client = site.test_client()
        link = slate_links(client.get("/").text)[0]
        client.get(link)
        cookie, visitor_id = _cookie(client), recorded(site)[-1].visitor_id
        begin = threading.Barrier(4)

        def surf(path: str, cookie: str = cookie, begin: threading.Barrier = begin) -> None:
            tab = site.test_client(use_cookies=False)
            begin.wait()
            for _ in range(4):
                tab.get(path, headers={"Cookie": f"{COOKIE_NAME}={cookie}"})

        tabs = [threading.Thread(target=surf, args=[path]) for path in ("/", link, "/search?q=retro")]
        for tab in tabs:
            tab.start()
        begin.wait()
        answer = site.test_client(use_cookies=False).delete(
            f"/api/v1/visitors/{visitor_id}", headers={"Cookie": f"{COOKIE_NAME}={cookie}"}
        )
        assert answer.status_code == 204
        for tab in tabs:
            tab.join()
        assert _stored(site, visitor_id) is None


@pytest.mark.parametrize("way", ["button", "api"])
def test_the_old_cookie_is_dead(site: Flask, client: FlaskClient, way: str) -> None:
    html = client.get("/").text
    client.get(slate_links(html)[0])
    cookie, visitor_id = _cookie(client), recorded(site)[0].visitor_id
    if way == "button":
        client.post("/about/forget", data={"csrf_token": csrf_token(html)})
    else:
        client.delete(f"/api/v1/visitors/{visitor_id}")
    assert client.get_cookie(COOKIE_NAME) is None
    client.set_cookie(COOKIE_NAME, cookie)
    client.get("/")
    assert _cookie(client) != cookie, "whoever comes back with it is somebody new"
    assert _stored(site, visitor_id) is None


@pytest.fixture
def late(site: Flask, client: FlaskClient) -> Visitor:
    """The client's visitor, erased between the moment a request has found out whose it is and the moment it writes."""
    client.get(slate_links(client.get("/").text)[0])
    parts = site.extensions["flywheel"]
    visitor = get_visitor(parts.store.reader(), recorded(site)[0].visitor_id)
    assert visitor is not None
    erase(parts.writer, visitor.visitor_id, 5.0)
    # The book still knows the visitor, as a request that looked before the erasure does.
    assert site.extensions["visitor_book"].get(visitor.visitor_id) is not None
    return visitor


def test_a_page_in_flight_is_answered_and_leaves_no_trace(site: Flask, client: FlaskClient, late: Visitor) -> None:
    assert client.get("/").status_code == 200
    assert _stored(site, late.visitor_id) is None


def test_a_click_in_flight_opens_the_item_and_takes_the_cookie_back(
    site: Flask, client: FlaskClient, late: Visitor
) -> None:
    assert client.get("/item/item-007").status_code == 200
    assert client.get_cookie(COOKIE_NAME) is None
    assert _stored(site, late.visitor_id) is None


def test_an_event_in_flight_is_of_nobody(site: Flask, client: FlaskClient, late: Visitor) -> None:
    event = {"event_id": "late", "kind": "click", "item_id": "item-001"}
    answer = client.post("/api/v1/events", json={"events": [event]})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert client.get_cookie(COOKIE_NAME) is None
    assert _stored(site, late.visitor_id) is None


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/item/item-003/like", {}),
        ("/item/item-003/click/undo", {}),
        ("/you/wish", {"wish": "style:retro 1"}),
        ("/about/arm", {"arm": "control"}),
    ],
)
def test_a_button_in_flight_says_that_nothing_was_kept(
    site: Flask, client: FlaskClient, late: Visitor, path: str, form: dict[str, str]
) -> None:
    token = csrf_token(client.get("/item/item-003?seen=1").text)
    answer = client.post(path, data=form | {"csrf_token": token})
    assert answer.status_code == 410
    assert "You are forgotten" in answer.text
    assert client.get_cookie(COOKIE_NAME) is None
    assert _stored(site, late.visitor_id) is None


def test_the_book_does_not_keep_who_was_looked_up_before_an_erasure(site: Flask) -> None:
    book = VisitorBook()
    visitor = new_visitor(site.config["SETTINGS"], now=0.0)
    book.keep(visitor)
    as_of = book.forgotten
    book.forget(visitor.visitor_id)
    book.keep(visitor, as_of)
    assert book.get(visitor.visitor_id) is None
    book.keep(visitor, book.forgotten)
    assert book.get(visitor.visitor_id) == visitor
