"""What one browser does on the site, request by request, decided by tastes that the site never sees.

A `Browser` knows no HTTP library and no clock: it says which request comes next and is told the answer, so that the
same behaviour drives a closed loop (`make traffic`) and an open one (`make bench`).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import numpy as np

from app.models.first_model import LEARNED
from benchmarks.simulated import simulated_headers
from benchmarks.slates import SeenSlate, slates_of
from seed_data.population import SimulatedVisitor
from seed_data.visits import Opening, visit_slate

_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_PRESS = re.compile(r'name="press"[^>]*value="([^"]+)"')
_FOR_YOU = re.compile(r'<section class="shelf"[^>]*data-shelf="for-you">(.*?)</section>', re.S)
_SOURCE = re.compile(r'data-item="([^"]+)" data-source="([^"]+)"')
_CONTROL = "You are in the control group"
_BY_LOT = 'data-shelf="by-lot"'
A_SHELF = '<section class="shelf"'
"""What every home page has, also that of a visitor whose rows are drawn by lot."""

HOME, TYPE, SEARCH, ITEM = "GET /", "GET /type/[type]", "GET /search", "GET /item/[id]"
ACT, EVENTS = "POST /item/[id]/[act]", "POST /api/v1/events"
PAGES = (HOME, TYPE, SEARCH, ITEM)

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
JSON = {"Content-Type": "application/json"}

_LOOKS_AT_SHELVES = 2
_BROWSES_A_TYPE = 0.35
_SEARCHES = 0.2


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `name` is the group it is counted under, `proof` a text that a right answer contains."""

    name: str
    method: str
    path: str
    proof: str
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status 0 when nothing did. `cookies` are the Set-Cookie lines."""

    status: int
    text: str
    cookies: tuple[str, ...] = ()

    def problem(self, request: Request) -> str | None:
        """What is wrong with this answer, or None: the status and the content both count."""
        if not 200 <= self.status < 300:
            return f"status {self.status or 'none'}: {self.text[:120]}"
        if request.proof not in self.text:
            return f"the answer lacks {request.proof!r}"
        return None


@dataclass(slots=True)
class Seen:
    """What one visitor had on screen in the "For you" shelf and opened from it, by the arm that the page named."""

    arm: str = "treatment"
    impressions: int = 0
    clicks: int = 0


Steps = Generator[Request, Answer, None]


class Cookies:
    """What a browser keeps for the site."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def take(self, answer: Answer) -> None:
        """Keep what an answer sets."""
        for line in answer.cookies:
            name, _, value = line.partition(";")[0].partition("=")
            self._values[name] = value

    def header(self) -> str:
        """The Cookie header; empty on a first visit."""
        return "; ".join(f"{name}={value}" for name, value in self._values.items())


class Browser:
    """One visitor with a cookie jar. `request` is what to send next; `answered` moves on to the one after.

    A visit ends with `request` None; `visit_again` starts the next one with the same cookies.
    key: the site's, see `simulated_headers`.
    """

    def __init__(self, visitor: SimulatedVisitor, seed: int, day: float, key: str | None = None) -> None:
        self._visitor = visitor
        self._rng = np.random.default_rng((seed, visitor.number))
        self._day = day
        self._key = key
        self.cookies = Cookies()
        self._token = self._press = ""
        self.seen = Seen()
        self.visits = 0
        self.request: Request | None = None
        self.visit_again()

    def visit_again(self) -> None:
        """Come (back) to the site."""
        self.visits += 1
        self._steps = self._visit()
        self.request = next(self._steps)

    def headers(self) -> dict[str, str]:
        """Headers of the next request: whose browser it is and that nobody real sits before it."""
        sent = simulated_headers(self._key)
        if cookie := self.cookies.header():
            sent["Cookie"] = cookie
        if self.request is not None:
            sent |= self.request.headers
        return sent

    def answered(self, answer: Answer) -> None:
        """Take the answer to `request`; after a wrong one the visit is over, as people leave."""
        self.cookies.take(answer)
        assert self.request is not None
        if answer.problem(self.request):
            self._steps.close()
            self.request = None
            return
        try:
            self.request = self._steps.send(answer)
        except StopIteration:
            self.request = None

    def _visit(self) -> Steps:
        """A home page, perhaps a type and a search, and the home page again, which must show what was learned."""
        yield from self._home()
        if self._rng.random() < _BROWSES_A_TYPE:
            wanted = self._visitor.seeks(self._day, self._rng)
            page = yield Request(TYPE, "GET", f"/type/{quote(wanted)}", 'data-shelf="grid"')
            yield from self._look(slates_of(page.text)[:1])
        if self._rng.random() < _SEARCHES:
            words = self._visitor.seeks(self._day, self._rng).replace("-", " ")
            page = yield Request(SEARCH, "GET", f"/search?{urlencode({'q': words})}", f"“{html.escape(words)}”")
            yield from self._look(slates_of(page.text)[:1])
        yield from self._home()

    def _home(self) -> Steps:
        page = yield Request(HOME, "GET", "/", A_SHELF)
        self.seen.arm = arm_of(page.text)
        self._remember_token(page)
        slates = slates_of(page.text)[:_LOOKS_AT_SHELVES]
        yield from self._look(slates[:1], counted=True)
        yield from self._look(slates[1:])

    def _look(self, slates: list[SeenSlate], counted: bool = False) -> Steps:
        for slate in slates:
            visit = visit_slate(self._visitor, slate.item_ids, self._day, self._rng)
            if counted:
                self.seen.impressions += len(visit.looked)
            if visit.looked:
                yield beacon([(slate, index) for index in visit.looked])
            for opening in visit.openings:
                self.seen.clicks += counted
                yield from self._open(slate, opening)

    def _open(self, slate: SeenSlate, opening: Opening) -> Steps:
        item_id, position = slate.item_ids[opening.index], slate.positions[opening.index]
        address = f"/item/{quote(item_id)}?{urlencode({'slate': slate.slate_id, 'pos': position})}"
        page = yield Request(ITEM, "GET", address, '<article class="item">')
        self._remember_token(page)
        for kind in opening.reactions:
            form = urlencode(
                {"csrf_token": self._token, "press": self._press, "undo": 0, "next": f"/item/{quote(item_id)}"}
            )
            path = f"/item/{quote(item_id)}/{kind}"
            yield Request(ACT, "POST", path, '"on":true', form, FORM)

    def _remember_token(self, page: Answer) -> None:
        token, press = _CSRF.search(page.text), _PRESS.search(page.text)
        if token and press:
            self._token, self._press = html.unescape(token.group(1)), html.unescape(press.group(1))


def beacon(entries: list[tuple[SeenSlate, int]]) -> Request:
    """Impressions of entries, each given as its slate and its index there, as the page's script sends them."""
    events = [
        {
            "event_id": f"v-{slate.slate_id}-{slate.positions[index]}",
            "kind": "view",
            "item_id": slate.item_ids[index],
            "slate_id": slate.slate_id,
            "position": slate.positions[index],
        }
        for slate, index in entries
    ]
    return Request(EVENTS, "POST", "/api/v1/events", '"quarantined":[]', json.dumps({"events": events}), JSON)


def arm_of(page: str) -> str:
    """The arm that a home page shows its visitor to be in; ``holdout`` for one whose pages judge models, in neither."""
    if _BY_LOT in page:
        return "holdout"
    return "control" if _CONTROL in page else "treatment"


def for_you_row(page: str) -> list[tuple[str, str]]:
    """(item id, source) of the "For you" shelf of a home page, in order; empty when there is none."""
    shelf = _FOR_YOU.search(page)
    return [(html.unescape(item), source) for item, source in _SOURCE.findall(shelf.group(1))] if shelf else []


def learned_items(page: str) -> list[str]:
    """Items that a model put into "For you"; wild cards change by chance and prove nothing."""
    return [item for item, source in for_you_row(page) if source in LEARNED]
