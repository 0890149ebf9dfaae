"""The jury: visitors who never train a model, and the next-item cases that their newest clicks make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.measure.evaluation.rows import TrainingRow, fold_rows
from app.store.events import EventRow
from recommender.evaluation import NextItemCase

LEAST_CASES = 20
LEAST_VISITORS = 5


@dataclass(frozen=True, slots=True)
class Jury:
    """The newest next-item cases of the jury, oldest first: what a visitor had chosen so far, and what came next."""

    cases: tuple[NextItemCase, ...]

    @property
    def visitors(self) -> int:
        """Distinct visitors behind the cases."""
        return len({case.user_id for case in self.cases})

    @property
    def can_judge(self) -> bool:
        """Whether there is enough to tell models apart at all: some cases, of several visitors."""
        return len(self.cases) >= LEAST_CASES and self.visitors >= LEAST_VISITORS


def summon(
    events: Iterable[EventRow], kind_weights: Mapping[str, float], window_events: int, history_length: int
) -> Jury:
    """The jury of `events` (those of jury visitors, oldest first), judging on the newest `window_events` interactions.

    Every first positive interaction with an item is a case, if the visitor had chosen something before: an item of the
    history is never recommended again, and without a history every model shows what is popular. Histories are as pages
    see them: item to summed weight, newest last, the newest `history_length` items.
    """
    rows = fold_rows(events, kind_weights)
    newest = sorted(rows)[-window_events:]
    window_start = newest[0] if newest else 0
    histories: dict[str, dict[str, float]] = {}
    cases = []
    for seq, row in sorted(rows.items()):
        history = histories.setdefault(row.visitor_id, {})
        if seq >= window_start and history and row.item_id not in history:
            cases.append(NextItemCase(row.visitor_id, _newest(history, history_length), row.item_id))
        _remember(history, row)
    return Jury(tuple(cases))


def _newest(history: Mapping[str, float], length: int) -> dict[str | int, float]:
    kept: dict[str | int, float] = {}
    for item_id in list(history)[-length:]:
        kept[item_id] = history[item_id]
    return kept


def _remember(history: dict[str, float], row: TrainingRow) -> None:
    history[row.item_id] = history.pop(row.item_id, 0.0) + row.weight
