"""How often items are taken when they are shown, and how fast a liking for attributes is to be believed: both shrunken
by what the data themselves say of their spread (empirical Bayes).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from scipy.special import gammaln

from recommender.second_stage.attributes import ItemAttributes
from recommender.second_stage.exposures import Exposures

Floats = NDArray[np.float64]

STRENGTHS = np.array([0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0])
"""What `liking_strengths` chooses from."""

_FEWEST, _MOST = 20.0, 300.0  # views that a rate may be shrunken by


class ItemRates:
    """Clicks and views of each item, and the rate that follows from them.

    taken, shown float64 (items,): a view counts by what is expected of it. mean: clicks a view, over all items. like
    float64 (items,): the rate of items with the same attributes, relative to the mean. strength: views at that rate
    that a rate is shrunken by.
    """

    def __init__(
        self, exposures: Exposures, items: int, leanings: Floats | None = None, like: Floats | None = None
    ) -> None:
        """leanings float64 (items,): how much more than everybody those like an item whom it was shown, which is how
        much a view of it counts (`audience_leanings`); None is as everybody. like float64 (items,), up to a factor, see
        `EverybodysRates`; None where items are not told apart by attributes.
        """
        self._leanings = np.ones(items) if leanings is None else leanings
        views = self._leanings[exposures.items]
        self.taken: Floats = np.bincount(exposures.items, exposures.taken.astype(float), items).astype(float)
        self.shown: Floats = np.bincount(exposures.items, views, items).astype(float)
        self.mean = max(float(self.taken.sum()) / max(float(self.shown.sum()), 1.0), 1e-6)
        self.like: Floats = np.ones(items)
        if like is not None:
            self.like = like * self.shown.sum() / max(float((self.shown * like).sum()), 1e-12)
        self.strength = self._strength()

    def log_rates(self) -> NDArray[np.float32]:
        """Log of the rate of each item relative to the mean, float32 (items,)."""
        return self._logs(self.taken, self.shown, self.like).astype(np.float32)

    def without(self, items: NDArray[np.int32], taken: NDArray[np.bool_]) -> Floats:
        """Log rates of `items` (n,) with one view of each, taken or not, left out: what was known before it."""
        shown = np.maximum(self.shown[items] - self._leanings[items], 0.0)
        return self._logs(self.taken[items] - taken, shown, self.like[items])

    def _logs(self, taken: Floats, shown: Floats, like: Floats) -> Floats:
        logs: Floats = np.log((taken + self.strength * self.mean * like) / (shown + self.strength) / self.mean)
        return logs

    def _strength(self) -> float:
        """By moments: what was taken over what was expected spreads by (1 - mean) / mean / (strength + 1) beyond what
        chance explains.
        """
        expected = self.mean * self.shown * self.like
        seen = self.shown >= 5
        if seen.sum() < 10:
            return _MOST
        off, weights = self.taken[seen] / expected[seen] - 1.0, expected[seen] / expected[seen].sum()
        chance = 1.0 - self.mean
        spread = float((weights * off**2).sum()) - chance * float((weights / expected[seen]).sum())
        return float(np.clip(chance / self.mean / max(spread, 1e-12) - 1.0, _FEWEST, _MOST))


def liking_strengths(
    attributes: ItemAttributes, users: NDArray[np.int32], items: NDArray[np.int32]
) -> NDArray[np.float32]:
    """For each kind of attribute, the strength that makes what users took likeliest: a Dirichlet-multinomial around the
    shares of the catalog. float32 (kinds,); users and items (rows,) say who took what.

    Small where tastes differ a lot, so that a few items already tell; large where everybody takes the same.
    """
    found = np.full(len(attributes.kinds), 2.0, np.float32)
    for kind in range(len(attributes.kinds)):
        of_kind = np.flatnonzero(attributes.kind_of == kind)
        counts = _counts(attributes, kind, users, items)
        if not counts.nnz or len(of_kind) < 2:
            continue
        shares = attributes.shares[of_kind].astype(np.float64)
        shares = shares / shares.sum()
        totals = np.asarray(counts.sum(axis=1)).ravel()
        ones = shares[counts.indices]
        likelihoods = [
            (gammaln(m) - gammaln(m + totals)).sum() + (gammaln(m * ones + counts.data) - gammaln(m * ones)).sum()
            for m in STRENGTHS
        ]
        found[kind] = STRENGTHS[int(np.argmax(likelihoods))]
    return found


def _counts(
    attributes: ItemAttributes, kind: int, users: NDArray[np.int32], items: NDArray[np.int32]
) -> scipy.sparse.csr_matrix:
    """How often each user took each attribute of a kind: CSR (users, attributes of the kind)."""
    one_hot = attributes.one_hot(kind)
    if not len(users):
        return scipy.sparse.csr_matrix((0, one_hot.shape[1]))
    shape = (int(users.max()) + 1, len(attributes.values))
    took = scipy.sparse.csr_matrix((np.ones(len(users)), (users, items)), shape=shape)
    counts = (took @ one_hot).tocsr()
    counts.sum_duplicates()
    return counts
