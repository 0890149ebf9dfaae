"""Parts of a log's own past that settings are judged on: what was known, and what was taken then."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId
from recommender.interactions.log import Interactions
from recommender.interactions.rows import Sequences
from recommender.model.factor_model import FactorModel

LATEST = 0.05
"""Share of the rows in each of the two windows at the end of a log with order."""
HELD_OUT = 0.1
"""Share of a user's items that is held out where there is no order."""
ENOUGH_CASES, MOST_SPLITS = 1500, 6
"""Cases that a log without order should be judged by; of one with few users more splits are made, up to so many."""
SHORTEST = 3
"""Distinct items below which a user's are not held out: too little would be left."""
LONGEST_HISTORY = 1000
"""Newest items of a history that a case asks with."""


@dataclass(frozen=True, slots=True)
class Case:
    """A user, what they had taken (oldest first), and what of the rest should be found."""

    user: Hashable
    history: tuple[ItemId, ...]
    targets: frozenset[ItemId]


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What was known, and cases that came after it (or were held out of it), in an order drawn by chance."""

    log: Interactions
    cases: Sequence[Case]
    k: int

    @property
    def mean_history(self) -> float:
        """Mean number of items in the history of a case."""
        return float(np.mean([len(case.history) for case in self.cases]))

    def judge(self, model: FactorModel, count: int, known: int = 0) -> NDArray[np.float64]:
        """NDCG@k of the first `count` cases but those that are `known`, float64 (cases,)."""
        cases = self.cases[known:count]
        discounts = 1.0 / np.log2(np.arange(2, self.k + 2))
        ideal = np.cumsum(discounts)
        values = np.zeros(len(cases))
        answers = model.recommend_many([case.history for case in cases], self.k)
        for number, (case, hits) in enumerate(zip(cases, answers, strict=True)):
            found = [place for place, hit in enumerate(hits) if hit.item_id in case.targets]
            values[number] = discounts[found].sum() / ideal[min(self.k, len(case.targets)) - 1]
        return values

    def groups(self, count: int) -> list[Hashable]:
        """The users of the first `count` cases."""
        return [case.user for case in self.cases[:count]]


def windows_of(log: Interactions, most_cases: int, seed: int, share: float = 1.0) -> list[Window]:
    """Two windows (or a few more) on the past of a log, at most `most_cases` each; fewer where it is too small.

    With order they are the newest rows and those just before, each after a past of its own, each row a case of what
    came next (NDCG@10). Without order a tenth of some users' items is held out at random (NDCG@20). `share` of the
    users, drawn by chance, is all that is learned from and judged by.
    """
    rng = np.random.default_rng(seed)
    sequences = log.sequences()
    users = len(sequences.indptr) - 1
    owners = np.repeat(np.arange(users), np.diff(sequences.indptr))
    taking_part = rng.random(users) < share if share < 1.0 else np.ones(users, dtype=np.bool_)
    steps = np.flatnonzero(taking_part[owners])
    return (_at_the_end if log.ordered else _held_out)(_Past(log, sequences, owners, steps), most_cases, rng)


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """A log, what its users took, whose each step is, and the steps that take part."""

    log: Interactions
    sequences: Sequences
    owners: NDArray[np.intp]
    steps: NDArray[np.intp]


def _at_the_end(past: _Past, maximum: int, rng: np.random.Generator) -> list[Window]:
    """The two newest windows, the newer one first."""
    log, sequences, owners, steps = past.log, past.sequences, past.owners, past.steps
    rows = sequences.rows
    times = np.where(np.isnan(sequences.times), -np.inf, sequences.times)
    in_order = steps[np.lexsort((rows[steps], times[steps]))]
    size, item_ids = max(1, int(len(in_order) * LATEST)), log.item_ids
    windows = []
    for start in (len(in_order) - size, len(in_order) - 2 * size):
        if start < size:
            continue
        cases: list[Case] = []
        for step in rng.permutation(in_order[start : start + size])[: 2 * maximum].tolist():
            begin = int(sequences.indptr[owners[step]])
            taken = sequences.items[max(begin, step - LONGEST_HISTORY) : step].tolist()
            target = int(sequences.items[step])
            if target not in taken and len(cases) < maximum:
                newest_first = dict.fromkeys(reversed(taken))
                cases.append(_case(item_ids, int(owners[step]), list(newest_first)[::-1], [target]))
        if cases:
            windows.append(Window(log.part(rows[in_order[:start]]), cases, 10))
    return windows


def _held_out(past: _Past, maximum: int, rng: np.random.Generator) -> list[Window]:
    """Some users' items held out: of a large log once, of two sets of users; of a small one of everybody, and again."""
    sequences, owners, steps = past.sequences, past.owners, past.steps
    item_ids = past.log.item_ids
    users = rng.permutation(np.unique(owners[steps]))
    if len(users) > 4 * maximum:  # holding out of a part of the users hardly changes what is learned from
        draws = [users[: 2 * maximum]]
    else:
        splits = min(MOST_SPLITS, max(2, -(-ENOUGH_CASES // max(1, len(users)))))
        draws = [rng.permutation(users)[:maximum] for _ in range(splits)]
    windows = []
    for drawn in draws:
        kept = np.zeros(len(owners), dtype=np.bool_)
        kept[steps] = True
        cases = []
        for user in drawn.tolist():
            whole = slice(int(sequences.indptr[user]), int(sequences.indptr[user + 1]))
            items = sequences.items[whole]
            different = np.unique(items)
            if len(different) < SHORTEST:
                continue
            hidden = rng.choice(different, max(1, int(len(different) * HELD_OUT)), replace=False)
            out = np.isin(items, hidden)
            kept[whole] &= ~out
            history = list(dict.fromkeys(items[~out].tolist()))[-LONGEST_HISTORY:]
            cases.append(_case(item_ids, user, history, hidden.tolist()))
        rest = past.log.part(sequences.rows[kept])
        parts = (cases[::2], cases[1::2]) if len(draws) == 1 else (cases,)
        windows += [Window(rest, part, 20) for part in parts if part]
    return windows


def _case(item_ids: Sequence[ItemId], user: int, history: list[int], targets: list[int]) -> Case:
    """A case by ids of what was found by numbers."""
    return Case(user, tuple(item_ids[item] for item in history), frozenset(item_ids[item] for item in targets))
