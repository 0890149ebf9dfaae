"""Who may act for whom: a visitor for themselves, a key or the admin for everybody, nobody else for anybody."""

from __future__ import annotations

import hashlib
import stat
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.keys import SCOPES, ApiKey, KeyRing, site_keys
from app.secret import API_KEY_FILE
from app.settings import Settings, load_settings
from app.store.visitors import ensure_visitor, get_visitor
from app.visitors import new_visitor
from tests.app.web.conftest import MakeSite, key_headers, recorded
from tests.app.web.dashboard.test_login import log_in

GUESSABLE = ("imported-7", "seed-7-22", "simulated-1")
EVENT = {"event_id": "e1", "kind": "like", "item_id": "item-003"}


@pytest.fixture
def populated(make_site: MakeSite) -> Flask:
    """A site with visitors whose ids can be guessed."""
    site = make_site(admin_password="open sesame")
    settings = site.config["SETTINGS"]
    for visitor_id in GUESSABLE:
        visitor = new_visitor(settings, "imported", now=1.0, visitor_id=visitor_id)
        site.extensions["flywheel"].writer.run(lambda db, visitor=visitor: ensure_visitor(db, visitor))
    return site


def _calls(client: FlaskClient, visitor_id: str, **options: Any) -> dict[str, int]:
    """Status of every call that names a visitor; erasing comes last."""
    named = {"visitor_id": visitor_id}
    answers = {
        "export": client.get(f"/api/v1/visitors/{visitor_id}", **options),
        "recommend": client.get("/api/v1/recommendations", query_string=named, **options),
        "similar": client.get("/api/v1/items/item-001/similar", query_string=named, **options),
        "events": client.post("/api/v1/events", query_string=named, json={"events": [EVENT]}, **options),
        "erase": client.delete(f"/api/v1/visitors/{visitor_id}", **options),
    }
    return {name: answer.status_code for name, answer in answers.items()}


@pytest.mark.parametrize("visitor_id", GUESSABLE)
@pytest.mark.parametrize("shown", [{}, {"Authorization": "Bearer guess"}, {"Authorization": "Basic Z3Vlc3M6"}])
def test_who_guesses_an_id_finds_nobody(populated: Flask, visitor_id: str, shown: dict[str, str]) -> None:
    client = populated.test_client()
    client.get("/")
    client.get("/")
    assert set(_calls(client, visitor_id, headers=shown).values()) == {404}
    assert recorded(populated) == []
    assert get_visitor(populated.extensions["flywheel"].store.reader(), visitor_id) is not None


def test_a_refusal_does_not_tell_whether_the_visitor_exists(populated: Flask) -> None:
    client = populated.test_client()
    there, nowhere = (client.get(f"/api/v1/visitors/{name}").get_json(force=True) for name in ("imported-7", "nobody"))
    assert there["detail"] == nowhere["detail"]


def test_a_key_acts_for_any_visitor(populated: Flask) -> None:
    client = populated.test_client(use_cookies=False)
    assert _calls(client, "imported-7", headers=key_headers(populated)) == {
        "export": 200,
        "recommend": 200,
        "similar": 200,
        "events": 202,
        "erase": 204,
    }
    for call in (client.get, client.delete):
        assert call("/api/v1/visitors/nobody", headers=key_headers(populated)).status_code == 404


def test_the_admin_acts_for_any_visitor(populated: Flask) -> None:
    client = populated.test_client()
    assert log_in(client, "open sesame") == 303
    assert _calls(client, "imported-7")["erase"] == 204


def test_a_visitor_acts_for_themselves_and_for_nobody_else(populated: Flask) -> None:
    first, second = populated.test_client(), populated.test_client()
    ids = []
    for client in (first, second):
        ids.append(client.get("/api/v1/recommendations").get_json()["visitor_id"])
        client.get("/")
    populated.extensions["flywheel"].writer.run(lambda db: None)
    assert set(_calls(first, ids[1]).values()) == {404}
    assert _calls(first, ids[0]) == {"export": 200, "recommend": 200, "similar": 200, "events": 202, "erase": 204}
    assert not any(name.startswith("visitor=") for name in first.get("/about").headers.getlist("Set-Cookie"))
    assert "Nothing yet." in first.get("/about").text, "the cookie of who is erased is taken back"


def test_the_key_is_made_once_and_only_its_owner_can_read_it(site: Flask, settings: Settings) -> None:
    site.extensions["flywheel"].open()
    file = settings.var / API_KEY_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text("ascii")) >= 40


def test_a_hash_of_the_key_does_as_well(settings: Settings) -> None:
    digest = hashlib.sha256(b"a long key").hexdigest()
    ring = site_keys(load_settings({}, overrides={"var": settings.var, "api_key": f"sha256:{digest}"}))
    found = ring.find("a long key")
    assert found is not None
    assert found.scopes == set(SCOPES)
    assert ring.find(digest) is None, "who reads the hash does not have the key"
    assert ring.find("\ud800") is None


def test_a_key_may_only_what_its_scopes_say() -> None:
    with pytest.raises(ValueError, match="scope 'everything' of key 'k' must be one of read, events"):
        ApiKey("k", b"\x00" * 32, frozenset({"everything"}))
    assert KeyRing([]).find("") is None


@pytest.mark.parametrize("path", ["/", "/item/item-001", "/api/v1/recommendations"])
def test_a_simulated_visitor_without_a_key_is_refused_instead_of_counted_as_a_person(site: Flask, path: str) -> None:
    client = site.test_client()
    answer = client.get(path, headers={"X-Flywheel-Origin": "simulated"})
    assert answer.status_code == 403
    assert "needs a key" in answer.get_json(force=True)["detail"]
    assert "Set-Cookie" not in answer.headers
    wrong = client.get(path, headers={"X-Flywheel-Origin": "robot"} | key_headers(site))
    assert wrong.status_code == 400
    assert "'robot'" in wrong.get_json(force=True)["detail"]


def test_what_was_shown_to_a_visitor_of_an_imported_site_is_not_for_everybody(populated: Flask) -> None:
    client = populated.test_client(use_cookies=False)
    shown = client.get("/api/v1/recommendations?visitor_id=imported-7", headers=key_headers(populated)).get_json()
    populated.extensions["flywheel"].writer.run(lambda db: None)
    assert populated.test_client().get(f"/flywheel/slates/{shown['slate_id']}").status_code == 403


def test_the_dashboard_names_no_visitor(site: Flask, client: FlaskClient) -> None:
    visitor_id = client.get("/api/v1/recommendations").get_json()["visitor_id"]
    events = [EVENT, {"event_id": "e2", "kind": "like", "item_id": "made up by nobody"}]
    assert client.post("/api/v1/events", json={"events": events}).get_json()["stored"] == 1
    for path in ("board.json", "data", "risks", "experiment", "models", "bets", ""):
        shown = site.test_client().get(f"/flywheel/{path}".rstrip("/")).text
        assert visitor_id not in shown
