"""Items that the model does not know yet: ranked by the items that have most in common with them.

Until the next full fit gives a new item factors, its score for a history is the mean of the scores that the model gives
to the known items most like it by attributes, rare attributes counting more. So it stands among its like within
seconds of being written, on every page that the model ranks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from app.catalog import Catalog
from app.catalog.attributes import attributes_of
from app.values.item import Item
from recommender import Candidates, FactorModel

ALIKE = 5
"""Known items whose scores a new one takes the mean of."""
MAX_NEWCOMERS = 500
"""Newest items that are ranked so; a catalog with more of them waits for a fit."""
_MAX_KNOWN = 50_000
"""Known items that are compared; of more, evenly spaced ones stand for all."""


class Newcomers:
    """The new items of one catalog for one model, each with known items that are like it. Immutable."""

    def __init__(self, alike: Mapping[str, tuple[str, ...]], model: FactorModel) -> None:
        """alike: by id of a new item, ids of known ones."""
        self.alike = alike
        self._known: Candidates = model.candidates(list(dict.fromkeys(one for ids in alike.values() for one in ids)))

    @classmethod
    def of(cls, model: FactorModel, catalog: Catalog) -> Newcomers | None:
        """The newcomers among the items on a list; None where the model knows them all, or none is like a known one."""
        unknown = [item for item in catalog.items if item.item_id not in model]
        if not unknown or len(unknown) == len(catalog.items):
            return None
        known = [item for item in catalog.items if item.item_id in model]
        known = known[:: max(1, len(known) // _MAX_KNOWN)]
        newest = sorted(unknown, key=lambda item: -item.added_at)[:MAX_NEWCOMERS]
        rows_of = _rows_by_attribute(known)
        alike = {item.item_id: _most_alike(item, known, rows_of) for item in newest}
        alike = {item_id: ids for item_id, ids in alike.items() if ids}
        return cls(alike, model) if alike else None

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


def _rows_by_attribute(known: Collection[Item]) -> dict[str, NDArray[np.int64]]:
    rows: dict[str, list[int]] = {}
    for row, item in enumerate(known):
        for name in attributes_of(item):
            rows.setdefault(name, []).append(row)
    return {name: np.array(of_name, dtype=np.int64) for name, of_name in rows.items()}


def _most_alike(item: Item, known: list[Item], rows_of: Mapping[str, NDArray[np.int64]]) -> tuple[str, ...]:
    """The known items with most in common: log(n / n_a) for each attribute a that both have."""
    common = np.zeros(len(known))
    for name in attributes_of(item):
        rows = rows_of.get(name)
        if rows is not None:
            common[rows] += math.log(len(known) / len(rows)) + 1e-6
    best = np.argsort(-common, kind="stable")[:ALIKE]
    return tuple(known[row].item_id for row in best.tolist() if common[row] > 0)


def merged(
    ranked: Iterable[tuple[str, float]], newcomers: Iterable[tuple[str, float]], k: int
) -> list[tuple[str, float]]:
    """The `k` best of both, best first; of equal scores what the model knows comes first."""
    return sorted([*ranked, *newcomers], key=lambda pair: -pair[1])[:k]
