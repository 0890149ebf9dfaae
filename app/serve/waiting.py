"""Pages that wait for a sign that somebody was there: served, and not logged before the sign comes.

A program that fetches pages and keeps no cookie is nobody, and a browser that fetches ahead shows a page that may never
be seen. What both were served is kept in memory, as it was drawn and with its propensities, and is logged when the sign
comes. Whether it comes depends on the browser and not on the ranking: the artwork of a page is fetched with the cookie
whatever is on the page, so that both arms of an experiment keep the same share of their visitors.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from app.store.slates import LoggedSlate
from app.values.opening import Opening
from app.values.visitor import Visitor

MAX_WAIT_S = 3_600.0
"""Pages that waited longer are forgotten."""
SHARE_OF_ONE_SOURCE = 0.1


class LogSlates(Enum):
    """When the slates of a page are logged."""

    NOW = "now"
    ON_RETURN = "when the visitor's cookie comes back"
    ON_ANSWER = "when an event answers one of them"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Logging:
    """When to log a page, and for one that waits the address that it was served to, so that none fills the room."""

    when: LogSlates = LogSlates.NOW
    source: str = ""


LOG_NOW = Logging()

LogPage = Callable[[Visitor, Sequence[LoggedSlate]], bool]
"""Queues slates for the log; False when the queue is full."""
RecordOpening = Callable[[Opening], object]
"""Records that the visitor opened the item of a page."""


def ignore(opening: Opening) -> None:
    """Record nothing, before anybody says how."""


@dataclass(slots=True)
class WaitingPage:
    """A page that was served; `openings` are recorded with it."""

    page_id: str
    visitor: Visitor
    slates: Sequence[LoggedSlate]
    logging: Logging
    served: float
    openings: list[Opening] = field(default_factory=list)


class WaitingPages:
    """At most `size` pages, of one address at most a tenth; the oldest is forgotten first. Safe between threads.

    clock: seconds that only go forward.
    """

    def __init__(self, size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.record: RecordOpening = ignore
        self._size = size
        self._most_of_one_source = max(1, round(size * SHARE_OF_ONE_SOURCE))
        self._clock = clock
        self._by_visitor: dict[str, list[WaitingPage]] = {}
        self._by_source: dict[str, OrderedDict[str, WaitingPage]] = {}
        self._pages: OrderedDict[str, WaitingPage] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._pages)

    def keep(self, page_id: str, visitor: Visitor, slates: Sequence[LoggedSlate], logging: Logging) -> None:
        """Keep a page until its sign comes."""
        page = WaitingPage(page_id, visitor, slates, logging, self._clock())
        with self._lock:
            own = self._by_source.setdefault(logging.source, OrderedDict())
            if len(own) >= self._most_of_one_source:
                self._drop(next(iter(own.values())))
                own = self._by_source.setdefault(logging.source, OrderedDict())
            while len(self._pages) >= self._size:
                self._drop(next(iter(self._pages.values())))
                own = self._by_source.setdefault(logging.source, OrderedDict())
            own[page_id] = self._pages[page_id] = page
            self._by_visitor.setdefault(visitor.visitor_id, []).append(page)

    def add_opening(self, page_id: str, opening: Opening) -> None:
        """Record `opening` when the page is logged; without the page, never."""
        with self._lock:
            page = self._pages.get(page_id)
            if page is not None:
                page.openings.append(opening)

    def release(self, visitor_id: str, log: LogPage, answered: Collection[str] | None = None) -> None:
        """Log what waited for this visitor's return or, where `answered` names slates, the pages that show one of them.

        The slates are queued before any other thread that asks for the same visitor goes on, so that an event which
        came at the same moment finds them. A page that the log cannot take now goes on waiting.
        """
        if visitor_id not in self._by_visitor:
            return
        openings: list[Opening] = []
        with self._lock:
            for page in list(self._by_visitor.get(visitor_id, ())):
                if self._clock() - page.served > MAX_WAIT_S:
                    self._drop(page)
                elif _has_its_sign(page, answered) and log(page.visitor, page.slates):
                    self._drop(page)
                    openings += page.openings
        for opening in openings:
            self.record(opening)

    def visitor(self, visitor_id: str) -> Visitor | None:
        """The visitor of this id as somebody new for whom a page waits: whoever served it knows them already."""

    def note(self, visitor_ids: Collection[str]) -> None:
        """Pages that wait are this process's own."""

    def read_anew(self) -> None:
        """Nothing else knows of pages that wait."""

    def hand_over(self, merged_id: str, visitor: Visitor) -> None:
        """Let the pages of `merged_id` be those of the visitor whom it was merged into."""
        with self._lock:
            for page in self._by_visitor.pop(merged_id, ()):
                page.visitor = visitor
                page.slates = [replace(slate, visitor_id=visitor.visitor_id) for slate in page.slates]
                self._by_visitor.setdefault(visitor.visitor_id, []).append(page)

    def forget(self, visitor_id: str) -> None:
        """Drop the pages of a visitor who was erased."""
        with self._lock:
            for page in list(self._by_visitor.get(visitor_id, ())):
                self._drop(page)

    def _drop(self, page: WaitingPage) -> None:
        del self._pages[page.page_id]
        source = self._by_source[page.logging.source]
        del source[page.page_id]
        if not source:
            del self._by_source[page.logging.source]
        visitor_id = page.visitor.visitor_id
        self._by_visitor[visitor_id].remove(page)
        if not self._by_visitor[visitor_id]:
            del self._by_visitor[visitor_id]


def _has_its_sign(page: WaitingPage, answered: Collection[str] | None) -> bool:
    if answered is None:
        return page.logging.when is LogSlates.ON_RETURN
    return any(slate.slate_id in answered for slate in page.slates)
