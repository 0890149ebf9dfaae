"""Pages that wait for a sign in the database, because the sign may come to another process than the page was served by.

See `app.serve.waiting` for what they wait for. A page is answered once it is kept, and whoever takes it to log it
deletes it in the same commit, so that two processes that see a sign at once log it once.
"""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import astuple, fields
from functools import partial
from operator import attrgetter
from typing import Any

import structlog
from cachetools import TTLCache

from app.serve.several.own_writes import OwnWrites
from app.serve.waiting import MAX_WAIT_S, SHARE_OF_ONE_SOURCE, Logging, LogPage, LogSlates, RecordOpening, ignore
from app.store import Database, Store, StoreError, VisitorErasedError, Writer
from app.store.pages import log_page
from app.store.several.waiting import WaitingRow, add_waiting, change_waiting, take_waiting, waiting_of, who_waits
from app.store.slates import LoggedSlate
from app.values.opening import Opening
from app.values.visitor import Visitor

_MOST_VISITORS = 200_000
_values = attrgetter(*(field.name for field in fields(LoggedSlate)))
_log = structlog.get_logger(__name__)


class SharedWaitingPages:
    """What of a site's waiting pages one process knows: for whom one waits. Safe between threads.

    A process keeps at most `size` pages at once, of one address at most a tenth; the oldest is forgotten first.
    """

    def __init__(
        self, store: Store, writer: Writer, size: int, own_writes: OwnWrites, now: Callable[[], float] = time.time
    ) -> None:
        """now: Unix seconds."""
        self.record: RecordOpening = ignore
        self._store, self._writer, self._own_writes, self._now = store, writer, own_writes, now
        self._size = size
        self._most_of_one_source = max(1, round(size * SHARE_OF_ONE_SOURCE))
        self._sources: OrderedDict[str, str] = OrderedDict()
        self._by_source: dict[str, OrderedDict[str, None]] = {}
        self._who: TTLCache[str, object] = TTLCache(_MOST_VISITORS, MAX_WAIT_S)
        self._lock = threading.Lock()
        self.read_anew()

    def read_anew(self) -> None:
        """Take up for whom pages wait, whoever served them."""
        self.note(who_waits(self._store.reader()))

    def note(self, visitor_ids: Collection[str]) -> None:
        """A page waits for each of these visitors."""
        with self._lock:
            for visitor_id in visitor_ids:
                self._who[visitor_id] = object()

    def keep(self, page_id: str, visitor: Visitor, slates: Sequence[LoggedSlate], logging: Logging) -> None:
        """Keep a page until its sign comes."""
        page = json.dumps({"visitor": astuple(visitor), "slates": [_values(slate) for slate in slates], "openings": []})
        on_return = logging.when is LogSlates.ON_RETURN
        row = WaitingRow(page_id, visitor.visitor_id, on_return, self._now(), page)
        try:
            self._own_writes.add(
                self._writer.submit(partial(add_waiting, row=row, dropped=self._counted(page_id, logging.source)))
            )
        except StoreError as error:
            _log.warning("page_not_kept", page_id=page_id, reason=str(error))
            return
        self.note([visitor.visitor_id])

    def _counted(self, page_id: str, source: str) -> list[str]:
        """Count a page in; returns those of this process that are to make room for it."""
        dropped = []
        with self._lock:
            own = self._by_source.setdefault(source, OrderedDict())
            if len(own) >= self._most_of_one_source:
                dropped.append(next(iter(own)))
            elif len(self._sources) >= self._size:
                dropped.append(next(iter(self._sources)))
            self._uncount(dropped)
            self._by_source.setdefault(source, OrderedDict())[page_id] = None
            self._sources[page_id] = source
        return dropped

    def _uncount(self, page_ids: Collection[str]) -> None:
        for page_id in page_ids:
            source = self._sources.pop(page_id, None)
            if source is not None:
                own = self._by_source[source]
                del own[page_id]
                if not own:
                    del self._by_source[source]

    def add_opening(self, page_id: str, opening: Opening) -> None:
        """Record `opening` when the page is logged; without the page, never."""
        values = (astuple(opening.visitor), opening.item_id, opening.slate, opening.organic_id, opening.received_at)

        def change(page: str) -> str:
            kept = json.loads(page)
            kept["openings"].append(values)
            return json.dumps(kept)

        try:
            self._own_writes.add(self._writer.submit(partial(change_waiting, page_id=page_id, change=change)))
        except StoreError as error:
            _log.warning("opening_not_kept", page_id=page_id, reason=str(error))

    def visitor(self, visitor_id: str) -> Visitor | None:
        """The visitor of this id as somebody new for whom a page waits, or None."""
        with self._lock:
            if visitor_id not in self._who:
                return None
        rows = waiting_of(self._store.reader(), visitor_id, self._now() - MAX_WAIT_S)
        return Visitor(*json.loads(rows[-1].page)["visitor"]) if rows else None

    def release(self, visitor_id: str, log: LogPage, answered: Collection[str] | None = None) -> None:
        """Log what waited for this visitor's return or, where `answered` names slates, the pages that show one of them.

        What is logged is committed on return. A page that cannot be logged now goes on waiting.
        """
        with self._lock:
            known = self._who.get(visitor_id)
        if known is None:
            return

        def take(db: Database) -> tuple[list[str], list[Opening], int]:
            waiting = waiting_of(db.conn, visitor_id, self._now() - MAX_WAIT_S)
            read = [(row, json.loads(row.page)) for row in waiting]
            pages = [(row.page_id, page) for row, page in read if _has_its_sign(row, page, answered)]
            take_waiting(db, [page_id for page_id, _ in pages])
            for _, page in pages:
                log_page(db, Visitor(*page["visitor"]), [_slate(values) for values in page["slates"]])
            openings = [_opening(values) for _, page in pages for values in page["openings"]]
            return [page_id for page_id, _ in pages], openings, len(waiting) - len(pages)

        try:
            taken, openings, left = self._writer.run(take)
        except VisitorErasedError:
            return
        except StoreError as error:
            _log.warning("page_still_waits", reason=str(error))
            return
        with self._lock:
            self._uncount(taken)
            if not left and self._who.get(visitor_id) is known:  # else another page came meanwhile
                self._who.pop(visitor_id, None)
        for opening in openings:
            self.record(opening)

    def hand_over(self, merged_id: str, visitor: Visitor) -> None:
        """The pages of `merged_id` are those of the visitor whom it was merged into."""
        self.note([visitor.visitor_id])

    def forget(self, visitor_id: str) -> None:
        """Whoever was erased has no pages any more: they went with the rows."""
        with self._lock:
            self._who.pop(visitor_id, None)


def _has_its_sign(row: WaitingRow, page: Mapping[str, Any], answered: Collection[str] | None) -> bool:
    if answered is None:
        return row.on_return
    return any(values[0] in answered for values in page["slates"])


def _slate(values: Sequence[Any]) -> LoggedSlate:
    read: list[Any] = [tuple(value) if isinstance(value, list) else value for value in values]
    return LoggedSlate(*read)


def _opening(values: Sequence[Any]) -> Opening:
    visitor, item_id, slate, organic_id, received_at = values
    return Opening(Visitor(*visitor), item_id, slate and (slate[0], slate[1]), organic_id, received_at)
