"""The learning bar: it says what the newest act did, and takes it back; all of it without scripts."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from app.web.pages import learning
from tests.app.web.conftest import MakeSite, csrf_token, load_artwork, press_field, recorded


def _bar(html: str) -> str:
    found = re.search(r'<aside class="learning".*?</aside>', html, re.S)
    return re.sub(r"<[^>]+>|\s+", " ", found.group(0)) if found else ""


def test_the_bar_speaks_after_a_click_and_undo_takes_the_click_back(site: Flask, client: FlaskClient) -> None:
    assert not _bar(client.get("/").text)
    load_artwork(client)
    html = client.get("/item/item-001").text
    assert re.search(r"Your click moved\s+\d+ of 12\s+in \d", _bar(html)) or "moved nothing of 12" in _bar(html)
    form = {"csrf_token": csrf_token(html), "press": press_field(html), "undo": "1", "next": "/item/item-001"}

    answer = client.post("/item/item-001/click/undo", data=form)
    assert (answer.status_code, answer.location) == (303, "/item/item-001?seen=1")
    client.post("/item/item-001/click/undo", data=form)

    assert [(event.kind, event.undo) for event in recorded(site)] == [("click", False), ("click", True)]
    assert "Taking that back" in _bar(client.get(answer.location).text)


def test_a_script_gets_the_new_state_instead_of_a_page(client: FlaskClient) -> None:
    html = client.get("/").text
    load_artwork(client)
    client.get("/item/item-001")
    answer = client.post(
        "/item/item-001/click/undo", data={"csrf_token": csrf_token(html)}, headers={"Accept": "application/json"}
    )
    assert answer.json is not None
    assert (answer.json["kind"], answer.json["on"]) == ("click", False)
    assert answer.json["press"]


def test_an_undo_of_what_is_not_in_the_catalog_is_not_found(client: FlaskClient) -> None:
    token = csrf_token(client.get("/").text)
    assert client.post("/item/nothing/click/undo", data={"csrf_token": token}).status_code == 404


def test_the_state_says_whether_the_model_has_learned_the_act(client: FlaskClient) -> None:
    client.get("/")
    load_artwork(client)
    assert client.get("/learning.json").status_code == 404
    client.get("/item/item-001")
    state = client.get("/learning.json").json
    assert state is not None
    assert (state["learned"], state["version"]) == (False, None)


def test_who_judges_models_is_told_so_and_control_hears_nothing(make_site: MakeSite) -> None:
    judge = make_site(holdout_share=0.5).test_client()
    for _ in range(30):
        home = judge.get("/").text
        load_artwork(judge)
        if "by whom rankings are judged" in home:
            break
        judge.delete_cookie("visitor")
    else:
        raise AssertionError("of thirty visitors, half judge models")
    assert not _bar(judge.get("/item/item-001").text), "a page drawn by lot follows nobody"
    assert "by whom rankings are judged" in judge.get("/").text
    judge.post("/about/arm", data={"csrf_token": csrf_token(home), "arm": "treatment"})
    assert "judge models and never train them" in _bar(judge.get("/item/item-002").text), (
        "the page follows, models do not"
    )
    assert "by whom rankings are judged" not in judge.get("/").text
    control = make_site(control_share=1.0).test_client()
    control.get("/")
    load_artwork(control)
    assert not _bar(control.get("/item/item-001").text)


def test_an_act_of_long_ago_is_no_news(client: FlaskClient, monkeypatch: object) -> None:
    client.get("/")
    load_artwork(client)
    assert _bar(client.get("/item/item-001").text)
    shown_for = learning.SHOWN_FOR_S
    try:
        learning.SHOWN_FOR_S = 0.0
        assert not _bar(client.get("/").text)
    finally:
        learning.SHOWN_FOR_S = shown_for
