"""What a visitor's newest act changed of their row "For you": ranked with it and without it, by the same model."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from app.catalog import Catalog
from app.serve.insight.memo import HistoryMemo
from app.serve.rankers import Ranker
from app.serve.serve import Serve
from app.serve.shelves import Shelves
from app.serve.traits import Trait, traits_of
from app.serve.wishes import WishRanker, wished
from app.settings import Settings
from app.store import Store
from app.store.events import EventRow, events_since
from app.store.interactions import visitor_interactions
from app.store.wishes import Wish, wishes_of
from app.values.interaction import Interaction
from app.values.visitor import Visitor
from app.visitors import History
from app.visitors.history import history_of

_RISING = 2
_MIN_RISE = 2
_MS = 1_000.0


@dataclass(frozen=True, slots=True)
class ClickEffect:
    """What the newest act did.

    item_id, kind: the act; for a wish, whose kind is ``wish``, the key of its trait. undone: whether it took something
    back. at: Unix seconds. event_seq: its place in the order of events. places: of the row. entered: items that are in
    the row and would not be without the act. climbed: items that stand higher than without it, and by how many places.
    rising: traits of which the row shows at least two more, with how many more, the strongest first. took_ms: from the
    moment the act was known to the moment the row was ranked. opened: how many items the visitor's pages are ranked by.
    trains: ``now``, ``later`` for what answers nothing that the site chose before the visitor is trusted, or ``never``
    for who judges models.
    """

    item_id: str
    kind: str
    undone: bool
    at: float
    event_seq: int
    places: int
    entered: frozenset[str]
    climbed: Mapping[str, int]
    rising: tuple[tuple[Trait, int], ...]
    took_ms: float
    opened: int
    trains: str

    @property
    def moved(self) -> int:
        """How many places of the row show an item that is new there, or that climbed."""
        return len(self.entered) + len(self.climbed)


class ClickEffects:
    """Effects of each visitor's newest act, computed once an act. Safe between threads: at worst, one is made twice."""

    def __init__(self, serve: Serve, store: Store, settings: Settings) -> None:
        self._serve = serve
        self._store = store
        self._settings = settings
        self._known: HistoryMemo[ClickEffect | None] = HistoryMemo()

    def of(self, visitor: Visitor, since: float | None = None) -> ClickEffect | None:
        """The effect of the visitor's newest act; None when there is none, or when their pages do not learn.

        since: `time.perf_counter()` when the act came, where the caller saw it come.
        """
        if not self._serve.learns(visitor):
            return None
        history = self._serve.history(visitor.visitor_id)
        return self._known.get(
            visitor.visitor_id, history, None, lambda: self._measured(visitor, self._serve.shelves(visitor), since)
        )

    def forget(self, visitor_id: str) -> None:
        """Drop what is known of a visitor who was erased."""
        self._known.forget(visitor_id)

    def forget_some(self, visitor_ids: Collection[str] | None) -> None:
        """Drop what is known of some visitors, of everybody for None."""
        self._known.forget_some(visitor_ids)

    def _measured(self, visitor: Visitor, shelves: Shelves, since: float | None) -> ClickEffect | None:
        started = time.perf_counter() if since is None else since
        after = _best(shelves, shelves.ranker, shelves.history, ())
        took_ms = _MS * (time.perf_counter() - started)
        reader = self._store.reader()
        rows = visitor_interactions(reader, visitor.visitor_id)
        newest = [row for row in rows if row.event_seq == rows[-1].event_seq]
        told = events_since(reader, rows[-1].event_seq - 1, 1) if rows else []
        act = told[0] if told and told[0].seq == rows[-1].event_seq else None
        wish = max(wishes_of(reader, visitor.visitor_id), key=lambda wish: wish.set_at, default=None)
        if wish is not None and (act is None or wish.set_at > act.received_at):
            levels = _levels_before(shelves.history, wish)
            ranker = wished(_without_wishes(shelves.ranker), levels, shelves.catalog)
            before = _best(shelves, ranker, replace(shelves.history, wishes=levels), ())
            done = _Act(wish.trait, "wish", False, wish.set_at, 0, "never")
        elif act is not None:
            earlier = rows[: len(rows) - len(newest)]
            history = history_of(earlier, self._settings.kind_weights(), self._settings.history_length)
            # What was opened leaves the row; that those below move up for it says nothing of taste.
            before = _best(shelves, shelves.ranker, history, _gone(shelves.history, act))
            done = _Act(act.item_id, act.kind, act.undo, act.received_at, act.seq, self._trains(newest[-1]))
        else:
            return None
        return ClickEffect(
            **done._asdict(),
            places=len(after),
            entered=frozenset(after) - frozenset(before),
            climbed=climbs(before, after),
            rising=rising(shelves.catalog, before, after),
            took_ms=took_ms,
            opened=len(shelves.history.weights),
        )

    def _trains(self, row: Interaction) -> str:
        if row.holdout:
            return "never"
        return "now" if row.served or row.age_s >= self._settings.trust_after_s else "later"


class _Act(NamedTuple):
    """What was done; see `ClickEffect`."""

    item_id: str
    kind: str
    undone: bool
    at: float
    event_seq: int
    trains: str


def rising(catalog: Catalog, before: Iterable[str], after: Iterable[str]) -> tuple[tuple[Trait, int], ...]:
    """Traits of which `after` shows more than `before`, with how many more, the strongest first."""
    more = _trait_counts(catalog, after)
    more.subtract(_trait_counts(catalog, before))
    return tuple((trait, count) for trait, count in more.most_common(_RISING) if count >= _MIN_RISE)


def _trait_counts(catalog: Catalog, item_ids: Iterable[str]) -> Counter[Trait]:
    items = filter(None, map(catalog.get, item_ids))
    return Counter(trait for item in items for trait in traits_of(item))


def climbs(before: Sequence[str], after: Sequence[str]) -> dict[str, int]:
    """Items of both rows that stand higher in `after`, with the number of places."""
    place = {item_id: index for index, item_id in enumerate(before)}
    return {item_id: place[item_id] - index for index, item_id in enumerate(after) if place.get(item_id, -1) > index}


def _gone(history: History, act: EventRow) -> tuple[str, ...]:
    """The item of the act, where the row with the act cannot show it."""
    return (act.item_id,) if act.item_id in history.weights or act.item_id in history.opinions.hidden else ()


def _best(shelves: Shelves, ranker: Ranker, history: History, without: Iterable[str]) -> list[str]:
    """The row of a history without wild cards."""
    hidden = {*history.opinions.hidden, *without}
    if shelves.model is None or not history.weights:
        ranked = ranker.rank(history.weights, shelves.size, hidden)
    else:
        ranked = shelves.row_of(ranker, history, shelves.size, hidden, time.time()).ranked[: shelves.size]
    return [choice.item_id for choice in ranked]


def _levels_before(history: History, wish: Wish) -> dict[str, int]:
    """The wishes as they were before one of them."""
    levels = {**history.wishes, wish.trait: wish.level_before}
    return {trait: level for trait, level in levels.items() if level}


def _without_wishes(ranker: Ranker) -> Ranker:
    return ranker.inner if isinstance(ranker, WishRanker) else ranker
