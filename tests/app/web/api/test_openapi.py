"""The description of the API is complete, and it is true."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/openapi.json").get_json()
    return found


def _check(document: dict[str, Any], schema: str, value: object) -> None:
    jsonschema_rs.validator_for(
        {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    ).validate(value)


def test_it_describes_every_route_and_no_other(site: Flask, document: dict[str, Any]) -> None:
    described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in site.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == served


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in re.findall(r"'\$ref': '#/components/(\w+)/(\w+)'", str(document)):
        assert reference[1] in document["components"][reference[0]]


def test_answers_are_as_described(client: FlaskClient, document: dict[str, Any]) -> None:
    found = client.get("/api/v1/recommendations").get_json()
    _check(document, "Recommendations", found)
    _check(document, "Recommendations", client.get("/api/v1/recommendations?history=item-001").get_json())
    _check(document, "ItemPage", client.get("/api/v1/items").get_json())
    _check(document, "Item", client.get("/api/v1/items/item-001").get_json())
    _check(document, "Similar", client.get("/api/v1/items/item-001/similar").get_json())
    event = {"event_id": "e", "kind": "click", "item_id": "item-001"}
    unlikely = {"event_id": "f", "kind": "click", "item_id": "nothing"}
    _check(document, "EventBatch", {"events": [event, unlikely]})
    _check(document, "Receipt", client.post("/api/v1/events", json={"events": [event, unlikely]}).get_json())
    _check(document, "VisitorData", client.get(f"/api/v1/visitors/{found['visitor_id']}").get_json())


@pytest.mark.parametrize("path", ["recommendations?k=-1", "items/nothing", "items?spoon=1"])
def test_problems_are_as_described(client: FlaskClient, document: dict[str, Any], path: str) -> None:
    answer = client.get(f"/api/v1/{path}")
    _check(document, "Problem", answer.get_json(force=True))


def test_the_described_event_is_the_one_that_is_accepted(document: dict[str, Any]) -> None:
    from app.record import Event

    described = document["components"]["schemas"]["Event"]
    accepted = Event.model_json_schema()
    assert set(described["properties"]) == set(accepted["properties"])
    assert set(described["required"]) == set(accepted["required"])
    for name in ("event_id", "item_id"):
        for bound in ("minLength", "maxLength"):
            assert described["properties"][name][bound] == accepted["properties"][name][bound]
