"""Where the next request of a run comes from: visitors who browse, or one route asked over and over."""

from __future__ import annotations

import itertools
import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from benchmarks.simulated import simulated_headers
from benchmarks.site.load.browsing import A_SHELF, EVENTS, HOME, JSON, Answer, Browser, Request, Seen
from benchmarks.slates import slates_of
from seed_data.population import Population

RECOMMEND, NOOP = "GET /api/v1/recommendations", "GET /healthz"
BATCH = 20
_RETURNS = 0.5
_MOST_AWAY = 2_000


@dataclass(frozen=True, slots=True)
class Job:
    """A request that is due, its headers, and who wants to hear the answer."""

    request: Request
    headers: dict[str, str]
    answered: Callable[[Answer], None]


class Source(Protocol):
    """Gives the next request, always at once."""

    def take(self) -> Job: ...


class Browsing:
    """Visitors of the population, as many at once as the arrivals need. Some come back later, others are new.

    first: number of the first new visitor, so that runs do not share visitors with the bulk traffic.
    """

    def __init__(self, population: Population, seed: int, day: float, first: int) -> None:
        self._population = population
        self._seed = seed
        self._day = day
        self._numbers = itertools.count(first)
        self._rng = np.random.default_rng((seed, first))
        self._ready: deque[Browser] = deque()
        self._away: deque[Browser] = deque(maxlen=_MOST_AWAY)
        self.browsers: list[Browser] = []

    def take(self) -> Job:
        browser = self._ready.popleft() if self._ready else self._arriving()
        request = browser.request
        assert request is not None

        def answered(answer: Answer) -> None:
            browser.answered(answer)
            (self._ready if browser.request is not None else self._away).append(browser)

        return Job(request, browser.headers(), answered)

    def seen(self) -> list[Seen]:
        """What every visitor so far saw and opened in "For you"."""
        return [browser.seen for browser in self.browsers]

    def _arriving(self) -> Browser:
        if len(self._away) > 20 and self._rng.random() < _RETURNS:
            returning = self._away.popleft()
            returning.visit_again()
            return returning
        browser = Browser(self._population.visitor(next(self._numbers)), self._seed, self._day)
        self.browsers.append(browser)
        return browser


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """A visitor with a history: the cookies they hold, and entries (item, slate, position) that they were shown."""

    cookie: str
    entries: tuple[tuple[str, str, int], ...]


def acquaintance(browser: Browser, home_page: Answer, address: str) -> Acquaintance:
    """Who a browser is after its visit, and what its last home page showed.

    Raises RuntimeError where that was nothing.
    """
    entries = tuple(
        (item, slate.slate_id, position)
        for slate in slates_of(home_page.text)
        for item, position in zip(slate.item_ids, slate.positions, strict=True)
    )
    if not entries:
        raise RuntimeError(f"{address} shows no slates: {home_page.text[:200]!r}")
    return Acquaintance(browser.cookies.header(), entries)


class OneRoute:
    """One route for a round of acquaintances; `make(acquaintance, n)` is their n-th request."""

    def __init__(
        self, people: Sequence[Acquaintance], make: Callable[[Acquaintance, int], Request], key: str | None = None
    ) -> None:
        """key: the site's, see `simulated_headers`."""
        if not people:
            raise ValueError("a route needs at least one visitor to ask it; people is empty")
        self._people = people
        self._make = make
        self._headers = simulated_headers(key)
        self._taken = itertools.count()

    def take(self) -> Job:
        number = next(self._taken)
        person = self._people[number % len(self._people)]
        request = self._make(person, number)
        return Job(request, {**self._headers, "Cookie": person.cookie, **request.headers}, lambda answer: None)


def home(person: Acquaintance, number: int) -> Request:
    """The home page."""
    return Request(HOME, "GET", "/", A_SHELF)


def recommend(person: Acquaintance, number: int) -> Request:
    """Ten recommendations for the visitor, logged as a slate."""
    return Request(RECOMMEND, "GET", "/api/v1/recommendations?k=10", '"slate_id"')


def noop(person: Acquaintance, number: int) -> Request:
    """The route of the same server that does nothing."""
    return Request(NOOP, "GET", "/healthz", "ok")


def events(run: str) -> Callable[[Acquaintance, int], Request]:
    """Batches of 20 impressions with ids of their own; `run` keeps those of two runs apart."""

    def make(person: Acquaintance, number: int) -> Request:
        batch = []
        for place in range(BATCH):
            item_id, slate_id, position = person.entries[place % len(person.entries)]
            entry = {"item_id": item_id, "slate_id": slate_id, "position": position}
            batch.append({"event_id": f"b-{run}-{number}-{place}", "kind": "view", **entry})
        return Request(EVENTS, "POST", "/api/v1/events", f'"stored":{BATCH}', json.dumps({"events": batch}), JSON)

    return make
