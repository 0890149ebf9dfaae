"""Merging over HTTP: a browser without a name becomes a customer, and nothing of what it did is lost."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app.keys import READ, VISITORS, add_key
from app.store.visitors import get_visitor
from app.visitors import COOKIE_NAME
from tests.app.web.conftest import MakeSite, csrf_token, key_headers, load_artwork, recorded, slate_links


def browsed(client: FlaskClient) -> str:
    """Somebody who opened two things; their id."""
    links = slate_links(client.get("/").text)
    for link in links[:2]:
        assert client.get(link).status_code == 200
    found: str = client.get("/api/v1/recommendations").get_json()["visitor_id"]
    return found


def merge(
    site: Flask, kept: str, merged_id: object, headers: dict[str, str] | None = None, create: bool | None = None
) -> Any:
    document = {"merged_id": merged_id} | ({} if create is None else {"create": create})
    return site.test_client(use_cookies=False).post(
        f"/api/v1/visitors/{kept}/merge", json=document, headers=key_headers(site) if headers is None else headers
    )


def test_a_login_keeps_history_arm_and_pages_of_the_browser(make_site: MakeSite) -> None:
    site = make_site(control_share=0.5)
    client = site.test_client()
    anonymous = browsed(client)
    before = get_visitor(site.extensions["flywheel"].store.reader(), anonymous)
    assert before is not None
    opened = {row.item_id for row in recorded(site) if row.kind == "click"}
    answer = merge(site, "customer-7", anonymous)
    assert answer.status_code == 200, answer.text
    assert answer.get_json() | {"slates": 0} == {
        "visitor_id": "customer-7",
        "arm": before.arm,
        "merged": True,
        "created": True,
        "events": 2,
        "slates": 0,
    }
    as_customer = {"query_string": {"visitor_id": "customer-7"}, "headers": key_headers(site)}
    shown = site.test_client(use_cookies=False).get("/api/v1/recommendations", **as_customer).get_json()
    assert shown["arm"] == before.arm
    assert not opened & {entry["item"]["item_id"] for entry in shown["items"]}, "what was opened is known"
    # The browser goes on with its cookie, and is the customer.
    assert client.get("/api/v1/recommendations").get_json()["visitor_id"] == "customer-7"
    event = {"event_id": "e9", "kind": "like", "item_id": "item-050"}
    assert client.post("/api/v1/events", json={"events": [event]}).get_json()["stored"] == 1
    assert {row.visitor_id for row in recorded(site)} == {"customer-7"}
    again = merge(site, "customer-7", anonymous).get_json()
    assert (again["merged"], again["created"], again["events"]) == (False, False, 0)


def test_a_mistyped_id_is_told_may_be_refused_and_gives_the_past_back(site: Flask, client: FlaskClient) -> None:
    anonymous = browsed(client)
    site.test_client().get("/api/v1/recommendations?visitor_id=customer-7", headers=key_headers(site))
    refused = merge(site, "custoner-7", anonymous, create=False)
    assert refused.status_code == 404
    assert "There is no visitor 'custoner-7' to become" in refused.get_json(force=True)["detail"]
    assert {row.visitor_id for row in recorded(site)} == {anonymous}
    assert merge(site, "custoner-7", anonymous).get_json()["created"]
    back = merge(site, "customer-7", "custoner-7", create=False).get_json()
    assert (back["visitor_id"], back["merged"], back["created"], back["events"]) == ("customer-7", True, False, 2)
    assert {row.visitor_id for row in recorded(site)} == {"customer-7"}
    assert client.get("/api/v1/recommendations").get_json()["visitor_id"] == "customer-7"


def test_pages_that_waited_for_a_sign_are_the_customers_as_well(site: Flask, client: FlaskClient) -> None:
    client.get("/", headers={"Sec-Purpose": "prefetch"})
    cookie = client.get_cookie(COOKIE_NAME)
    assert cookie is not None
    load_artwork(client)
    anonymous = client.get("/api/v1/recommendations").get_json()["visitor_id"]
    ahead = slate_links(client.get("/", headers={"Sec-Purpose": "prefetch"}).text)[0]
    assert merge(site, "customer-7", anonymous).status_code == 200
    assert client.get(ahead).status_code == 200
    [click] = [row for row in recorded(site) if row.kind == "click"]
    assert (click.visitor_id, click.slate_id is not None) == ("customer-7", True)


def test_an_erasure_under_either_id_ends_both_and_the_cookie(site: Flask, client: FlaskClient) -> None:
    anonymous = browsed(client)
    merge(site, "customer-7", anonymous)
    assert client.delete(f"/api/v1/visitors/{anonymous}").status_code == 204
    assert client.get_cookie(COOKIE_NAME) is None
    headers = key_headers(site)
    for name in (anonymous, "customer-7"):
        assert client.get(f"/api/v1/visitors/{name}", headers=headers).status_code == 404
    assert merge(site, "customer-7", anonymous).status_code == 404
    assert recorded(site) == []


def test_what_cannot_be_merged_is_refused_with_the_reason(site: Flask, client: FlaskClient) -> None:
    anonymous = browsed(client)
    var = site.config["SETTINGS"].var
    assert merge(site, "c", anonymous, {}).status_code == 401
    reader = {"Authorization": f"Bearer {add_key(var, 'reader', [READ])}"}
    assert merge(site, "c", anonymous, reader).status_code == 403
    named = {"Authorization": f"Bearer {add_key(var, 'login', [VISITORS])}"}
    assert merge(site, "c", "nobody", named).status_code == 404
    assert merge(site, "c", "c", named).status_code == 409
    assert merge(site, "c", 7, named).status_code == 400
    assert merge(site, "c%09", anonymous, named).status_code == 400
    assert merge(site, "c", anonymous, named).status_code == 200
    refused = merge(site, "d", anonymous, named)
    assert refused.status_code == 409
    assert "was merged into another visitor before" in refused.get_json(force=True)["detail"]


def test_who_was_merged_twice_is_known_by_the_first_id_as_by_the_last(site: Flask, client: FlaskClient) -> None:
    anonymous = browsed(client)
    merge(site, "customer-7", anonymous)
    assert client.get("/api/v1/recommendations").get_json()["visitor_id"] == "customer-7"
    merge(site, "customer-8", "customer-7")
    assert client.get("/api/v1/recommendations").get_json()["visitor_id"] == "customer-8"


def test_an_arm_that_a_merged_visitor_chooses_holds_for_the_browser_that_chose_it(
    site: Flask, client: FlaskClient
) -> None:
    merge(site, "customer-7", browsed(client))
    for arm in ("control", "treatment", "control"):
        token = csrf_token(client.get("/about").text)
        assert client.post("/about/arm", data={"arm": arm, "csrf_token": token}).status_code == 303
        assert client.get("/api/v1/recommendations").get_json()["arm"] == arm
