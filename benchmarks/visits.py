"""Visits of the hidden-taste population over HTTP: what a browser would send, decided by tastes the site never sees."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from urllib.parse import quote

import numpy as np
import requests

from benchmarks.simulated import simulated_headers
from seed_data.population import SimulatedVisitor

_SLATE_LINK = re.compile(r'href="/item/([^"?]+)\?slate=([^"&]+)&amp;pos=(\d+)"')
_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class SeenSlate:
    """One shelf as it stands in a page: its id, and its items in order of position."""

    slate_id: str
    item_ids: tuple[str, ...]
    positions: tuple[int, ...]


def slates_of(page: str) -> list[SeenSlate]:
    """The slates of a page, in the order in which they stand in it, read from its links."""
    found: dict[str, dict[int, str]] = {}
    for item_id, slate_id, position in _SLATE_LINK.findall(page):
        found.setdefault(html.unescape(slate_id), {})[int(position)] = html.unescape(item_id)
    return [
        SeenSlate(
            slate_id, tuple(by_position[position] for position in sorted(by_position)), tuple(sorted(by_position))
        )
        for slate_id, by_position in found.items()
    ]


@dataclass(slots=True)
class VisitTally:
    """What one or more visits did, and every answer that was not the expected one."""

    requests: int = 0
    views: int = 0
    clicks: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, other: VisitTally) -> None:
        """Add another tally to this one."""
        self.requests += other.requests
        self.views += other.views
        self.clicks += other.clicks
        self.failures += other.failures


class Visit:
    """One visitor in one browser: a cookie jar, pages, impressions, clicks. key: the site's."""

    def __init__(
        self, address: str, visitor: SimulatedVisitor, rng: np.random.Generator, key: str, timeout_s: float = 20.0
    ) -> None:
        self._address = address
        self._visitor = visitor
        self._rng = rng
        self._timeout_s = timeout_s
        self._http = requests.Session()
        self._http.headers.update(simulated_headers(key))
        self.tally = VisitTally()

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *details: object) -> None:
        self._http.close()

    def home(self, day: float, shelves: int = 2) -> None:
        """Open the home page, look at its first shelves, open what appeals."""
        page = self._get("/")
        if page is not None:
            self._look(slates_of(page)[:shelves], day)

    def _look(self, slates: list[SeenSlate], day: float) -> None:
        for slate in slates:
            examined = [
                index
                for index, position in enumerate(slate.positions)
                if self._rng.random() < self._visitor.examine(position)
            ]
            self._post_views(slate, examined)
            affinity = self._visitor.affinity(list(slate.item_ids), day)
            for index in examined:
                if self._rng.random() < affinity[index]:
                    self._open(slate, index, day)

    def _open(self, slate: SeenSlate, index: int, day: float) -> None:
        item_id = slate.item_ids[index]
        page = self._get(f"/item/{quote(item_id)}?slate={quote(slate.slate_id)}&pos={slate.positions[index]}")
        self.tally.clicks += 1
        token = _CSRF.search(page) if page else None
        if token is None:
            return
        for kind in self._visitor.reacts(item_id, day, self._rng):
            self._request("POST", f"/item/{quote(item_id)}/{kind}", data={"csrf_token": html.unescape(token.group(1))})

    def _post_views(self, slate: SeenSlate, examined: list[int]) -> None:
        events = [
            {
                "event_id": f"v-{slate.slate_id}-{slate.positions[index]}",
                "kind": "view",
                "item_id": slate.item_ids[index],
                "slate_id": slate.slate_id,
                "position": slate.positions[index],
            }
            for index in examined
        ]
        if events:
            self._request("POST", "/api/v1/events", json={"events": events})
            self.tally.views += len(events)

    def _get(self, path: str) -> str | None:
        return self._request("GET", path)

    def _request(self, method: str, path: str, **options: object) -> str | None:
        self.tally.requests += 1
        try:
            answer = self._http.request(method, self._address + path, timeout=self._timeout_s, **options)  # type: ignore[arg-type]
        except requests.RequestException as error:
            self.tally.failures.append(f"{method} {path}: {error!r}")
            return None
        if not answer.ok:
            self.tally.failures.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
            return None
        return answer.text
