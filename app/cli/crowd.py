"""`flask crowd`: visitors of the bundled population browse a running site over HTTP, marked as simulated."""

from __future__ import annotations

import html
import json
import re
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field

import click
import numpy as np
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.cli.explained import explained
from app.secret import api_key
from app.settings import KEY_HASH_PREFIX, Settings
from app.store import Store
from app.store.items import all_items
from seed_data.population import Population, SimulatedVisitor
from seed_data.visits import visit_slate

PAGES = 4
"""Home pages that a visitor of the crowd looks at."""
_TIMEOUT_S = 30.0
_FIRST_NUMBER = 500_000
_FAN_CLICKS = 3
_ENTRY = re.compile(r'href="/item/([^"?]+)\?slate=([^"&]+)&amp;pos=(\d+)"')


@dataclass(slots=True)
class Guest:
    """One visitor of the crowd, with the cookie that the site gave them."""

    site: str
    headers: dict[str, str]
    taste: SimulatedVisitor
    cookie: str = ""
    opened: set[str] = field(default_factory=set)

    def get(self, path: str) -> str:
        """A page, as this visitor gets it."""
        return self._send(urllib.request.Request(self.site + path, headers=self._with_cookie()))

    def post(self, path: str, document: object) -> None:
        """Send JSON as this visitor."""
        headers = {**self._with_cookie(), "Content-Type": "application/json"}
        self._send(urllib.request.Request(self.site + path, json.dumps(document).encode(), headers))

    def _with_cookie(self) -> dict[str, str]:
        return {**self.headers, "Cookie": self.cookie} if self.cookie else self.headers

    def _send(self, request: urllib.request.Request) -> str:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
            for name, value in answer.headers.items():
                if name.lower() == "set-cookie" and "visitor" in value.split("=")[0]:
                    self.cookie = value.split(";")[0]
            text: str = answer.read().decode("utf-8", "replace")
            return text


def register(app: Flask) -> None:
    """Add the command of this file to `flask`."""
    app.cli.add_command(explained(crowd))


@click.command("crowd")
@click.option("--site", default=None, help="Address of the site; the one of the settings when left out.")
@click.option("--visitors", default=30, type=click.IntRange(1, 10_000), show_default=True, help="How many come.")
@click.option("--fans-of", default=None, help="A style that all of them turn to, such as retro.")
@click.option(
    "--seed", default=None, type=int, help="Seed of who comes and what they do; another each time if left out."
)
@with_appcontext
def crowd(site: str | None, visitors: int, fans_of: str | None, seed: int | None) -> None:
    """Let simulated visitors browse a running site.

    They are people of the bundled population, or fans of one style, and are told apart from real visitors everywhere.
    """
    settings: Settings = current_app.config["SETTINGS"]
    address = (site or f"http://{settings.host}:{settings.port}").rstrip("/")
    with Store(settings.database) as store:
        items = all_items(store.reader())
    styles = {item.item_id: item.style for item in items}
    if fans_of is not None and fans_of not in styles.values():
        known = ", ".join(sorted({style for style in styles.values() if style}))
        raise click.ClickException(f"--fans-of {fans_of}: no item has this style; there are {known}")
    if not address.startswith(("http://", "https://")):
        raise click.ClickException(f"--site {address} must begin with http:// or https://")
    key = api_key(settings)
    if key.startswith(KEY_HASH_PREFIX):
        raise click.ClickException("the setting api_key is a hash; give the key itself, so that the crowd can show it")
    population = Population(items)
    rng = np.random.default_rng(seed if seed is not None else time.time_ns() % 2**32)
    headers = {"X-Flywheel-Origin": "simulated", "Authorization": f"Bearer {key}", "Accept": "text/html"}
    first = _FIRST_NUMBER + int(rng.integers(1, 400_000))
    guests = [Guest(address, headers, population.visitor(first + number)) for number in range(visitors)]
    clicks = 0
    try:
        for _ in range(PAGES):
            for guest in guests:
                clicks += browse(guest, styles, fans_of, rng)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise click.ClickException(f"{address} did not answer ({error}); is the site running?") from error
    click.echo(f"{visitors} visitors looked at {PAGES * visitors} pages and opened {clicks} things.")


def browse(guest: Guest, styles: dict[str, str], fans_of: str | None, rng: np.random.Generator) -> int:
    """One look at the home page, with what was on screen and what was opened; returns how many things were."""
    page = guest.get("/")
    rows: dict[str, list[tuple[int, str]]] = {}
    for item_id, slate_id, position in _ENTRY.findall(page):
        rows.setdefault(slate_id, []).append((int(position), html.unescape(item_id)))
    clicks = 0
    for slate_id, row in list(rows.items())[:3]:
        shown = [item_id for _, item_id in sorted(row) if item_id in styles]
        visit = visit_slate(guest.taste, shown, 14.0, rng, guest.opened)
        looked = visit.looked if fans_of is None else tuple(range(len(shown)))
        events = [_view(slate_id, index + 1, shown[index]) for index in looked]
        if events:
            guest.post("/api/v1/events", {"events": events})
        if fans_of is None:
            wanted = [opening.index for opening in visit.openings]
        else:
            theirs = [index for index, item_id in enumerate(shown) if styles[item_id] == fans_of]
            wanted = [index for index in theirs if shown[index] not in guest.opened][:_FAN_CLICKS]
        for index in wanted:
            guest.get(f"/item/{shown[index]}?slate={slate_id}&pos={index + 1}")
            guest.opened.add(shown[index])
            clicks += 1
    if fans_of is not None and not clicks:
        clicks += _search(guest, styles, fans_of)
    return clicks


def _view(slate_id: str, position: int, item_id: str) -> dict[str, object]:
    name = f"v-{slate_id}-{position}"
    return {"event_id": name, "kind": "view", "item_id": item_id, "slate_id": slate_id, "position": position}


def _search(guest: Guest, styles: dict[str, str], fans_of: str) -> int:
    """A fan who finds nothing of their style looks for it, and opens the first that is."""
    for item_id, slate_id, position in _ENTRY.findall(guest.get(f"/search?q={fans_of}")):
        if styles.get(item_id) == fans_of and item_id not in guest.opened:
            guest.get(f"/item/{item_id}?slate={slate_id}&pos={position}")
            guest.opened.add(item_id)
            return 1
    return 0
