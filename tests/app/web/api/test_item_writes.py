"""Items are written while the site runs, by who may, and pages have them at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.keys import CATALOG, READ, add_key
from app.web.addresses import quoted_id
from tests.app.web.conftest import MakeSite

OIL: dict[str, Any] = {
    "title": "Olive oil",
    "categories": ["Pantry", "Oils", "Mediterranean"],
    "tags": ["vegan"],
    "link": "https://shop.example/oil?a=1",
    "attributes": {"price": 8.5, "origin": "Crete", "allergens": ["none"]},
}


@pytest.fixture
def site(make_site: MakeSite) -> Flask:
    """A site with sixty templates."""
    return make_site(control_share=0.0)


class Writer:
    """Sends JSON with a key."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self.client, self.headers = client, {"Authorization": f"Bearer {key}"}

    def send(self, method: str, path: str, document: object = None) -> TestResponse:
        """One request."""
        body = None if document is None else json.dumps(document)
        kind = None if document is None else "application/json"
        return self.client.open(f"/api/v1/{path}", method=method, data=body, content_type=kind, headers=self.headers)


@pytest.fixture
def writer(site: Flask) -> Writer:
    """A program with a key that may write items."""
    return Writer(site.test_client(), add_key(site.config["SETTINGS"].var, "shop", [CATALOG]))


def test_a_new_item_is_on_pages_in_search_and_in_recommendations_at_once(site: Flask, writer: Writer) -> None:
    browser = site.test_client()
    browser.get("/")
    answer = writer.send("PUT", "items/sku%2F1", OIL)
    assert answer.status_code == 201
    found = answer.get_json()
    assert (found["item_id"], found["type"], found["style"], found["tags"]) == (
        "sku/1",
        "Pantry",
        "Oils",
        ["Mediterranean", "vegan"],
    )
    assert found["attributes"] == OIL["attributes"]
    assert found["link"] == OIL["link"]
    ids = [entry["item"]["item_id"] for entry in browser.get("/api/v1/recommendations?k=100").get_json()["items"]]
    assert "sku/1" in ids
    assert "Olive oil" in browser.get("/").text, "on the shelf of new items"
    assert "Olive oil" in browser.get("/search?q=crete").text
    assert "Olive oil" in browser.get("/type/Pantry").text
    assert browser.get(found["url"]).status_code == 200
    event = {"event_id": "e1", "kind": "like", "item_id": "sku/1"}
    assert browser.post("/api/v1/events", json={"events": [event]}).get_json()["stored"] == 1


def test_the_same_question_is_read_by_the_types_of_now(site: Flask, writer: Writer) -> None:
    client = site.test_client()

    def statuses() -> list[int]:
        return [client.get("/api/v1/recommendations?k=1&type=Pantry").status_code for _ in range(2)]

    assert statuses() == [404, 404]
    writer.send("PUT", "items/sku%2F1", OIL)
    assert statuses() == [200, 200]
    writer.send("DELETE", "items/sku%2F1")
    assert statuses() == [404, 404]


def test_a_change_touches_what_it_names(writer: Writer) -> None:
    writer.send("PUT", "items/oil", OIL)
    change = {"title": "Oil", "attributes": {"price": 7, "origin": None}, "tags": ["raw"]}
    changed = writer.send("PATCH", "items/oil", change).get_json()
    assert (changed["title"], changed["type"], changed["tags"]) == ("Oil", "Pantry", ["raw"])
    assert changed["attributes"] == {"price": 7, "allergens": ["none"]}
    assert changed["link"] == OIL["link"]
    assert writer.send("PATCH", "items/oil", {"link": None, "attributes": None}).get_json()["attributes"] == {}
    assert writer.send("PUT", "items/oil", OIL).status_code == 200
    assert writer.send("PATCH", "items/nothing", {"title": "x"}).status_code == 404


def test_an_item_on_no_list_has_its_own_page_and_a_removed_one_has_none(site: Flask, writer: Writer) -> None:
    browser = site.test_client()
    writer.send("PUT", "items/oil", OIL)
    assert writer.send("PATCH", "items/oil", {"available": False}).get_json()["available"] is False
    for page in ("/", "/search?q=olive", "/type/poster"):
        assert "Olive oil" not in browser.get(page).text, page
    assert browser.get("/type/Pantry").status_code == 404
    ids = [entry["item"]["item_id"] for entry in browser.get("/api/v1/recommendations?k=100").get_json()["items"]]
    assert "oil" not in ids
    assert browser.get("/item/oil").status_code == 200
    assert writer.send("DELETE", "items/oil").status_code == 204
    assert browser.get("/item/oil").status_code == 404
    assert writer.send("DELETE", "items/oil").status_code == 404
    assert writer.send("PUT", "items/oil", OIL).status_code == 201


def test_many_are_written_together_or_none_is(writer: Writer) -> None:
    items = [{"item_id": f"a/{number}", "title": f"Item {number}"} for number in range(300)]
    assert writer.send("POST", "items", {"items": items}).get_json() == {"new": 300, "updated": 0, "unchanged": 0}
    items[7]["title"] = "Another"
    items.append({"item_id": "b", "title": "B"})
    assert writer.send("POST", "items", {"items": items}).get_json() == {"new": 1, "updated": 1, "unchanged": 299}
    answer = writer.send("POST", "items", {"items": [{"item_id": "c", "title": "C"}, {"item_id": "..", "title": ""}]})
    assert answer.status_code == 400
    assert {error["pointer"] for error in answer.get_json()["errors"]} == {"/items/1/item_id", "/items/1/title"}
    assert writer.client.get("/api/v1/items/c").status_code == 404


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({}, "/title"),
        ({"title": " "}, "/title"),
        ({"title": "x", "colour": "red"}, "/colour"),
        ({"title": "x", "link": "javascript:alert(1)"}, "/link"),
        ({"title": "x", "image": "http://plain.example/x.png"}, "/image"),
        ({"title": "x", "tags": "vegan"}, "/tags"),
        ({"title": "x", "categories": [".."]}, "/categories/0"),
        ({"title": "x", "added_at": "yesterday"}, "/added_at"),
    ],
)
def test_what_is_wrong_with_an_item_is_named(writer: Writer, document: dict[str, Any], pointer: str) -> None:
    answer = writer.send("PUT", "items/oil", document)
    assert answer.status_code == 400
    assert pointer in {error["pointer"] for error in answer.get_json()["errors"]}
    assert writer.client.get("/api/v1/items/oil").status_code == 404


def test_only_who_may_writes_items(site: Flask, writer: Writer) -> None:
    stranger = Writer(site.test_client(), "no-such-key")
    reader = Writer(site.test_client(), add_key(site.config["SETTINGS"].var, "reader", [READ]))
    for who, status in ((stranger, 401), (reader, 403)):
        for method, path, document in (
            ("PUT", "items/oil", OIL),
            ("PATCH", "items/item-001", {"title": "x"}),
            ("DELETE", "items/item-001", None),
            ("POST", "items", {"items": [{"item_id": "a", "title": "A"}]}),
        ):
            assert who.send(method, path, document).status_code == status
    assert site.test_client().get("/api/v1/items/item-001").get_json()["title"] != "x"


def test_an_id_that_ends_like_the_address_of_similar_items_is_not_taken_for_it(writer: Writer) -> None:
    for item_id in ("x", "x/similar"):
        assert writer.send("PUT", f"items/{quoted_id(item_id)}", {"title": item_id}).status_code == 201
    get = writer.client.get
    assert get("/api/v1/items/x%2Fsimilar").get_json()["title"] == "x/similar"
    assert get("/api/v1/items/x/similar").get_json()["item_id"] == "x"
    assert get("/api/v1/items/x%2Fsimilar/similar").get_json()["item_id"] == "x/similar"
