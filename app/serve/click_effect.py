"""What a visitor's newest act changed of their row "For you": ranked with it and without it, by the same model."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cachetools import LRUCache

from app.catalog import Catalog
from app.serve.facets import Facet, facets_of
from app.serve.rankers import Ranked
from app.serve.serve import Serve
from app.serve.shelves import Shelves
from app.settings import Settings
from app.store import Store
from app.store.events import EventRow, events_since
from app.store.interactions import visitor_interactions
from app.values.interaction import Interaction
from app.values.visitor import Visitor
from app.visitors import History
from app.visitors.history import history_of

_KEPT = 20_000
_RISING = 2
_MIN_RISE = 2
_MS = 1_000.0


@dataclass(frozen=True, slots=True)
class ClickEffect:
    """What the newest act did.

    item_id, kind: the act; undone: whether it took something back. at: Unix seconds. event_seq: its place in the
    order of events. places: of the row. entered: items that are in the row and would not be without the act. climbed:
    items that stand higher than without it, and by how many places. rising: facets of which the row shows at least two
    more, with how many more, the strongest first. took_ms: from the moment the act was known to the moment the row was
    ranked. opened: how many items the visitor's pages are ranked by. trains: ``now``, ``later`` for what answers
    nothing that the site chose before the visitor is trusted, or ``never`` for who judges models.
    """

    item_id: str
    kind: str
    undone: bool
    at: float
    event_seq: int
    places: int
    entered: frozenset[str]
    climbed: Mapping[str, int]
    rising: tuple[tuple[Facet, int], ...]
    took_ms: float
    opened: int
    trains: str

    @property
    def moved(self) -> int:
        """How many places of the row show an item that is new there, or that climbed."""
        return len(self.entered) + len(self.climbed)


@dataclass(slots=True)
class _Known:
    history: History
    effect: ClickEffect | None = field(default=None)


class ClickEffects:
    """Effects of each visitor's newest act, computed once an act. Safe between threads: at worst, one is made twice."""

    def __init__(self, serve: Serve, store: Store, settings: Settings) -> None:
        self._serve = serve
        self._store = store
        self._settings = settings
        self._known: LRUCache[str, _Known] = LRUCache(_KEPT)

    def of(self, visitor: Visitor, since: float | None = None) -> ClickEffect | None:
        """The effect of the visitor's newest act; None when there is none, or when their pages do not learn.

        since: `time.perf_counter()` when the act came, where the caller saw it come.
        """
        shelves = self._serve.shelves(visitor)
        if not shelves.learns:
            return None
        known = self._known.get(visitor.visitor_id)
        if known is None or known.history is not shelves.history:
            known = _Known(shelves.history, self._measured(visitor, shelves, since))
            self._known[visitor.visitor_id] = known
        return known.effect

    def forget(self, visitor_id: str) -> None:
        """Drop what is known of a visitor who was erased."""
        self._known.pop(visitor_id, None)

    def _measured(self, visitor: Visitor, shelves: Shelves, since: float | None) -> ClickEffect | None:
        started = time.perf_counter() if since is None else since
        size = shelves.size
        after = [choice.item_id for choice in _best(shelves, shelves.history, size, ())]
        took_ms = _MS * (time.perf_counter() - started)
        rows = visitor_interactions(self._store.reader(), visitor.visitor_id)
        newest = [row for row in rows if row.event_seq == rows[-1].event_seq]
        told = events_since(self._store.reader(), rows[-1].event_seq - 1, 1) if rows else []
        if not told or told[0].seq != rows[-1].event_seq:
            return None
        act = told[0]
        earlier = rows[: len(rows) - len(newest)]
        history = history_of(earlier, self._settings.kind_weights(), self._settings.history_length)
        # What was opened leaves the row; that those below move up for it says nothing of taste.
        before = [choice.item_id for choice in _best(shelves, history, size, _gone(shelves.history, act))]
        return ClickEffect(
            item_id=act.item_id,
            kind=act.kind,
            undone=act.undo,
            at=act.received_at,
            event_seq=act.seq,
            places=len(after),
            entered=frozenset(after) - frozenset(before),
            climbed=climbs(before, after),
            rising=rising(shelves.catalog, before, after),
            took_ms=took_ms,
            opened=len(shelves.history.weights),
            trains=self._trains(newest[-1]),
        )

    def _trains(self, row: Interaction) -> str:
        if row.holdout:
            return "never"
        return "now" if row.served or row.age_s >= self._settings.trust_after_s else "later"


def rising(catalog: Catalog, before: Iterable[str], after: Iterable[str]) -> tuple[tuple[Facet, int], ...]:
    """Facets of which `after` shows more than `before`, with how many more, the strongest first."""
    more = _facet_counts(catalog, after)
    more.subtract(_facet_counts(catalog, before))
    return tuple((facet, count) for facet, count in more.most_common(_RISING) if count >= _MIN_RISE)


def _facet_counts(catalog: Catalog, item_ids: Iterable[str]) -> Counter[Facet]:
    items = filter(None, map(catalog.get, item_ids))
    return Counter(facet for item in items for facet in facets_of(item))


def climbs(before: Sequence[str], after: Sequence[str]) -> dict[str, int]:
    """Items of both rows that stand higher in `after`, with the number of places."""
    place = {item_id: index for index, item_id in enumerate(before)}
    return {item_id: place[item_id] - index for index, item_id in enumerate(after) if place.get(item_id, -1) > index}


def _gone(history: History, act: EventRow) -> tuple[str, ...]:
    """The item of the act, where the row with the act cannot show it."""
    return (act.item_id,) if act.item_id in history.weights or act.item_id in history.opinions.hidden else ()


def _best(shelves: Shelves, history: History, size: int, without: Iterable[str]) -> Sequence[Ranked]:
    return shelves.ranker.rank(history.weights, size, {*history.opinions.hidden, *without})
