"""The chips of “What I think you like”, and their buttons."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.store.visitors import export_visitor
from app.store.wishes import wishes_of
from tests.app.web.conftest import csrf_token, load_artwork, recorded


def _opened(client: FlaskClient) -> str:
    client.get("/")
    load_artwork(client)
    for number in (1, 4, 7):
        client.get(f"/item/item-00{number}")
    return client.get("/").text


def test_a_wish_is_kept_shown_and_in_the_visitors_own_data(site: Flask, client: FlaskClient) -> None:
    html = _opened(client)
    form = {"csrf_token": csrf_token(html), "wish": "style:retro -2", "next": "/"}
    for _ in range(2):
        answer = client.post("/you/wish", data=form)
        assert (answer.status_code, answer.location) == (303, "/#taste")
    assert "left out" in client.get("/").text
    assert "left out" in client.get("/about").text
    reader = site.extensions["flywheel"].store.reader()
    visitor_id = recorded(site)[0].visitor_id
    (kept,) = wishes_of(reader, visitor_id)
    assert (kept.trait, kept.level, kept.level_before) == ("style:retro", -2, 0), "two presses are one"
    found = export_visitor(reader, visitor_id)
    assert found is not None
    assert len(found["wishes"]) == 1

    client.post("/about/forget", data={"csrf_token": csrf_token(html)})
    assert wishes_of(site.extensions["flywheel"].store.reader(), visitor_id) == ()


@pytest.mark.parametrize("wish", ["", "style:retro", "style:retro 3", "weight:1 1", "style:retro one", "x" * 200])
def test_what_is_no_wish_is_refused_with_an_example(client: FlaskClient, wish: str) -> None:
    token = csrf_token(client.get("/").text)
    answer = client.post("/you/wish", data={"csrf_token": token, "wish": wish})
    assert answer.status_code == 400


def test_a_newcomer_has_no_chips(client: FlaskClient) -> None:
    assert "taste-chip" not in client.get("/").text
    assert "taste-chip" in _opened(client) or "What I think you like" not in _opened(client)
