"""The holdout: visitors who never train a model and whose pages are drawn by lot, and the exam that they set.

A choice from a page that anybody's ranking filled flatters this ranking. A choice from a page drawn by lot flatters
nobody, and weighted by the inverse of the chance with which its entry stood there it says of every item alike how much
it was wanted. Agreement with hidden tastes, and what else was weighed: docs/measurements/exam.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.values.interaction import TRUSTED_ORIGINS, Interaction
from app.visitors.contribution import ContributionRules
from app.visitors.history import RunningHistory
from recommender import Recommender
from recommender.evaluation import NextItemCase, evaluate_rank_gain

METRIC = "rank gain"
"""What models are judged by: see `evaluate_rank_gain`."""

BENT_METRIC = "NDCG@10"
"""What they were judged by before, on choices from pages that rankings had filled: bent by exposure."""

BENT = "bent by exposure"

MIN_CASES = 20
MIN_VISITORS = 5
NEUTRAL, FOUND = "neutral", "found"
"""What cases come from: pages drawn by lot, or what visitors found themselves: a link, a search, imported histories."""


def exam_of(metrics: Mapping[str, Any]) -> str:
    """Which exam gave a version's figures: its basis, `BENT` for the one of before, or nothing when it sat none."""
    if not metrics.get("candidate"):
        return ""
    return str(metrics.get("basis", NEUTRAL)) if metrics.get("metric", BENT_METRIC) == METRIC else BENT


@dataclass(frozen=True, slots=True)
class Holdout:
    """The newest next-item cases of the holdout, oldest first: what a visitor had chosen so far, and what came next.

    weights: of each case, the inverse of its entry's propensity; all alike when empty. basis: where the cases come
    from, ``neutral`` or ``found``.
    """

    cases: tuple[NextItemCase, ...]
    weights: tuple[float, ...] = ()
    basis: str = NEUTRAL

    @property
    def visitors(self) -> int:
        """Distinct visitors behind the cases."""
        return len({case.user_id for case in self.cases})

    @property
    def can_judge(self) -> bool:
        """Whether there is enough to tell models apart at all: some cases, of several visitors."""
        return len(self.cases) >= MIN_CASES and self.visitors >= MIN_VISITORS

    @property
    def source(self) -> str:
        """Where the cases come from, in words."""
        return "on pages drawn by lot" if self.basis == NEUTRAL else "on what they found themselves"

    def examine(self, model: Recommender) -> NDArray[np.float64]:
        """The model's rank gain in each case times the weight of the case, float64 (cases,).

        Weights are divided by their mean: the mean over cases is self-normalised (Swaminathan and Joachims 2015).
        """
        gains = evaluate_rank_gain(model, self.cases)
        if not self.weights:
            return gains
        weights = np.array(self.weights)
        weighted: NDArray[np.float64] = gains * weights / weights.mean()
        return weighted


def build_holdout(
    rows: Sequence[Interaction],
    rules: ContributionRules,
    window: int,
    history_length: int,
    min_history: int = 1,
    min_neutral: int = MIN_CASES,
) -> Holdout:
    """The holdout of `rows` (those of holdout visitors, oldest first), judging on the newest `window` rows that raised:
    of pages drawn by lot, and of others, so that no flood of the others pushes the former out of sight.

    A case is a choice of an item that the visitor's history does not hold (an item of the history is never recommended
    again), made with at least `min_history` items in the history, that still stands at the end. A choice is asked about
    once, however often it is hidden and shown again meanwhile. Histories are those that pages had at that moment: item
    to summed weight, newest last, the newest `history_length` items.
    Choices from pages drawn by lot judge, once there are `min_neutral`. Before, choices do that answered no row of the
    site's own choosing: those of imported visitors, whom nobody can send to the site to bend them, or, where these are
    too few, of all who are trusted.
    """
    first = {by_lot: _first_judged(rows, rules, window, by_lot) for by_lot in (True, False)}
    trusted = {row.visitor_id for row in rows if rules.trusts(row)}
    running: dict[str, RunningHistory] = {}
    asked: dict[tuple[str, str], _Asked] = {}
    stands: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows:
        history = running.setdefault(row.visitor_id, RunningHistory(rules.kind_weights))
        pair = row.visitor_id, row.item_id
        # What a dislike had kept back and gives back was chosen, and asked about, before.
        chooses = row.weight > 0 and row.held >= 0
        recent = row.seq >= first[row.propensity is not None]
        asks = chooses and recent and len(history) >= min_history and row.item_id not in history
        past = history.weights(history_length) if asks else None
        history.add(row)
        if rules.kind_weights.get(row.kind):
            stands[pair] += row.weight + row.held
            if not stands[pair]:  # a choice that was taken back altogether is none, whatever is chosen later
                asked.pop(pair, None)
        if past is not None and row.item_id in history:
            asked[pair] = _Asked(NextItemCase(row.visitor_id, dict(past), row.item_id), row)
    standing = [(case, row) for case, row in asked.values() if row.item_id in running[row.visitor_id]]
    neutral = [(case, 1.0 / row.propensity) for case, row in standing if row.propensity is not None]
    by_lot = _holdout(neutral, NEUTRAL)
    if by_lot.can_judge and len(by_lot.cases) >= min_neutral:
        return by_lot
    found = [
        (case, row) for case, row in standing if row.propensity is None and not row.served and row.visitor_id in trusted
    ]
    themselves = _holdout([(case, 1.0) for case, row in found if row.origin in TRUSTED_ORIGINS], FOUND)
    if not themselves.can_judge:
        themselves = _holdout([(case, 1.0) for case, _ in found], FOUND)
    return by_lot if by_lot.cases and not themselves.can_judge else themselves


def _first_judged(rows: Sequence[Interaction], rules: ContributionRules, window: int, by_lot: bool) -> int:
    """The sequence number of the oldest of the newest `window` raising rows, of pages drawn by lot or of others."""
    raised = (
        row.seq
        for row in reversed(rows)
        if row.weight > 0 and rules.kind_weights.get(row.kind) and (row.propensity is not None) == by_lot
    )
    return min(islice(raised, window), default=0)


class _Asked(NamedTuple):
    """A case, and the row that made the choice."""

    case: NextItemCase
    row: Interaction


def _holdout(cases: Sequence[tuple[NextItemCase, float]], basis: str) -> Holdout:
    return Holdout(tuple(case for case, _ in cases), tuple(weight for _, weight in cases), basis)
