"""Visitors who did everything are erased; after the next refit no byte that the site keeps names one of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

from app.backup.manifest import MANIFEST
from app.cli.demo import flask_command
from benchmarks.promises.kills import item_ids
from benchmarks.promises.senders import Client, make_events
from benchmarks.promises.sites import Site
from benchmarks.site.running import benchmark_settings

_SEEDED = 300
_PAGES = ("/", "/search?q=retro", "/type/poster", "/about", "/")


@dataclass(slots=True)
class Erasures:
    """planted: visitors. answers: to their requests by status. held_before: files that named at least one of them just
    before they were erased. erased: answers 204. left: files that name one of them after the next refit, with the site
    running. searched_files, searched_bytes: what was looked through then. known: erased visitors who are still found.
    """

    planted: int = 0
    answers: dict[int, int] = field(default_factory=dict)
    held_before: list[str] = field(default_factory=list)
    erased: int = 0
    left: list[str] = field(default_factory=list)
    searched_files: int = 0
    searched_bytes: int = 0
    known: int = 0


def erase_and_search(folder: Path, visitors: int, seed: int = 7) -> Erasures:
    """Plant `visitors` among seeded ones on the real site, learn from all, erase them, learn again, and search."""
    settings = benchmark_settings((folder / "site").absolute())
    for words in (["seed", "--visitors", str(_SEEDED), "--draw", "0"], ["baseline"], ["trainer", "--once"]):
        flask_command(settings, *words)
    found = Erasures(visitors)
    with Site(settings):
        clients = {}
        for number in range(visitors):
            client = Client(settings)
            clients[_live(client, number, random.Random(f"{seed}-{number}"), found)] = client
        flask_command(settings, "trainer", "--once")
        flask_command(settings, "backup", str(folder / "backup"))
        found.held_before = _naming(settings.var, list(clients), Erasures())
        for visitor_id, client in clients.items():
            client.close()  # the site closes connections that are idle for long, and only a GET is asked again
            status, _ = client.request("DELETE", f"/api/v1/visitors/{visitor_id}")
            _count(found, status)
            found.erased += status == 204
        flask_command(settings, "trainer", "--once")
        found.left = _naming(settings.var, list(clients), found)
        found.left += _naming(folder / "backup", list(clients), found, MANIFEST)
        for visitor_id, client in clients.items():
            status, _ = client.request("GET", f"/api/v1/visitors/{visitor_id}")
            found.known += status != 404
            client.close()
    return found


def _live(client: Client, number: int, rng: random.Random, found: Erasures) -> str:
    """Somebody who looks at pages, opens, likes, hides, and sends what is not believed; returns the visitor's id."""
    visitor_id = client.become_visitor()
    for path in _PAGES:
        _count(found, client.request("GET", path)[0])
    _count(found, client.post_events(make_events(visitor_id, item_ids(), 40, rng))[0])
    foreign = [{"event_id": f"{visitor_id}-{number}", "kind": "click", "item_id": visitor_id}]
    _count(found, client.post_events(foreign)[0])
    _count(found, client.request("GET", f"/api/v1/visitors/{visitor_id}?nonsense={visitor_id}")[0])
    return visitor_id


def _count(found: Erasures, status: int) -> None:
    found.answers[status] = found.answers.get(status, 0) + 1


def _naming(folder: Path, visitors: list[str], found: Erasures, pattern: str = "*") -> list[str]:
    """Files below a folder with one of the ids in them; the shared memory of a database only counts its pages."""
    naming = []
    for path in sorted(folder.rglob(pattern)):
        if not path.is_file() or path.name.endswith("-shm"):
            continue
        content = path.read_bytes()
        found.searched_files += 1
        found.searched_bytes += len(content)
        if any(visitor_id.encode() in content for visitor_id in visitors):
            naming.append(str(path.relative_to(folder)))
    return naming
