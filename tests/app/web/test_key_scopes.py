"""What a named key may do through the API, and how programs name visitors by their own ids."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from app.keys import CATALOG, EVENTS, READ, VISITORS, add_key
from app.store.visitors import get_visitor
from tests.app.web.conftest import MakeSite

EVENT = {"event_id": "e1", "kind": "click", "item_id": "item-003"}


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def test_commands_make_list_and_revoke(site: Flask) -> None:
    runner = site.test_cli_runner()
    assert "no key was made yet" in runner.invoke(args=["keys", "list"]).output
    made = runner.invoke(args=["keys", "add", "shop", "--scope", "read", "--scope", "events"])
    assert made.exit_code == 0
    assert made.stdout.splitlines() == [made.stdout.strip()], "the key alone, so that a script can take it"
    assert "shop" in runner.invoke(args=["keys", "list"]).output
    assert runner.invoke(args=["keys", "add", "shop", "--scope", "read"]).exit_code == 1
    assert runner.invoke(args=["keys", "revoke", "shop"]).exit_code == 0
    assert "there is no key 'shop'" in runner.invoke(args=["keys", "revoke", "shop"]).output


def test_a_key_does_what_its_scopes_say_and_nothing_else(make_site: MakeSite) -> None:
    site = make_site()
    var = site.config["SETTINGS"].var
    client = site.test_client(use_cookies=False)

    def calls(scope: str, visitor_id: str) -> dict[str, int]:
        headers = bearer(add_key(var, f"{scope}-{visitor_id}", [scope]))
        named = {"visitor_id": visitor_id}
        return {
            "recommend": client.get("/api/v1/recommendations", query_string=named, headers=headers).status_code,
            "similar": client.get("/api/v1/items/item-001/similar", query_string=named, headers=headers).status_code,
            "events": client.post(
                "/api/v1/events", query_string=named, json={"events": [EVENT]}, headers=headers
            ).status_code,
            "export": client.get(f"/api/v1/visitors/{visitor_id}", headers=headers).status_code,
            "erase": client.delete(f"/api/v1/visitors/{visitor_id}", headers=headers).status_code,
        }

    nothing = {"recommend": 404, "similar": 404, "events": 404, "export": 404, "erase": 404}
    assert calls(READ, "anna") == nothing | {"recommend": 200, "similar": 200}
    assert calls(EVENTS, "anna") == nothing | {"events": 202}
    assert calls(CATALOG, "anna") == nothing
    assert calls(VISITORS, "anna") == nothing | {"export": 200, "erase": 204}


def test_a_program_names_visitors_by_its_own_ids_from_the_first_call_on(make_site: MakeSite) -> None:
    site = make_site()
    headers = bearer(add_key(site.config["SETTINGS"].var, "shop", [READ, EVENTS, VISITORS]))
    client = site.test_client(use_cookies=False)
    named = {"visitor_id": "Kunde Nr. 7/ä"}
    shown = client.get("/api/v1/recommendations", query_string=named, headers=headers).get_json()
    assert shown["visitor_id"] == named["visitor_id"]
    first = shown["items"][0]
    event = {
        "event_id": "e1",
        "kind": "click",
        "item_id": first["item"]["item_id"],
        "slate_id": shown["slate_id"],
        "position": 1,
    }
    posted = client.post("/api/v1/events", query_string=named, json={"events": [event]}, headers=headers)
    assert posted.get_json()["stored"] == 1
    again = client.get("/api/v1/recommendations", query_string=named, headers=headers).get_json()
    assert again["arm"] == shown["arm"]
    visitor = get_visitor(site.extensions["flywheel"].store.reader(), named["visitor_id"])
    assert visitor is not None
    assert (visitor.arm, visitor.origin) == (shown["arm"], "real")
    exported = client.get("/api/v1/visitors/Kunde Nr. 7/ä", headers=headers).get_json()
    assert [row["kind"] for row in exported["events"]] == ["click"]


@pytest.mark.parametrize("visitor_id", ["two\nlines", "nul\x00"])
def test_an_id_that_no_page_can_show_is_refused_with_a_reason(make_site: MakeSite, visitor_id: str) -> None:
    site = make_site()
    headers = bearer(add_key(site.config["SETTINGS"].var, "shop", [READ, EVENTS]))
    answer = site.test_client().get("/api/v1/recommendations", query_string={"visitor_id": visitor_id}, headers=headers)
    assert answer.status_code == 400
    assert "must be without control characters" in json.dumps(answer.get_json(force=True))


def test_who_was_erased_stays_so_for_a_program_as_well(make_site: MakeSite) -> None:
    site = make_site()
    headers = bearer(add_key(site.config["SETTINGS"].var, "shop", [EVENTS, VISITORS]))
    client = site.test_client(use_cookies=False)
    send = {"query_string": {"visitor_id": "anna"}, "json": {"events": [EVENT]}, "headers": headers}
    assert client.post("/api/v1/events", **send).status_code == 202
    assert client.delete("/api/v1/visitors/anna", headers=headers).status_code == 204
    assert client.post("/api/v1/events", **send).status_code == 404
    assert client.get("/api/v1/visitors/anna", headers=headers).status_code == 404
