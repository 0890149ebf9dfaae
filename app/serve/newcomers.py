"""Items that the model does not know yet: ranked by the items that have most in common with them.

Until the next full fit gives a new item factors, its score for a history is the mean of the scores that the model gives
to the known items most like it by attributes, rare attributes counting more. So it stands among its like within
seconds of being written, on every page that the model ranks.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

import numpy as np

from app.catalog import Catalog
from app.catalog.attributes import attributes_of
from app.catalog.catalog import newest_first
from app.values.item import Item
from recommender import Candidates, FactorModel

ALIKE = 5
"""Known items whose scores a new one takes the mean of."""
MAX_NEWCOMERS = 500
"""Newest items that are ranked so; a catalog with more of them waits for a fit."""
_MAX_KNOWN = 50_000
"""Known items that are compared; of more, evenly spaced ones stand for all."""


class Likeness:
    """Tells which known items are like a new one: the known ones of a catalog when a model came. Immutable."""

    def __init__(self, known: list[Item]) -> None:
        self._known = known[:: max(1, len(known) // _MAX_KNOWN)]
        rows: dict[str, array[int]] = {}
        for row, item in enumerate(self._known):
            for name in attributes_of(item):
                rows.setdefault(name, array("i")).append(row)
        self._rows_of = {name: np.array(of_name, dtype=np.int32) for name, of_name in rows.items()}

    def most_alike(self, item: Item) -> tuple[str, ...]:
        """The known items with most in common: log(n / n_a) for each attribute a that both have."""
        known = self._known
        common = np.zeros(len(known))
        for name in attributes_of(item):
            rows = self._rows_of.get(name)
            if rows is not None:
                common[rows] += math.log(len(known) / len(rows)) + 1e-6
        best = np.argsort(-common, kind="stable")[:ALIKE]
        return tuple(known[row].item_id for row in best.tolist() if common[row] > 0)


class Newcomers:
    """The new items of one catalog for one model, each with known items that are like it. Immutable.

    items: the newest of those that the model does not know. alike: by id of one, ids of known ones; those that are like
    none are left out.
    """

    def __init__(
        self, model: FactorModel, likeness: Likeness, items: Sequence[Item], known: Mapping[str, tuple[str, ...]]
    ) -> None:
        """known: what is known to be alike of some of the items."""
        self.items, self._likeness = items, likeness
        self._alike = {
            item.item_id: known[item.item_id] if item.item_id in known else likeness.most_alike(item) for item in items
        }
        self.alike = {item_id: ids for item_id, ids in self._alike.items() if ids}
        known_ids = dict.fromkeys(one for ids in self.alike.values() for one in ids)
        self._known: Candidates = model.candidates(list(known_ids))

    @classmethod
    def of(cls, model: FactorModel, catalog: Catalog) -> Newcomers:
        """The newcomers among the items on a list."""
        likeness = Likeness([item for item in catalog.items if item.item_id in model])
        return cls(model, likeness, _unknown(model, catalog), {})

    def with_changes(
        self, model: FactorModel, catalog: Catalog, gone: Sequence[Item], come: Sequence[Item]
    ) -> Newcomers:
        """The newcomers of the next catalog, from whose lists items are gone, and to which others have come."""
        changed = {item.item_id for item in (*gone, *come)}
        kept = [item for item in self.items if item.item_id not in changed]
        new = [item for item in come if item.item_id not in model]
        if not new and len(kept) == len(self.items):
            return self
        items = sorted([*kept, *new], key=newest_first)[:MAX_NEWCOMERS]
        if len(self.items) == MAX_NEWCOMERS > len(items):  # others were too old to be among them
            items = _unknown(model, catalog)
        known = {item.item_id: self._alike[item.item_id] for item in kept}
        return Newcomers(model, self._likeness, items, known)

    def scores(
        self, model: FactorModel, weights: Mapping[str, float], allowed: Callable[[str], bool]
    ) -> list[tuple[str, float]]:
        """New items that are allowed, with their scores for a history by the model that they were made for."""
        wanted = [item_id for item_id in self.alike if item_id not in weights and allowed(item_id)]
        if not wanted:
            return []
        every = sum(map(len, self.alike.values()))
        hits = model.recommend(weights, k=every, candidates=self._known, repeat=True)
        scores = {str(hit.item_id): hit.score for hit in hits}
        found = []
        for item_id in wanted:
            own = [scores[one] for one in self.alike[item_id] if one in scores]
            if own:
                found.append((item_id, sum(own) / len(own)))
        return found


def _unknown(model: FactorModel, catalog: Catalog) -> list[Item]:
    """The newest items that a model does not know."""
    return list(islice((item for item in catalog.newest if item.item_id not in model), MAX_NEWCOMERS))


def merged(
    ranked: Iterable[tuple[str, float]], newcomers: Iterable[tuple[str, float]], k: int
) -> list[tuple[str, float]]:
    """The `k` best of both, best first; of equal scores what the model knows comes first."""
    return sorted([*ranked, *newcomers], key=lambda pair: -pair[1])[:k]
