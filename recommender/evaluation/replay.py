"""Replay: go through events in order of time and ask, before each, what would have been recommended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.evaluation.metrics import ndcg_at_k
from recommender.evaluation.splits import in_time_order
from recommender.interactions.checks import ItemId, UserId, check_count, check_whole
from recommender.interactions.history import History
from recommender.interactions.rows import Row, check_row
from recommender.model.baselines import Recommender

CHUNK = 1024
PERSISTENCE = 0.95
"""How likely a person goes on from one entry of a ranking to the next."""
DEPTH = 100
"""Beyond this rank nothing counts: under 1 % of people would come so far."""


@dataclass(frozen=True, slots=True)
class NextItemCase:
    """A user, what they had taken so far (the newest last), and what they took next."""

    user_id: UserId
    history: History
    target: ItemId


def next_item_cases(rows: Iterable[Row], start: int, stop: int | None = None) -> list[NextItemCase]:
    """One case an event of rows[start:stop] in order of time: the user's items in all rows before it, and its item.

    Only rows of positive weight count; an item the user had taken before is no case, since it would not be recommended
    again. A user's first event is a case with an empty history. Raises ValueError for a negative start and for a row
    that a log would refuse.
    """
    check_whole(start, "start, the number of rows that are the past,", 0)
    taken: dict[UserId, dict[ItemId, None]] = {}
    cases = []
    for number, row in enumerate(in_time_order(rows)[: stop if stop is not None else None]):
        user_id, item_id, weight, _ = check_row(row, number)
        if not weight > 0:
            continue
        history = taken.setdefault(user_id, {})
        if number >= start and item_id not in history:
            cases.append(NextItemCase(user_id, tuple(history), item_id))
        history.pop(item_id, None)
        history[item_id] = None
    return cases


def evaluate_next_items(model: Recommender, cases: Sequence[NextItemCase], k: int = 10) -> NDArray[np.float64]:
    """NDCG@k of each case, float64 (cases,): 1 / log2(1 + rank) of the target among all items, 0 beyond the first k.

    A target that the model does not know is a miss, not left out.
    """
    check_count(k)
    values = np.zeros(len(cases))
    for start in range(0, len(cases), CHUNK):
        chunk = cases[start : start + CHUNK]
        for offset, ranked in enumerate(model.recommend_many([case.history for case in chunk], k)):
            values[start + offset] = ndcg_at_k([hit.item_id for hit in ranked], [chunk[offset].target], k)
    return values


def evaluate_rank_gain(
    model: Recommender, cases: Sequence[NextItemCase], persistence: float = PERSISTENCE, depth: int = DEPTH
) -> NDArray[np.float64]:
    """persistence^(rank − 1) of the target of each case among all items, float64 (cases,); 0 beyond the first `depth`.

    Rank-biased precision (Moffat and Zobel 2008) without its factor 1 − persistence: 1 for the first place, and half of
    it at the fourteenth with the default. It looks deeper than NDCG@10, so that choices of which few fall on the very
    first places tell models apart with fewer cases. Raises ValueError for a persistence outside (0, 1).
    """
    check_count(depth)
    if not 0.0 < persistence < 1.0:
        raise ValueError(f"persistence must be between 0 and 1, exclusive; got {persistence!r}")
    values = np.zeros(len(cases))
    for start in range(0, len(cases), CHUNK):
        chunk = cases[start : start + CHUNK]
        for offset, ranked in enumerate(model.recommend_many([case.history for case in chunk], depth)):
            target = chunk[offset].target
            place = next((place for place, hit in enumerate(ranked) if hit.item_id == target), None)
            values[start + offset] = 0.0 if place is None else persistence**place
    return values
