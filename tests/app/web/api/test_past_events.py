"""Batches of what happened before now: with their own times, for keys that may, by the rules of an import."""

from __future__ import annotations

import time
from typing import Any

from flask import Flask

from app.keys import EVENTS, HISTORY, READ, add_key
from app.store.visitors import get_visitor
from tests.app.web.conftest import recorded

DAY = 86_400.0


def post(site: Flask, scopes: list[str], *events: dict[str, object], visitor_id: str | None = "kunde-1") -> Any:
    name = f"key-{time.monotonic_ns()}"
    headers = {"Authorization": f"Bearer {add_key(site.config['SETTINGS'].var, name, scopes)}"}
    question = {} if visitor_id is None else {"visitor_id": visitor_id}
    client = site.test_client(use_cookies=False)
    return client.post("/api/v1/events", query_string=question, json={"events": list(events)}, headers=headers)


def past(number: int, at: float, item_id: str = "item-003") -> dict[str, object]:
    return {"event_id": f"past-{number}", "kind": "use", "item_id": item_id, "at": at}


def test_a_past_event_counts_as_of_its_time_and_its_customer_is_assigned_when_they_come(site: Flask) -> None:
    now = time.time()
    batch = [past(1, now - 30 * DAY), past(2, now - 40 * DAY, "item-004")]
    assert post(site, [HISTORY], *batch).get_json()["stored"] == 2
    assert post(site, [HISTORY], *batch).get_json()["duplicates"] == 2
    assert [row.received_at for row in recorded(site)] == [now - 30 * DAY, now - 40 * DAY]
    reader = site.extensions["flywheel"].store.reader()
    customer = get_visitor(reader, "kunde-1")
    assert customer is not None
    assert (customer.origin, customer.created_at) == ("imported", now - 40 * DAY)
    key = add_key(site.config["SETTINGS"].var, "reader", [READ])
    shown = site.test_client(use_cookies=False).get(
        "/api/v1/recommendations?visitor_id=kunde-1", headers={"Authorization": f"Bearer {key}"}
    )
    assert shown.status_code == 200
    assert not {"item-003", "item-004"} & {entry["item"]["item_id"] for entry in shown.get_json()["items"]}
    site.extensions["flywheel"].writer.run(lambda db: None)
    come = get_visitor(reader, "kunde-1")
    assert come is not None
    assert come.origin == "real"


def test_only_a_key_of_the_scope_may_tell_times_and_none_of_them_may_be_to_come(site: Flask) -> None:
    event = past(1, time.time() - DAY)
    assert post(site, [EVENTS], event).status_code == 403
    assert site.test_client().post("/api/v1/events", json={"events": [event]}).status_code == 401
    assert post(site, [HISTORY], event, visitor_id=None).status_code == 404
    now: dict[str, object] = {"event_id": "now", "kind": "click", "item_id": "item-003"}
    assert post(site, [HISTORY], event, now).status_code == 403, "what happens now needs the scope for that"
    assert recorded(site) == []
    ahead = post(site, [HISTORY], past(2, time.time() + DAY), event).get_json()
    assert ahead["stored"] == 1
    [refused] = ahead["quarantined"]
    assert (refused["field"], refused["reason"]) == ("at", "lies ahead of now; write when it happened")
