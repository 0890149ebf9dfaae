"""The holdout: visitors who never train a model, and the next-item cases that their newest clicks make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.values.interaction import Interaction
from app.visitors.contribution import ContributionRules
from app.visitors.history import RunningHistory
from recommender.evaluation import NextItemCase

MIN_CASES = 20
MIN_VISITORS = 5


@dataclass(frozen=True, slots=True)
class Holdout:
    """The newest next-item cases of the holdout, oldest first: what a visitor had chosen so far, and what came next."""

    cases: tuple[NextItemCase, ...]

    @property
    def visitors(self) -> int:
        """Distinct visitors behind the cases."""
        return len({case.user_id for case in self.cases})

    @property
    def can_judge(self) -> bool:
        """Whether there is enough to tell models apart at all: some cases, of several visitors."""
        return len(self.cases) >= MIN_CASES and self.visitors >= MIN_VISITORS


def build_holdout(rows: Sequence[Interaction], rules: ContributionRules, window: int, history_length: int) -> Holdout:
    """The holdout of `rows` (those of holdout visitors, oldest first), judging on the newest `window` rows that raised.

    Every choice of an item that the visitor's history does not hold is a case, if the history is not empty and the
    choice still stands at the end: an item of the history is never recommended again, and without a history every model
    shows what is popular. Histories are those that pages had at that moment: item to summed weight, newest last, the
    newest `history_length` items. What would not train of other visitors is no case either; see `ContributionRules`.
    """
    raised = [row.seq for row in rows if row.weight > 0 and rules.kind_weights.get(row.kind)]
    first = raised[-window:][0] if raised else 0
    trusted = {row.visitor_id for row in rows if rules.trusts(row)}
    running: dict[str, RunningHistory] = {}
    found: list[NextItemCase] = []
    for row in rows:
        history = running.setdefault(row.visitor_id, RunningHistory(rules.kind_weights))
        was_chosen, length = row.item_id in history, len(history)
        past = history.weights(history_length) if row.seq >= first and length and not was_chosen else None
        history.add(row)
        if past and row.item_id in history and (row.served or row.visitor_id in trusted):
            found.append(NextItemCase(row.visitor_id, dict(past), row.item_id))
    return Holdout(tuple(case for case in found if str(case.target) in running[str(case.user_id)]))
