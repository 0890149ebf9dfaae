"""Two processes on one database are one site: what one acknowledged, the other knows before its next answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.flywheel import Flywheel
from app.settings import Settings
from app.store import Store
from app.values.database_address import Address

pytestmark = [pytest.mark.postgres, pytest.mark.postgres_only]

KEY = {"Authorization": f"Bearer {'k' * 24}"}
BROWSER = {"User-Agent": "Mozilla/5.0"}


@pytest.fixture
def sites(settings: Settings, database: Address) -> Iterator[tuple[Flask, Flask]]:
    """Two web processes' worth of a site, on one database and one var folder."""
    with ExitStack() as closing:
        both = []
        for _ in range(2):
            site = create_app(replace(settings, api_key="k" * 24, admin_password="p" * 12, risk_interval_s=0))
            closing.callback(parts(site).close)
            parts(site).open()
            both.append(site)
        yield both[0], both[1]


def parts(site: Flask) -> Flywheel:
    found: Flywheel = site.extensions["flywheel"]
    return found


def browser(sites: tuple[Flask, Flask]) -> tuple[FlaskClient, FlaskClient]:
    """One browser whose requests go to either process."""
    one, other = (site.test_client() for site in sites)
    other._cookies = one._cookies
    return one, other


def told(client: FlaskClient, kind: str, item_id: str, visitor: str = "ann", number: str = "") -> dict[str, int]:
    event = {"event_id": f"{kind}-{item_id}{number}", "kind": kind, "item_id": item_id}
    answer = client.post(f"/api/v1/events?visitor_id={visitor}", json={"events": [event]}, headers=KEY)
    assert answer.status_code == 202, answer.get_data(as_text=True)
    return dict(answer.get_json())


def test_a_click_that_one_acknowledged_is_on_the_next_page_of_the_other(sites: tuple[Flask, Flask]) -> None:
    one, other = browser(sites)
    for client in (one, other, one):  # both hold the visitor and their history
        client.get("/", headers=BROWSER)
    for number, (here, there) in enumerate([(one, other), (other, one)] * 10):
        item = f"item-{number:03}"
        here.get(f"/item/{item}", headers=BROWSER)
        there.get("/", headers=BROWSER)
        visitor = _visitor(there, sites)
        for site in sites:
            assert item in parts(site).serve.history_items(visitor), "it is read anew, without anybody's waiting"


def _visitor(client: FlaskClient, sites: tuple[Flask, Flask]) -> str:
    cookie = next(cookie for cookie in client._cookies.values() if cookie.key == "visitor")  # type: ignore[union-attr]
    signed = parts(sites[0]).cookie.open(cookie.value)
    assert signed is not None
    return signed.visitor_id


def test_a_newcomer_is_one_visitor_whichever_process_they_come_back_to(
    sites: tuple[Flask, Flask], store: Store
) -> None:
    one, other = browser(sites)
    page = one.get("/", headers=BROWSER).get_data(as_text=True)
    assert store.reader().execute("SELECT count(*) FROM slates").fetchone()[0] == 0, "nobody is there yet"
    slate, position = re.search(r"slate=([\w-]+)&(?:amp;)?pos=(\d+)", page).groups()  # type: ignore[union-attr]
    item = re.search(rf'/item/([\w-]+)\?slate={slate}&(?:amp;)?pos={position}"', page).group(1)  # type: ignore[union-attr]
    other.get(f"/item/{item}?slate={slate}&pos={position}", headers=BROWSER)
    visitors = store.reader().execute("SELECT DISTINCT visitor_id FROM slates").fetchall()
    assert [row[0] for row in visitors] == [_visitor(one, sites)]
    clicks = store.reader().execute("SELECT slate_id, position FROM events WHERE kind = 'click'").fetchall()
    assert [tuple(row) for row in clicks] == [(slate, int(position))]
    assert store.reader().execute("SELECT count(*) FROM waiting_pages").fetchone()[0] == 0
