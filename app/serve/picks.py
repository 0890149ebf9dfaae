"""“Pick three”: items whose likes tell most about somebody of whom nothing is known, half of them popular."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from app.catalog import Catalog
from app.serve.builder import PageBuilder
from app.serve.rankers import Ranked
from app.serve.shelves import Shelves
from app.store.slates import PICKS_SHELF
from recommender import FactorModel

PICKS = 12
WANTED = 3
"""Picks after which the page knows enough to follow; see `SAYS_AFTER`."""
_POPULAR_POOL = 72
_WIDE_POOL = 400
_OF_ONE_TYPE = 3


def add_picks(shelves: Shelves, page: PageBuilder) -> None:
    """Add the tiles for a visitor who has opened fewer than `WANTED` things; nothing for anybody else.

    The most popular items stand in the row below, which the experiment compares, and are left to it.
    """
    history = shelves.history
    if not shelves.learns or not isinstance(shelves.model, FactorModel) or len(history.weights) >= WANTED:
        return
    ranked = shelves.baseline.rank({}, shelves.size + _WIDE_POOL, history.opinions.hidden)
    popular = [choice.item_id for choice in ranked[shelves.size :]]
    chosen = kept_items(shelves.model, popular, shelves.catalog)
    taken = set(page.taken)
    page.add(
        PICKS_SHELF,
        "Pick three you like",
        "Chosen to tell most apart",
        [Ranked(item_id, shelves.baseline.source, None) for item_id in chosen],
        shelves.why,
        size=PICKS,
        policy="picks",
    )
    page.taken = taken  # a tile is a question and no recommendation: the rows are what they would be without it


_told: WeakKeyDictionary[FactorModel, tuple[Catalog, Sequence[str], list[str]]] = WeakKeyDictionary()
"""What tells most by each model that is served, with the catalog and the popular items that it was chosen from."""


def kept_items(model: FactorModel, popular: Sequence[str], catalog: Catalog) -> list[str]:
    """`telling_items`, chosen anew when the model, the catalog or the order of what is popular has changed: choosing
    takes longer than all else of a newcomer's page.
    """
    told = _told.get(model)
    if told is None or told[0] is not catalog or told[1] != popular:
        told = _told[model] = (catalog, popular, telling_items(model, popular, catalog))
    return told[2]


def telling_items(model: FactorModel, popular: Sequence[str], catalog: Catalog, count: int = PICKS) -> list[str]:
    """`count` items, best known first: half from the most popular, half from a wider pool, spread over the factors.

    Each further item is the one whose direction the chosen ones explain least (pivoted Gram-Schmidt), of pools in which
    no type and style comes twice and no type more than three times.
    """
    known = [item_id for item_id in popular if item_id in model and item_id in catalog]
    chosen: list[str] = []
    basis: list[NDArray[np.float64]] = []
    for pool, wanted in ((known[:_POPULAR_POOL], count // 2), (known[:_WIDE_POOL], count)):
        while len(chosen) < wanted:
            left = [item_id for item_id in pool if _adds_variety(item_id, chosen, catalog)]
            if not left:
                break
            rests = _rests(model, left, basis)
            norms = np.linalg.norm(rests, axis=1)
            best = int(norms.argmax())
            chosen.append(left[best])
            if norms[best] > 1e-6:
                basis.append(rests[best] / norms[best])
    return sorted(chosen, key=known.index)


def _rests(model: FactorModel, item_ids: Sequence[str], basis: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
    """What of the items' directions lies outside the basis, float64 (items, factors)."""
    rows = [model.index_of[item_id] for item_id in item_ids]
    factors: NDArray[np.float64] = np.asarray(model.item_factors[rows], dtype=np.float64)
    rests: NDArray[np.float64] = factors / np.maximum(np.linalg.norm(factors, axis=1, keepdims=True), 1e-12)
    for direction in basis:
        rests = rests - np.outer(rests @ direction, direction)
    return rests


def _adds_variety(item_id: str, chosen: Sequence[str], catalog: Catalog) -> bool:
    item = catalog[item_id]
    others = [catalog[other] for other in chosen]
    types = Counter(other.type for other in others)
    return (
        item_id not in chosen
        and types[item.type] < _OF_ONE_TYPE
        and not any((other.type, other.style) == (item.type, item.style) for other in others)
    )
