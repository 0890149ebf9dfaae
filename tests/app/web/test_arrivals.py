"""A crowd of fresh cookies from one address is seen and suspected, and no address is kept."""

from __future__ import annotations

import sqlite3
import time

from flask import Flask

from app.measure.governance.suspects import find_suspects
from app.measure.risks.measuring import measure_risks
from app.models.registry import Registry
from app.store.measures.arrivals import KEPT_S, arrivals_since, note_arrival
from app.store.visitors import erase_visitor
from tests.app.web.conftest import MakeSite, slate_links


def come(site: Flask, address: str, browsers: int) -> None:
    """Fresh browsers open the front page and one entry of it each."""
    for _ in range(browsers):
        client = site.test_client()
        headers = {"REMOTE_ADDR": address}
        link = slate_links(client.get("/", environ_overrides=headers).text)[0]
        assert client.get(link, environ_overrides=headers).status_code == 200


def settle(site: Flask) -> sqlite3.Connection:
    """Wait until what is queued is written; a connection that reads it."""
    flywheel = site.extensions["flywheel"]
    flywheel.writer.run(lambda db: None)
    connection: sqlite3.Connection = flywheel.store.reader()
    return connection


def test_a_hundred_cookies_from_one_address_are_suspected_and_a_household_is_not(make_site: MakeSite) -> None:
    site = make_site()
    flywheel = site.extensions["flywheel"]
    come(site, "192.0.2.7", 3)
    come(site, "198.51.100.9", 100)
    conn = settle(site)
    found = find_suspects(flywheel.store, flywheel.settings)
    assert len(found) == 100
    assert {row.rule for row in found} == {"one-address"}
    risks = measure_risks(flywheel.store, Registry(flywheel.settings), flywheel.settings, time.time())
    assert risks["address surge"].value == 100
    assert risks["address surge"].note == "103 new visitors of 2 addresses."
    rows = conn.execute("SELECT * FROM arrivals").fetchall()
    assert len(rows) == 103
    assert not any("192.0.2" in str(value) or "198.51" in str(value) for row in rows for value in row)


def test_who_never_comes_back_with_the_cookie_is_nobody(make_site: MakeSite) -> None:
    site = make_site()
    for _ in range(5):
        site.test_client().get("/")
    assert arrivals_since(settle(site), 0.0) == []


def test_the_note_of_an_arrival_goes_with_its_visitor_and_with_the_day(make_site: MakeSite) -> None:
    site = make_site()
    come(site, "192.0.2.7", 2)
    conn = settle(site)
    first, second = (row.visitor_id for row in arrivals_since(conn, 0.0))
    writer = site.extensions["flywheel"].writer
    writer.run(lambda db: erase_visitor(db, first))
    assert [row.visitor_id for row in arrivals_since(conn, 0.0)] == [second]
    writer.run(lambda db: note_arrival(db, first, "digest", time.time() + KEPT_S + 1))
    assert arrivals_since(conn, 0.0) == [], "who was erased does not come back, and older notes are gone"
