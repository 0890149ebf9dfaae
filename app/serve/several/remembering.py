"""What is held in memory of visitors: what is recorded makes it stale, and a sign of somebody lets pages be logged."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from app.serve.first_row.passes import PassCounts
from app.serve.first_row.visit_pools import VisitPools
from app.serve.histories import HistoryCache
from app.serve.kept.by_history import KeptByHistory
from app.serve.page import Page
from app.serve.several.own_writes import OwnWrites
from app.serve.several.shared_waiting import SharedWaitingPages
from app.serve.slate_log import SlateLog
from app.serve.waiting import RecordOpening, WaitingPages
from app.settings import Settings
from app.store import Store, Writer
from app.store.events import EventRow
from app.values.opening import Opening
from app.values.visitor import Visitor


class Remembering:
    """The part of `Serve` that others tell of what happened, in this process or in another."""

    _histories: HistoryCache
    _passes: PassCounts
    _kept: KeptByHistory
    _pools: VisitPools
    _slate_log: SlateLog
    _own_writes: OwnWrites
    _waiting: WaitingPages | SharedWaitingPages

    def _remember(self, settings: Settings, store: Store, writer: Writer) -> None:
        """Where slates are logged, and where pages wait."""
        several = bool(settings.database_url)
        self._own_writes = OwnWrites(several)
        self._slate_log = SlateLog(writer, self._own_writes)
        size = settings.waiting_pages
        self._waiting = SharedWaitingPages(store, writer, size, self._own_writes) if several else WaitingPages(size)

    def on_recorded(self, rows: Sequence[EventRow]) -> None:
        """Called after each commit of events: the visitors' next pages must see them."""
        self._histories.forget({row.visitor_id for row in rows if row.kind != "view"})
        self._passes.add(rows)

    def forget(self, visitor_id: str) -> None:
        """Drop what is held in memory about a visitor who was erased."""
        self._histories.forget([visitor_id])
        self._passes.forget([visitor_id])
        self._kept.forget([visitor_id])
        self._pools.forget([visitor_id])
        self._waiting.forget(visitor_id)

    def merge(self, merged_id: str, visitor: Visitor) -> None:
        """Take up that `merged_id` is `visitor`: histories are read anew, and pages that wait are theirs."""
        self._histories.forget([merged_id, visitor.visitor_id])
        self._passes.forget([merged_id, visitor.visitor_id])
        self._kept.forget([merged_id])
        self._pools.forget([merged_id])
        self._waiting.hand_over(merged_id, visitor)

    # What other processes did.

    def acted_elsewhere(self, visitor_ids: Collection[str]) -> None:
        """These visitors did something: their histories are read anew."""
        self._histories.forget(visitor_ids)

    def seen_elsewhere(self, visitor_ids: Collection[str]) -> None:
        """These visitors had something on screen."""
        self._passes.forget(visitor_ids)

    def waits_elsewhere(self, visitor_ids: Collection[str]) -> None:
        """A page waits for a sign of each of these visitors."""
        self._waiting.note(visitor_ids)

    def forget_everybody(self) -> None:
        """Drop what is held in memory of any visitor; all of it is read anew."""
        self._histories.forget_all()
        self._passes.forget_all()
        self._kept.forget_all()
        self._pools.forget_all()
        self._waiting.read_anew()

    # Signs that somebody is there.

    def record_openings_with(self, record: RecordOpening) -> None:
        """Record what was opened on pages that waited so."""
        self._waiting.record = record

    def welcome(self, visitor_id: str) -> None:
        """The visitor's cookie came back, so there is somebody: log what they were served before."""
        self._waiting.release(visitor_id, self._slate_log.queue)

    def note_answers(self, visitor_id: str, slate_ids: Collection[str]) -> None:
        """Events of the visitor that are about to be recorded answer these slates: their pages were seen."""
        self._waiting.release(visitor_id, self._slate_log.queue, slate_ids)

    def record_when_seen(self, page: Page, opening: Opening) -> None:
        """Record that the item of a page was opened as soon as the page is logged that waits for its sign."""
        self._waiting.add_opening(page.page_id, opening)

    def newcomer(self, visitor_id: str) -> Visitor | None:
        """The visitor of this id as somebody new for whom a page waits that another process served, or None."""
        return self._waiting.visitor(visitor_id)

    def await_log(self, others: bool = True) -> None:
        """Return when what this thread's page has to say is on record. others: whether another process may be asked
        next; else nobody waits.
        """
        if others:
            self._own_writes.wait()
        else:
            self._own_writes.forget()
