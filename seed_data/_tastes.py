"""The space that hidden tastes live in: items as sparse rows of traits, tastes as one weight a trait."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.values.item import Item

Tastes = NDArray[np.float64]
"""One weight a trait, (traits,): types, styles, palettes, tags, then the hidden traits that no attribute shows."""

GROUPS = 36
HIDDEN = 8
_TAGS = 4  # tags of an item that count
_APPEAL = 0.22  # scale of the exponential appeal: odds of a click then have a Pareto tail
_LIKED = {"type": (1, 3, 2.0), "style": (1, 3, 1.4), "palette": (2, 4, 0.6), "tag": (3, 7, 1.1)}  # fewest, most, weight
_INDIFFERENT = -0.35
_HIDDEN_WEIGHT = 0.42


class TasteSpace:
    """Traits of the items of one catalog, and the groups that share a taste for them."""

    def __init__(self, items: Sequence[Item], seed: int) -> None:
        types, styles, palettes, tags = (
            sorted({item.type for item in items}),
            sorted({item.style for item in items}),
            sorted({item.palette for item in items}),
            sorted({tag for item in items for tag in item.tags[:_TAGS]}),
        )
        self.types = tuple(types)
        by_type = Counter(item.type for item in items)
        counts = np.array([by_type[type_] for type_ in types], dtype=np.float64)
        self.type_shares = np.sqrt(counts / counts.sum())
        kinds = {"type": types, "style": styles, "palette": palettes, "tag": tags}
        places: dict[str, int] = {}
        self.parts: dict[str, slice] = {}
        start = 0
        for kind, slugs in kinds.items():
            places |= {f"{kind} {slug}": start + index for index, slug in enumerate(slugs)}
            self.parts[kind] = slice(start, start + len(slugs))
            start += len(slugs)
        self.visible = start
        self.traits = start + 1 + HIDDEN  # one idle trait of weight 0 fills up items with few tags
        self.type_part = self.parts["type"]
        self.places = np.full((len(items), 3 + _TAGS), start, dtype=np.int64)
        for row, item in enumerate(items):
            names = [f"type {item.type}", f"style {item.style}", f"palette {item.palette}"]
            names += [f"tag {tag}" for tag in item.tags[:_TAGS]]
            self.places[row, : len(names)] = [places[name] for name in names]
        self.hashes = _scrambled(items, seed)
        rng = np.random.default_rng((seed, 1))
        self.hidden = rng.standard_normal((len(items), HIDDEN))
        self.appeal = _APPEAL * _exponential(self.hashes)
        popular = np.bincount(self.places.ravel(), minlength=self.traits)[: self.visible] / len(items)
        self._groups = np.stack([self._group(popular, rng) for _ in range(GROUPS)])

    def utility(self, rows: NDArray[np.int64] | slice, tastes: Tastes) -> NDArray[np.float64]:
        """What `tastes` make of the items at `rows`, in logits, before offset and whim: (n,)."""
        seen = tastes[self.places[rows]].sum(axis=1)
        liked: NDArray[np.float64] = self.appeal[rows] + seen + self.hidden[rows] @ tastes[-HIDDEN:]
        return liked

    def mixture(self, first: int, second: int, share: float, rng: np.random.Generator) -> Tastes:
        """The taste of someone mostly of group `first`, partly of `second`, with a few quirks of their own."""
        tastes = share * self._groups[first] + (1.0 - share) * self._groups[second]
        tastes[rng.integers(0, self.visible, 3)] += rng.normal(0.5, 0.6, 3)
        tastes[-HIDDEN:] += rng.normal(0.0, 0.5 * _HIDDEN_WEIGHT, HIDDEN)
        return np.asarray(tastes)

    def shifted(self, tastes: Tastes, group: int) -> Tastes:
        """`tastes` moved half of the way towards another group's."""
        shifted: Tastes = 0.5 * tastes + 0.5 * self._groups[group]
        return shifted

    def _group(self, popular: NDArray[np.float64], rng: np.random.Generator) -> Tastes:
        tastes = np.zeros(self.traits)
        for kind, (fewest, most, weight) in _LIKED.items():
            part = self.parts[kind]
            size = part.stop - part.start
            count = min(int(rng.integers(fewest, most + 1)), size)
            if kind != "tag":
                tastes[part] = _INDIFFERENT * weight
            chances = np.sqrt(popular[part])
            liked = rng.choice(size, count, replace=False, p=chances / chances.sum())
            tastes[part.start + liked] = weight * rng.uniform(0.8, 1.2, count)
        tastes[-HIDDEN:] = rng.normal(0.0, _HIDDEN_WEIGHT, HIDDEN)
        return np.asarray(tastes)


def _scrambled(items: Sequence[Item], seed: int) -> NDArray[np.uint64]:
    """One well-mixed number an item, from its id, so that it does not depend on what else is in the catalog."""
    ids = np.array([zlib.crc32(item.item_id.encode()) for item in items], dtype=np.uint64)
    mixed = (ids + np.uint64(seed) * np.uint64(0x9E3779B9)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(32)
    return mixed


def _exponential(hashes: NDArray[np.uint64]) -> NDArray[np.float64]:
    uniform = ((hashes >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53
    values: NDArray[np.float64] = -np.log(uniform)
    return values
