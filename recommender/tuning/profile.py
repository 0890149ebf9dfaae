"""A cheap look at a log: how much of it there is, whether its order carries anything, and whether its items age."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from recommender.interactions.log import Interactions, check_log
from recommender.interactions.rows import Sequences

MOST_ROWS = 300_000
"""Rows that the look at the order reads, of users drawn by chance: enough for any log."""
FEWEST_USERS = 20
"""Users whose histories must tell something about order before anything is concluded."""
NEAR = 3
"""Steps within which two items of a user count as neighbours in the look at the order."""
CLEAR, SOME = 2.0, 1.1
"""Standard errors, or else the lift, from which on the newest item of a history tells more than an older one."""
AGEING = 1.25
"""How many times as often recent popularity must name the next item as all-time popularity does, in both windows."""
NEARLY = 0.97
"""Share of the best half-life's worth that a shorter one must reach to be preferred: a half-life that is too long for
the day that comes costs up to a half of what popularity says, one that is too short a hundredth."""
WINDOW = 0.05
"""Share of the rows in each of the two windows in which popularity is looked at."""
FEWEST_ROWS = 500
"""Rows in a window below which nothing is said about ageing."""
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
HALF_LIVES = (HOUR / 4, HOUR / 2, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY)
"""Half-lives of popularity that are looked at, in seconds; those within half of the time that the log spans."""


@dataclass(frozen=True, slots=True)
class LogProfile:
    """What a look at a log found.

    rows_per_user and rows_per_item are medians over those that have rows. repeats: share of the rows that name a pair
    anew. ordered: as `Interactions.ordered`. order_lift: how many times as likely the next item is to stand near the
    newest item of a history in the histories of others as near an older one (NaN: too little to tell); order_error:
    standard errors by which the two differ. half_life: where items age, the shortest one in seconds with which
    popularity says (nearly) most about what comes next, else 0; ageing: how many times as much as all-time popularity
    it says. strength: `Interactions.strength`.
    """

    rows: int
    users: int
    items: int
    rows_per_user: float
    rows_per_item: float
    repeats: float
    ordered: bool
    order_lift: float
    order_error: float
    half_life: float
    ageing: float
    strength: float

    @property
    def order_carries(self) -> bool:
        """Whether the order of a history says more about what comes next than the items alone; taken on trust where
        there is too little to tell.
        """
        return self.ordered and not (self.order_error < CLEAR and self.order_lift < SOME)


def profile_log(log: Interactions, seed: int = 7) -> LogProfile:
    """Look at a log: a few passes over its rows, a second for a million. Raises ValueError for a log without rows."""
    if check_log(log).rows == 0:
        raise ValueError("there is nothing to look at: append some rows of (user_id, item_id) first")
    sequences = log.sequences()
    lengths, counts = np.diff(sequences.indptr), np.bincount(sequences.items, minlength=1)
    owners = np.repeat(np.arange(len(lengths)), lengths)
    pairs = len(np.unique(owners * np.int64(max(log.items, 1)) + sequences.items))
    ordered = log.ordered
    lift, error = _order_evidence(sequences, log.items, seed) if ordered else (1.0, 0.0)
    half_life, ageing = _ageing(sequences, log.items) if ordered else (0.0, 1.0)
    return LogProfile(
        rows=log.rows,
        users=len(lengths),
        items=int((counts > 0).sum()),
        rows_per_user=float(np.median(lengths)) if len(lengths) else 0.0,
        rows_per_item=float(np.median(counts[counts > 0])) if counts.any() else 0.0,
        repeats=1.0 - pairs / max(len(sequences.items), 1),
        ordered=ordered,
        order_lift=lift,
        order_error=error,
        half_life=half_life,
        ageing=ageing,
        strength=log.strength(),
    )


def _order_evidence(sequences: Sequences, items: int, seed: int) -> tuple[float, float]:
    """(lift, standard errors): how much more the newest item of a history says about the next one than an older item.

    Half of the users tell which items stand near each other; in the histories of the others the next item's share among
    the neighbours of the newest item is compared with that of an older one drawn by chance. Steps at the time of the
    newest item are left out, since ties have no order.
    """
    rng = np.random.default_rng(seed)
    lengths = np.diff(sequences.indptr)
    drawn = rng.permutation(len(lengths))
    drawn = np.sort(drawn[: max(2, int(np.searchsorted(np.cumsum(lengths[drawn]), MOST_ROWS)))])
    telling, judged = drawn[::2], drawn[1::2]
    near = _neighbours(sequences, telling, items)
    totals = np.maximum(np.asarray(near.sum(axis=1)).ravel(), 1.0)
    later = np.maximum(lengths[judged] - 2, 0)  # steps with two items or more before them
    owners = np.repeat(judged, later)
    starts = sequences.indptr[owners]
    places = starts + 2 + np.arange(len(owners)) - np.repeat(np.cumsum(later) - later, later)
    times = sequences.times
    older = starts + (rng.random(len(places)) * (places - 1 - starts)).astype(np.int64)
    target, newest, other = (sequences.items[rows] for rows in (places, places - 1, older))
    told = ~(times[places] == times[places - 1]) & (target != newest) & (target != other) & (newest != other)
    target, newest, other, owners = target[told], newest[told], other[told], owners[told]
    if not len(target):
        return math.nan, 0.0
    by_newest = np.asarray(near[newest, target]).ravel() / totals[newest]
    by_other = np.asarray(near[other, target]).ravel() / totals[other]
    _, group = np.unique(owners, return_inverse=True)
    differences = np.bincount(group, by_newest - by_other) / np.bincount(group)
    if len(differences) < FEWEST_USERS or not differences.any():
        return math.nan, 0.0
    error = float(differences.std(ddof=1)) / np.sqrt(len(differences))
    return float(by_newest.sum() / max(by_other.sum(), 1e-12)), float(differences.mean() / max(error, 1e-12))


def _neighbours(sequences: Sequences, users: NDArray[np.intp], items: int) -> scipy.sparse.csr_matrix:
    """How often two items stand within NEAR steps of each other in the sequences of these users, CSR (items, items)."""
    inside = np.zeros(len(sequences.items), dtype=np.bool_)
    owner = np.repeat(np.arange(len(sequences.indptr) - 1), np.diff(sequences.indptr))
    inside[np.isin(owner, users)] = True
    sources, targets = [], []
    for distance in range(1, NEAR + 1):
        together = inside[distance:] & (owner[distance:] == owner[:-distance])
        sources.append(sequences.items[:-distance][together])
        targets.append(sequences.items[distance:][together])
    source, target = np.concatenate(sources), np.concatenate(targets)
    ones = np.ones(2 * len(source), dtype=np.float32)
    places = (np.concatenate((source, target)), np.concatenate((target, source)))
    return scipy.sparse.csr_matrix((ones, places), shape=(items, items))


def _ageing(sequences: Sequences, items: int) -> tuple[float, float]:
    """(half-life, how many times all-time popularity): the half-life with which popularity names most of what comes in
    two windows at the end, or a shorter one that is NEARLY as good; (0, 1) where that is not better by AGEING in both.
    """
    timed = np.flatnonzero(~np.isnan(sequences.times))
    order = timed[np.argsort(sequences.times[timed], kind="stable")]
    times, taken = sequences.times[order], sequences.items[order]
    size = int(len(times) * WINDOW)
    if size < FEWEST_ROWS or times[-1] == times[0]:
        return 0.0, 1.0
    span = times[-1] - times[0]
    half_lives = [half_life for half_life in HALF_LIVES if half_life <= span / 2]
    ratios = np.zeros((2, len(half_lives)))
    for number, start in enumerate((len(times) - 2 * size, len(times) - size)):
        past, future = slice(0, start), taken[start : start + size]
        ages = times[start] - times[past]
        found = [_named(np.bincount(taken[past], minlength=items).astype(np.float64), future)]
        for half_life in half_lives:
            faded = np.bincount(taken[past], np.exp2(-ages / half_life), minlength=items).astype(np.float64)
            found.append(_named(faded, future))
        ratios[number] = np.array(found[1:]) / max(found[0], 1e-9)
    if not half_lives:
        return 0.0, 1.0
    means = ratios.mean(axis=0)
    best = int(np.argmax(means >= NEARLY * means.max()))
    if ratios[:, best].min() < AGEING:
        return 0.0, 1.0
    return half_lives[best], float(ratios[:, best].mean())


def _named(popularity: NDArray[np.float64], future: NDArray[np.int32], k: int = 10) -> float:
    """Mean of 1 / log2(1 + rank) of the future items in the order of popularity, 0 beyond the first k."""
    value = np.zeros(len(popularity))
    value[np.argsort(-popularity, kind="stable")[:k]] = 1.0 / np.log2(np.arange(2, k + 2))[: len(popularity)]
    return float(value[future].mean())
