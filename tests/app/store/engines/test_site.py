"""The whole site on either engine: pages, events, search, figures and forgetting, by the same requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.backup.manifest import BackupError
from app.backup.taking import take_backup
from app.settings import Settings
from app.store import Store, Writer
from app.store.engines import dialect_of
from app.store.events import NewEvent, QuarantineRow, events_since, insert_events, quarantine
from app.store.measures.quarantine import drop, quarantine_reasons, read_quarantine
from app.store.visitors import ensure_visitor, export_visitor
from app.values.database_address import Address
from app.values.visitor import Visitor
from app.web.dashboard.computed import explanations

KEY = {"Authorization": f"Bearer {'k' * 24}"}


@pytest.fixture
def site(settings: Settings, database: Address) -> Iterator[Flask]:
    site = create_app(replace(settings, api_key="k" * 24))
    yield site
    site.extensions["flywheel"].close()


@pytest.fixture
def client(site: Flask) -> FlaskClient:
    return site.test_client()


def test_pages_events_search_and_figures_are_served(client: FlaskClient) -> None:
    assert "Wedding" in client.get("/").get_data(as_text=True)
    events = [{"event_id": f"e{n}", "kind": "click", "item_id": f"item-{n:03}"} for n in range(20)]
    for stored in (20, 0):
        answer = client.post("/api/v1/events?visitor_id=ann", json={"events": events}, headers=KEY)
        assert (answer.status_code, answer.get_json()["stored"]) == (202, stored)
    assert client.get("/api/v1/recommendations?visitor_id=ann", headers=KEY).get_json()["items"]
    assert "Garden" in client.get("/search?q=garde").get_data(as_text=True)
    assert "20" in client.get("/flywheel").get_data(as_text=True)
    assert client.get("/readyz").get_json()["checks"]["database"] == {"ok": True, "last_event": 20}


def test_who_is_erased_is_gone_and_refused(client: FlaskClient, site: Flask) -> None:
    event = {"event_id": "e", "kind": "like", "item_id": "item-001"}
    assert client.post("/api/v1/events?visitor_id=ann", json={"events": [event]}, headers=KEY).status_code == 202
    assert client.delete("/api/v1/visitors/ann", headers=KEY).status_code == 204
    assert export_visitor(site.extensions["flywheel"].store.reader(), "ann") is None
    assert client.post("/api/v1/events?visitor_id=ann", json={"events": [event]}, headers=KEY).status_code == 404


@pytest.mark.postgres_only
def test_a_text_that_the_server_has_no_place_for_is_named_and_the_next_is_stored(client: FlaskClient) -> None:
    event = {"event_id": "a\0b", "kind": "click", "item_id": "item-001"}
    answer = client.post("/api/v1/events?visitor_id=ann", json={"events": [event]}, headers=KEY)
    assert (answer.status_code, "U+0000" in answer.get_json()["detail"]) == (400, True)
    event["event_id"] = "ab"
    assert client.post("/api/v1/events?visitor_id=ann", json={"events": [event]}, headers=KEY).status_code == 202


@pytest.mark.postgres_only
def test_every_query_that_is_shown_runs_on_the_server(store: Store, client: FlaskClient) -> None:
    shown = "".join(
        client.get(f"/flywheel{page}").get_data(as_text=True) for page in ("/experiment", "/risks", "/data")
    )
    assert "DISTINCT ON" in shown
    assert "unixepoch" not in shown
    asked = [row.sql for row in explanations(on_postgres=True).values() if row.sql and row.database == "events"]
    for sql in asked:
        store.reader().execute(sql)
    assert len(asked) > 10


@pytest.mark.postgres_only
def test_a_backup_of_what_a_server_keeps_is_refused_with_what_to_do(settings: Settings, database: Address) -> None:
    with pytest.raises(BackupError, match="pg_dump and pg_restore"):
        take_backup(settings, settings.var / "backup", 0.0)


def test_quarantined_events_of_one_state_or_of_all_are_read(store: Store, writer: Writer) -> None:
    rows = [QuarantineRow(float(n), "no item", "item_id", "{}", "visitor-1", f"e{n}") for n in range(3)]
    writer.run(lambda db: (quarantine(db, rows), drop(db, 2, "a test", "test", 9.0)))
    for state, found in ((None, [3, 2, 1]), ("held", [3, 1]), ("dropped", [2])):
        assert [row.id for row in read_quarantine(store.reader(), state)] == found
    assert [(row.state, row.events) for row in quarantine_reasons(store.reader())] == [("held", 2), ("dropped", 1)]


def test_rows_are_read_by_place_and_by_name_and_unpack(store: Store, writer: Writer, visitor: Visitor) -> None:
    writer.run(lambda db: ensure_visitor(db, visitor))
    row = store.reader().execute("SELECT visitor_id, created_at AS at FROM visitors").fetchone()
    visitor_id, at = row
    assert (row[0], row["visitor_id"], row["at"]) == (visitor_id, visitor_id, at)
    assert dict(row) == {"visitor_id": visitor_id, "at": at}
    assert (row[-1], tuple(row)) == (at, (visitor_id, at))


def test_many_rows_come_in_turn_while_others_are_asked_for(store: Store, writer: Writer, visitor: Visitor) -> None:
    events = [NewEvent(f"e{n}", visitor.visitor_id, "item-000", "view", 0.0, "real") for n in range(12_000)]
    writer.run(lambda db: (ensure_visitor(db, visitor), insert_events(db, events)), 60.0)
    conn, seen = store.reader(), 0
    for (seq,) in dialect_of(conn).rows(conn, "SELECT seq FROM events ORDER BY seq"):
        seen += 1
        if seq % 4_000 == 0:
            assert events_since(conn, seq - 1, 1)[0].seq == seq
    assert seen == 12_000
