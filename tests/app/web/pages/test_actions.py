"""Like, save, use, not interested: forms that work without scripts, and each can be taken back."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.app.web.conftest import csrf_token, press_field, recorded
from tests.app.web.test_addresses import OFF_SITE


def test_a_like_is_recorded_shown_and_taken_back(site: Flask, client: FlaskClient) -> None:
    client.get("/item/item-003")
    answer = client.post(
        "/item/item-003/like",
        data={"csrf_token": csrf_token(client.get("/item/item-003").text), "undo": "0", "next": "/item/item-003"},
    )
    assert answer.status_code == 303
    assert answer.location == "/item/item-003#actions"
    html = client.get("/item/item-003").text
    assert "Liked" in html
    client.post("/item/item-003/like", data={"csrf_token": csrf_token(html), "undo": "1", "next": "/item/item-003"})
    assert "Liked</span>" not in client.get("/item/item-003").text
    likes = [event for event in recorded(site) if event.kind == "like"]
    assert [event.undo for event in likes] == [False, True]


@pytest.mark.parametrize(("kind", "words"), [("save", "Saved"), ("use", "In your designs")])
def test_save_and_use_are_recorded_and_shown(site: Flask, client: FlaskClient, kind: str, words: str) -> None:
    token = csrf_token(client.get("/item/item-003").text)
    client.post(f"/item/item-003/{kind}", data={"csrf_token": token})
    assert kind in [event.kind for event in recorded(site)]
    assert f"<span>{words}</span>" in client.get("/item/item-003").text


def test_not_interested_hides_the_item_and_can_be_undone(client: FlaskClient) -> None:
    html = client.get("/type/poster").text
    assert 'data-item="item-001"' in html
    answer = client.post(
        "/item/item-001/dislike", data={"csrf_token": csrf_token(html), "undo": "0", "next": "/type/poster"}
    )
    assert answer.location == "/type/poster?hidden=item-001#main"
    html = client.get(answer.location).text
    assert 'data-item="item-001"' not in html
    assert "is hidden" in html
    assert ">Undo</button>" in html
    client.post("/item/item-001/dislike", data={"csrf_token": csrf_token(html), "undo": "1", "next": "/type/poster"})
    html = client.get("/type/poster?hidden=item-001").text
    assert 'data-item="item-001"' in html
    assert "is hidden" not in html


def test_what_was_passed_over_five_times_is_listed_on_you_and_can_be_brought_back(
    site: Flask, client: FlaskClient
) -> None:
    for _ in range(5):
        card = re.search(r'data-item="([^"]+)"[^>]*data-slate="([^"]+)" data-position="1"', client.get("/").text)
        assert card is not None
        item_id, slate = card.groups()
        event = {"event_id": f"look-{slate}", "kind": "view", "item_id": item_id, "slate_id": slate, "position": 1}
        assert client.post("/api/v1/events", json={"events": [event]}).status_code == 202
    html = client.get("/about").text
    assert "Stepped back: on your screen 5 times, never opened" in html
    token = csrf_token(html)
    assert client.post(f"/item/{item_id}/view", data={"csrf_token": token}).status_code == 400
    back = client.post(f"/item/{item_id}/view", data={"csrf_token": token, "undo": "1", "next": "/about"})
    assert back.status_code == 303
    assert "Stepped back" not in client.get("/about").text
    assert [event.undo for event in recorded(site) if event.kind == "view"] == [False] * 5 + [True]


def test_a_hidden_item_says_so_on_its_own_page(client: FlaskClient) -> None:
    token = csrf_token(client.get("/item/item-001").text)
    answer = client.post("/item/item-001/dislike", data={"csrf_token": token, "next": "/item/item-001"})
    html = client.get(answer.location).text
    assert "is hidden" in html
    assert "Not interested</span>" not in html[: html.index('data-shelf="similar"')]


def test_a_script_gets_the_new_state_instead_of_a_redirect(client: FlaskClient) -> None:
    token = csrf_token(client.get("/item/item-003").text)
    answer = client.post("/item/item-003/like", data={"csrf_token": token}, headers={"Accept": "application/json"})
    found = answer.get_json()
    assert found.pop("press")
    assert found == {"item_id": "item-003", "kind": "like", "on": True, "stored": 1}


def test_an_answer_to_a_slate_is_recorded_with_it(site: Flask, client: FlaskClient) -> None:
    html = client.get("/").text
    link = html[html.index('formaction="/item/') + len('formaction="') :].split('"')[0].replace("&amp;", "&")
    client.post(link, data={"csrf_token": csrf_token(html)})
    (event,) = recorded(site)
    assert event.kind == "like"
    assert event.position == 1
    assert event.slate_id is not None


@pytest.mark.parametrize("kind", ["like", "save", "use", "dislike"])
def test_what_is_pressed_on_a_page_whose_record_was_lost_is_kept(site: Flask, client: FlaskClient, kind: str) -> None:
    client.get("/")
    html = client.get("/item/item-003?slate=lost&pos=2").text
    found = re.search(rf'formaction="([^"]*/{kind}\?[^"]*)"', html)
    assert found is not None
    address = unescape(found[1])
    assert "slate=lost" in address
    client.post(address, data={"csrf_token": csrf_token(html), "undo": "0", "press": press_field(html)})
    acts = [(event.item_id, event.slate_id) for event in recorded(site) if event.kind == kind]
    assert acts == [("item-003", None)]


@pytest.mark.parametrize("kind", ["like", "save", "use", "dislike"])
def test_two_presses_of_a_button_are_one(site: Flask, client: FlaskClient, kind: str) -> None:
    for undo in ("0", "1"):
        html = client.get("/item/item-003?seen=1").text
        form = {"csrf_token": csrf_token(html), "press": press_field(html), "undo": undo, "next": "/"}
        first, second = (client.post(f"/item/item-003/{kind}", data=form) for _ in range(2))
        assert (first.status_code, second.status_code) == (303, 303)
        assert first.location == second.location
    assert [(event.kind, event.undo) for event in recorded(site)] == [(kind, False), (kind, True)]


def test_every_button_of_a_page_counts_for_itself_and_a_new_page_is_a_new_press(
    site: Flask, client: FlaskClient
) -> None:
    for _ in range(2):
        html = client.get("/item/item-003?seen=1").text
        form = {"csrf_token": csrf_token(html), "press": press_field(html)}
        for path in ("/item/item-003/like", "/item/item-003/save", "/item/item-004/like"):
            for undo in ("0", "1"):
                client.post(path, data=form | {"undo": undo})
    pressed = [(event.kind, event.item_id, event.undo) for event in recorded(site) if event.kind != "click"]
    assert len(pressed) == 12
    assert len(set(pressed)) == 6


def test_a_visitor_cannot_use_up_the_press_of_another(site: Flask) -> None:
    for _ in range(2):
        client = site.test_client()
        token = csrf_token(client.get("/").text)
        client.post("/item/item-003/like", data={"csrf_token": token, "press": "the same for both"})
    assert len(recorded(site)) == 2


def test_a_script_gets_a_token_for_its_next_press(site: Flask, client: FlaskClient) -> None:
    html = client.get("/").text
    form, press = {"csrf_token": csrf_token(html)}, press_field(html)
    for undo in ("0", "1", "0"):
        data = form | {"undo": undo, "press": press}
        answer = client.post("/item/item-003/like", data=data, headers={"Accept": "application/json"}).get_json()
        assert answer["stored"] == 1
        press = answer["press"]
    assert [event.undo for event in recorded(site)] == [False, True, False]


def test_a_form_from_elsewhere_is_refused(site: Flask, client: FlaskClient) -> None:
    client.get("/")
    for path in ("/item/item-003/like", "/about/forget", "/about/arm"):
        answer = client.post(path, data={"csrf_token": "made up"})
        assert answer.status_code == 400
        assert "too old" in answer.text
    assert recorded(site) == []


def test_unknown_items_and_kinds_are_not_there(client: FlaskClient) -> None:
    token = csrf_token(client.get("/").text)
    assert client.post("/item/nothing/like", data={"csrf_token": token}).status_code == 404
    assert client.post("/item/item-003/burn", data={"csrf_token": token}).status_code == 405
    assert client.get("/item/item-003/like").status_code == 404, "it would be the page of an item of that id"


@pytest.mark.parametrize("address", OFF_SITE)
def test_the_way_back_never_leads_off_the_site(client: FlaskClient, address: str) -> None:
    token = csrf_token(client.get("/").text)
    answer = client.post("/item/item-003/like", data={"csrf_token": token, "next": address})
    assert answer.location == "/item/item-003?seen=1#actions"


def test_coming_back_from_a_form_without_an_address_is_no_click(site: Flask, client: FlaskClient) -> None:
    token = csrf_token(client.get("/").text)
    client.post("/item/item-003/like", data={"csrf_token": token}, follow_redirects=True)
    assert [event.kind for event in recorded(site)] == ["like"]
