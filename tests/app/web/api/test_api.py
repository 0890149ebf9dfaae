"""The JSON API: what it answers, and how it says what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.visitors import COOKIE_NAME
from tests.app.web.conftest import MakeSite, full_queue, key_headers, recorded


def _problem(answer: TestResponse, status: int) -> dict[str, Any]:
    """The problem document of an answer, checked for its form."""
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    document: dict[str, Any] = json.loads(answer.data)
    assert document["status"] == status
    assert document["type"] == "about:blank"
    assert document["title"]
    assert document["instance"].startswith("/api/")
    return document


def _recommend(client: FlaskClient, **query: Any) -> dict[str, Any]:
    answer = client.get("/api/v1/recommendations", query_string=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def _view(found: dict[str, Any], index: int = 0, **changes: Any) -> dict[str, Any]:
    entry = found["items"][index]
    return {
        "event_id": f"v-{found['slate_id']}-{entry['position']}",
        "kind": "view",
        "item_id": entry["item"]["item_id"],
        "slate_id": found["slate_id"],
        "position": entry["position"],
        **changes,
    }


def test_recommendations_come_with_a_slate_to_answer(client: FlaskClient) -> None:
    found = _recommend(client, k=5)
    assert [entry["position"] for entry in found["items"]] == [1, 2, 3, 4, 5]
    assert found["arm"] == "treatment"
    assert found["slate_id"]
    assert all(entry["reason"] and 0 < entry["propensity"] <= 1 for entry in found["items"])
    assert client.get(found["items"][0]["item"]["artwork"]["url"]).status_code == 200


def test_recommendations_can_be_of_one_type(client: FlaskClient) -> None:
    assert {entry["item"]["type"] for entry in _recommend(client, type="poster")["items"]} == {"poster"}


def test_a_program_with_a_key_goes_on_with_the_visitor_id(site: Flask) -> None:
    visitor_id = _recommend(site.test_client())["visitor_id"]
    client = site.test_client(use_cookies=False)
    named = {"query_string": {"visitor_id": visitor_id}, "headers": key_headers(site)}
    found = client.get("/api/v1/recommendations", **named).get_json()
    assert found["visitor_id"] == visitor_id
    answer = client.post("/api/v1/events", json={"events": [_view(found)]}, **named)
    assert answer.status_code == 202
    assert recorded(site)[0].visitor_id == visitor_id


def test_a_history_given_with_the_question_makes_no_visitor_and_no_slate(site: Flask, client: FlaskClient) -> None:
    answer = client.get("/api/v1/recommendations?history=item-001,item-005,unknown&k=4")
    found = answer.get_json()
    assert found["visitor_id"] is None
    assert found["slate_id"] is None
    assert len(found["items"]) == 4
    assert not {"item-001", "item-005"} & {entry["item"]["item_id"] for entry in found["items"]}
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("k", ["-1", "0", "abc", "100000", "1.5", "", "１", "1_0", " 1", "9" * 400])
def test_a_k_out_of_range_is_named_with_its_value_and_the_mend(client: FlaskClient, k: str) -> None:
    document = _problem(client.get("/api/v1/recommendations", query_string={"k": k}), 400)
    (error,) = document["errors"]
    assert error["parameter"] == "k"
    assert error["value"] == k[:200]
    assert error["detail"] == "must be a whole number from 1 to 100"


def test_every_wrong_parameter_is_named_at_once(client: FlaskClient) -> None:
    answer = client.get("/api/v1/items?type=spoon&page=0&per_page=1000&limit=5&style=minimal&style=retro")
    errors = {error["parameter"]: error["detail"] for error in _problem(answer, 400)["errors"]}
    assert set(errors) == {"type", "page", "per_page", "limit", "style"}
    assert "poster" in errors["type"]
    assert "known are: type, style, q, page, per_page" in errors["limit"]
    assert errors["style"] == "must be given once"


@pytest.mark.parametrize("address", ["/api/v1/items?style=gone", "/api/v1/recommendations?type=gone"])
def test_a_word_that_the_catalog_no_longer_has_is_not_found(client: FlaskClient, address: str) -> None:
    document = _problem(client.get(address), 404)
    assert "'gone' must be one of" in document["detail"]


def test_history_and_visitor_exclude_each_other(client: FlaskClient) -> None:
    document = _problem(client.get("/api/v1/recommendations?history=item-001&visitor_id=x"), 409)
    assert document["errors"][0]["parameter"] == "history"


def test_what_excludes_each_other_is_a_400_beside_another_mistake(client: FlaskClient) -> None:
    answer = client.get("/api/v1/recommendations?history=item-001&visitor_id=x&k=0&type=poster&type=poster&no=1")
    errors = {error["parameter"]: error["value"] for error in _problem(answer, 400)["errors"]}
    assert errors == {"history": "item-001", "k": "0", "type": "poster, poster", "no": "1"}


def test_a_blank_visitor_is_none(client: FlaskClient) -> None:
    assert client.get("/api/v1/recommendations?history=item-001&visitor_id=%20").status_code == 200


def test_a_text_that_is_too_long_is_told_its_length(client: FlaskClient) -> None:
    (error,) = _problem(client.get("/api/v1/items", query_string={"q": "x" * 201}), 400)["errors"]
    assert error == {"parameter": "q", "detail": "must be at most 200 characters, not 201", "value": "x" * 200}


def test_a_history_may_not_be_endless(client: FlaskClient) -> None:
    answer = client.get("/api/v1/recommendations", query_string={"history": ",".join(["item-001"] * 201)})
    assert "at most 200 ids" in _problem(answer, 400)["detail"]


def test_items_come_page_by_page(client: FlaskClient) -> None:
    first = client.get("/api/v1/items?per_page=25").get_json()
    last = client.get("/api/v1/items?per_page=25&page=3").get_json()
    assert (first["total"], first["more"], len(first["items"])) == (60, True, 25)
    assert (last["more"], len(last["items"])) == (False, 10)


def test_items_are_filtered_and_searched(client: FlaskClient) -> None:
    styled = client.get("/api/v1/items?type=poster&style=retro").get_json()
    assert {(item["type"], item["style"]) for item in styled["items"]} == {("poster", "retro")}
    found = client.get("/api/v1/items?q=bakery").get_json()
    assert found["total"] == 12
    assert all("Bakery" in item["title"] for item in found["items"])


def test_one_item_and_its_kin(client: FlaskClient) -> None:
    item = client.get("/api/v1/items/item-001").get_json()
    assert item["item_id"] == "item-001"
    similar = client.get("/api/v1/items/item-001/similar?k=3").get_json()
    assert 0 < len(similar["items"]) <= 3
    assert "item-001" not in [entry["item"]["item_id"] for entry in similar["items"]]


@pytest.mark.parametrize("path", ["items/nothing", "items/nothing/similar", "visitors/nobody", "spoons"])
def test_what_does_not_exist_is_a_404_problem(client: FlaskClient, path: str) -> None:
    _problem(client.get(f"/api/v1/{path}"), 404)


def test_an_unknown_visitor_is_a_404_problem(client: FlaskClient) -> None:
    _problem(client.get("/api/v1/recommendations?visitor_id=nobody"), 404)
    _problem(client.delete("/api/v1/visitors/nobody"), 404)
    answer = client.post("/api/v1/events?visitor_id=nobody", json={"events": []})
    _problem(answer, 404)


def test_a_wrong_method_is_a_405_problem_that_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.get("/api/v1/events")
    _problem(answer, 405)
    assert "POST" in answer.headers["Allow"]
    similar, merge = "/api/v1/items/item-002/similar", "/api/v1/visitors/nobody/merge"
    for path, method, allow in ((similar, "PUT", "GET, HEAD, OPTIONS"), (merge, "DELETE", "OPTIONS, POST")):
        answer = client.open(path, method=method)
        _problem(answer, 405)
        assert answer.headers["Allow"] == allow
        options = client.options(path)
        assert (options.status_code, options.headers["Allow"]) == (200, allow)


def test_events_are_acknowledged_after_they_are_stored_and_count_once(site: Flask, client: FlaskClient) -> None:
    found = _recommend(client)
    events = [_view(found, 0), _view(found, 1, kind="click", event_id="click-1")]
    answer = client.post("/api/v1/events", json={"events": events})
    assert answer.status_code == 202
    assert answer.get_json() == {"stored": 2, "duplicates": 0, "quarantined": []}
    assert [event.kind for event in recorded(site)] == ["view", "click"]
    again = client.post("/api/v1/events", json={"events": events}).get_json()
    assert (again["stored"], again["duplicates"]) == (0, 2)


def test_an_event_that_cannot_be_believed_is_set_aside_with_its_reason(site: Flask, client: FlaskClient) -> None:
    found = _recommend(client)
    events = [_view(found, 0), _view(found, 1, position=9), _view(found, 2, item_id="nothing", event_id="e")]
    receipt = client.post("/api/v1/events", json={"events": events}).get_json()
    assert receipt["stored"] == 1
    assert [(entry["index"], entry["field"]) for entry in receipt["quarantined"]] == [(1, "position"), (2, "item_id")]
    assert len(recorded(site)) == 1


def test_a_malformed_batch_is_refused_whole_with_every_problem_named(site: Flask, client: FlaskClient) -> None:
    found = _recommend(client)
    events = [_view(found), _view(found, 1, kind="stare"), {"event_id": "x"}, _view(found, 2, spoon=1)]
    document = _problem(client.post("/api/v1/events", json={"events": events}), 400)
    named = {error["pointer"]: (error["detail"], error["value"]) for error in document["errors"]}
    assert named["/events/1/kind"] == ("must be one of view, click, like, dislike, save, use", "stare")
    assert "/events/2/kind" in named
    assert "/events/2/item_id" in named
    assert "/events/3/spoon" in named
    assert recorded(site) == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"events": 1}', b"\xff\xfe", b'{"events": [NaN]}', b"[" * 9000]
)
def test_what_is_no_batch_is_a_400_problem(site: Flask, client: FlaskClient, body: bytes) -> None:
    client.get("/")
    document = _problem(client.post("/api/v1/events", data=body, content_type="application/json"), 400)
    assert document["errors"]
    assert recorded(site) == []


def test_another_content_type_is_a_415_problem(client: FlaskClient) -> None:
    client.get("/")
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = client.post("/api/v1/events", data=b'{"events": []}', content_type=content_type)
        assert "application/json" in _problem(answer, 415)["detail"]


def test_too_large_a_body_is_a_413_and_too_many_events_are_a_400_problem(make_site: MakeSite) -> None:
    client = make_site(max_body_kib=4, max_event_batch=3).test_client()
    client.get("/")
    _problem(client.post("/api/v1/events", data=b" " * 5000, content_type="application/json"), 413)
    events = [{"event_id": str(number), "kind": "view", "item_id": "item-001"} for number in range(4)]
    assert "3" in _problem(client.post("/api/v1/events", json={"events": events}), 400)["detail"]


def test_events_of_nobody_are_refused(client: FlaskClient) -> None:
    document = _problem(client.post("/api/v1/events", json={"events": []}), 404)
    assert document["errors"][0]["parameter"] == "visitor_id"


def test_a_full_queue_is_a_503_problem_that_says_when_to_come_back(make_site: MakeSite) -> None:
    site = make_site(queue_size=2)
    client = site.test_client()
    found = _recommend(client)
    with full_queue(site):
        answer = client.post("/api/v1/events", json={"events": [_view(found)]})
    document = _problem(answer, 503)
    assert answer.headers["Retry-After"] == "1"
    assert "try again" in document["detail"]
    assert recorded(site) == []


def test_too_many_calls_are_a_429_problem_that_says_when_to_come_back(make_site: MakeSite) -> None:
    site = make_site(rate_limit="2 per minute")
    client = site.test_client()
    client.get("/")
    for _ in range(2):
        assert client.get("/api/v1/items").status_code == 200
    answer = client.get("/api/v1/items")
    _problem(answer, 429)
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/").status_code == 200, "pages are not limited"
    elsewhere = site.test_client().get("/api/v1/items", environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert elsewhere.status_code == 200, "somebody else is not held up"


def test_made_up_cookies_are_no_way_around_the_limit(make_site: MakeSite) -> None:
    client = make_site(rate_limit="2 per minute").test_client(use_cookies=False)
    answers = [
        client.get("/api/v1/items", headers={"Cookie": f"{COOKIE_NAME}=made-up-{number}"}) for number in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_a_visitor_is_exported_and_erased_by_id(site: Flask, client: FlaskClient) -> None:
    found = _recommend(client)
    client.post("/api/v1/events", json={"events": [_view(found, kind="click")]})
    address = f"/api/v1/visitors/{found['visitor_id']}"
    exported = client.get(address)
    assert exported.headers["Cache-Control"] == "private, no-store"
    assert len(exported.get_json()["events"]) == 1
    erased = client.delete(address)
    assert (erased.status_code, erased.data) == (204, b"")
    assert recorded(site) == []
    _problem(client.get(address), 404)
    _problem(client.delete(address), 404)


def test_a_crash_is_a_500_problem_without_its_inside(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site()
    monkeypatch.setattr(type(site.extensions["flywheel"].serve), "recommend", lambda *args, **options: 1 / 0)
    answer = site.test_client().get("/api/v1/recommendations")
    document = _problem(answer, 500)
    assert "division" not in json.dumps(document)
