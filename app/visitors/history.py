"""Histories and opinions: what a visitor's interactions add up to, at any moment, for pages and judges alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.values.interaction import Interaction

VISIT_GAP_S = 1_800.0
"""Somebody who did nothing for so long begins a new visit; the usual gap of web analytics."""


@dataclass(frozen=True, slots=True)
class Opinions:
    """Ids of the items that a visitor likes, has saved, has used, and does not want to see.

    Saved and used are facts that hold while an item is hidden; liked and hidden exclude each other.
    """

    liked: frozenset[str] = frozenset()
    saved: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class History:
    """What a visitor did, as ranking needs it.

    weights: item id to summed weight of what stands, in the order of the last row that raised it: the newest is last.
    opinions: liked, saved, used and hidden items. wishes: levels other than 0 by trait, what the visitor asked for.
    last_at: when the visitor did something last, and visit_after: when they had done something last before the visit
    that this belongs to; Unix seconds, 0 for never. start: what stood when that visit began, and of a visitor of whom
    nothing stood then, their first choice.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    opinions: Opinions = Opinions()
    wishes: Mapping[str, int] = field(default_factory=dict)
    last_at: float = 0.0
    visit_after: float = 0.0
    start: Mapping[str, float] = field(default_factory=dict)

    def visit(self, now: float) -> float:
        """What names the visit that is under way at `now`: when the visitor did something last before it, 0 for never.

        It stays the same through the visit, whatever they do in it, and needs no memory beside their interactions.
        """
        return self.visit_after if self._goes_on(now) else self.last_at

    def at_start(self, now: float) -> Mapping[str, float]:
        """What stood when the visit began that is under way at `now`, as `weights`; the same through the visit."""
        return self.start if self._goes_on(now) else self.weights

    def _goes_on(self, now: float) -> bool:
        return now - self.last_at <= VISIT_GAP_S


class Choice(NamedTuple):
    """What stands on one item: its weight, and when it was last raised, in Unix seconds."""

    weight: float
    at: float


class RunningHistory:
    """Adds up the rows of one visitor as they came; what stands can be asked at any moment.

    kind_weights: what one event of a kind is worth. A kind without worth raises nothing.
    """

    def __init__(self, kind_weights: Mapping[str, float]) -> None:
        self._worth = kind_weights
        self._choices: dict[str, dict[str, float]] = {}
        self._raised_at: dict[str, float] = {}

    def add(self, row: Interaction) -> None:
        """Count one row. A row that raises moves its item to the newest place; what comes to nothing leaves."""
        if not row.weight or not self._worth.get(row.kind):
            return
        by_kind = self._choices.get(row.item_id)
        if row.weight > 0:
            by_kind = self._choices.pop(row.item_id, {})
            self._choices[row.item_id] = by_kind
            self._raised_at[row.item_id] = row.at
        elif by_kind is None:
            return
        by_kind[row.kind] = by_kind.get(row.kind, 0.0) + row.weight
        if not by_kind[row.kind]:
            del by_kind[row.kind]
            if not by_kind:
                del self._choices[row.item_id]

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._choices

    def __len__(self) -> int:
        return len(self._choices)

    def weights(self, length: int | None = None) -> dict[str, float]:
        """Item to summed weight, newest last; only the newest `length` items if given."""
        items = list(self._choices)
        kept = items if length is None else items[-length:]
        return {item_id: self._sum(self._choices[item_id]) for item_id in kept}

    def choices(self) -> dict[str, Choice]:
        """What stands on each item, newest last."""
        return {
            item_id: Choice(self._sum(by_kind), self._raised_at[item_id]) for item_id, by_kind in self._choices.items()
        }

    def _sum(self, by_kind: Mapping[str, float]) -> float:
        # In the order of the kinds, so that the same rows in two orders come to the same number.
        return sum(self._worth[kind] * by_kind[kind] for kind in self._worth if kind in by_kind)


def history_of(rows: Sequence[Interaction], kind_weights: Mapping[str, float], length: int) -> History:
    """The history of one visitor after `rows`, oldest first, of the newest `length` items."""
    running, start = RunningHistory(kind_weights), None
    last_at, visit_after = _visit_marks(rows)
    for row in rows:
        if start is None and row.at > visit_after and len(running):
            start = running.weights(length)
        running.add(row)
    weights = running.weights(length)
    began_with = weights if start is None else start
    return History(weights, opinions_of(rows), last_at=last_at, visit_after=visit_after, start=began_with)


def _visit_marks(rows: Sequence[Interaction]) -> tuple[float, float]:
    """When the last of the rows was made, and the last one before the visit that it belongs to; 0 for none."""
    if not rows:
        return 0.0, 0.0
    later = rows[-1].at
    for row in reversed(rows):
        if later - row.at > VISIT_GAP_S:
            return rows[-1].at, row.at
        later = row.at
    return rows[-1].at, 0.0


def opinions_of(rows: Iterable[Interaction]) -> Opinions:
    """The opinions of one visitor after `rows`."""
    sums: dict[str, dict[str, float]] = {"like": {}, "save": {}, "use": {}, "dislike": {}}
    for row in rows:
        of_kind = sums.get(row.kind)
        if of_kind is not None:
            counted = row.weight if row.kind in ("like", "dislike") else row.weight + row.held
            of_kind[row.item_id] = of_kind.get(row.item_id, 0.0) + counted
    stands = {kind: frozenset(item for item, amount in of_kind.items() if amount > 0) for kind, of_kind in sums.items()}
    return Opinions(liked=stands["like"], saved=stands["save"], used=stands["use"], hidden=stands["dislike"])


def rows_before(rows: Sequence[Interaction], moment: float) -> list[Interaction]:
    """The rows that there were before a moment, in Unix seconds: what a page of then was made from."""
    return [row for row in rows if row.at < moment]
