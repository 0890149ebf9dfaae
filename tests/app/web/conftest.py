"""The site on a temporary database, with its real parts and nothing trained: pages are ranked by the fallbacks."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.secret import api_key
from app.settings import Settings
from app.store import QueueFullError
from app.store.events import EventRow, events_since

MakeSite = Callable[..., Flask]


@pytest.fixture
def make_site(settings: Settings, database: Path) -> Iterator[MakeSite]:
    """Makes the site with some settings changed; everything is closed at the end."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        site = create_app(replace(settings, **{"control_share": 0.0, "holdout_share": 0.0, **changes}))
        made.append(site)
        return site

    yield make
    for site in made:
        site.extensions["flywheel"].close()


@pytest.fixture
def site(make_site: MakeSite) -> Flask:
    """The site with everyone in the treatment arm."""
    return make_site()


@pytest.fixture
def client(site: Flask) -> FlaskClient:
    """A browser without scripts that has never been here."""
    return site.test_client()


def key_headers(site: Flask) -> dict[str, str]:
    """What a program sends that has the site's key."""
    return {"Authorization": f"Bearer {api_key(site.config['SETTINGS'])}"}


def recorded(site: Flask) -> list[EventRow]:
    """Every event in the site's database, oldest first."""
    return events_since(site.extensions["flywheel"].store.reader(), 0, 10_000)


def load_artwork(client: FlaskClient) -> None:
    """Fetch a picture of the page, as any browser does at once: the cookie comes back with it."""
    assert client.get("/image/item-001").status_code == 200


def csrf_token(html: str) -> str:
    """The token of the page's form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found, "the page has no form"
    return found.group(1)


def press_field(html: str) -> str:
    """The token that makes two presses on this page one."""
    found = re.search(r'name="press" value="([^"]+)"', html)
    assert found, "the page has no form"
    return found.group(1)


def slate_links(html: str) -> list[str]:
    """Addresses of the items that the page shows as entries of a slate."""
    links = re.findall(r'href="(/item/[^"]+\?slate=[^"]+)"', html)
    return [link.replace("&amp;", "&") for link in links]


@contextmanager
def full_queue(site: Flask) -> Iterator[None]:
    """Holds the writer of a site and fills its queue, so that the next write is refused.

    Give the site a `queue_size` of 2: one place may still be taken by the slates of the page before.
    """
    writer = site.extensions["flywheel"].writer
    holding, go_on = threading.Event(), threading.Event()

    def hold(db: object) -> None:
        holding.set()
        go_on.wait(30)

    waiting = [writer.submit(hold)]
    assert holding.wait(30)
    with suppress(QueueFullError):
        while True:
            waiting.append(writer.submit(lambda db: None))
    try:
        yield
    finally:
        go_on.set()
        for future in waiting:
            future.result(30)
