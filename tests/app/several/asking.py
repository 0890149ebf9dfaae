"""What tests ask of processes of a site."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.flywheel import Flywheel
from tests.app.web.conftest import slate_links

KEY = {"Authorization": f"Bearer {'k' * 24}"}
PERSON = {"User-Agent": "Mozilla/5.0"}


def parts(site: Flask) -> Flywheel:
    """The parts of a process."""
    found: Flywheel = site.extensions["flywheel"]
    return found


def look(client: FlaskClient, path: str = "/") -> str:
    """The page at a path, as a person's browser gets it."""
    answer = client.get(path, headers=PERSON)
    assert answer.status_code == 200, answer.status
    return answer.text


def first_entry(page: str) -> tuple[str, str, str]:
    """Item, slate and position of the first entry of a page."""
    link = slate_links(page)[0]
    found = re.search(r"/item/([\w-]+)\?slate=([\w-]+)&pos=(\d+)", link)
    assert found is not None
    return found[1], found[2], found[3]


def visitor_of(client: FlaskClient, site: Flask) -> str:
    """Whom the cookie of a browser names."""
    [cookie] = [cookie for cookie in client._cookies.values() if cookie.key == "visitor"]  # type: ignore[union-attr]
    signed = parts(site).cookie.open(cookie.value)
    assert signed is not None
    return signed.visitor_id


def tell(site: Flask, items: Sequence[str], kind: str = "click", visitor: str = "ann", name: str = "") -> TestResponse:
    """Let a program tell of what a visitor did with some items."""
    events = [{"event_id": f"{name}{kind}-{item}", "kind": kind, "item_id": item} for item in items]
    return site.test_client().post(f"/api/v1/events?visitor_id={visitor}", json={"events": events}, headers=KEY)
