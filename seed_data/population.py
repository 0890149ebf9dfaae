"""Visitors with tastes of their own, which nobody but this module knows: they decide the clicks of simulated traffic.

Each visitor belongs to one or two of a few dozen groups that share interests (types, styles, palettes, tags, and a
liking for certain items that no attribute shows), adds quirks, and drifts slowly from one mixture to another. What a
visitor makes of an item is

    interest = ceiling * sigmoid(offset + appeal(item) + taste(visitor, day) . item + whim(visitor, item))

where the whim is a hash of the pair: repeatable, and of full rank, so that no model can learn all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.values.item import Item
from seed_data._tastes import GROUPS, Tastes, TasteSpace

Floats = NDArray[np.float64]

MEAN_INTEREST = 0.038
"""The interest of a visitor in an item, on average over everything; the offset is set to give it for any item list."""

_CALIBRATED_ON = 12_000  # items: of a larger catalog, evenly spaced ones stand for all
_CEILING = 0.55  # even what suits best is clicked only about every other time
_WHIM = 0.75  # standard deviation of the part of taste that cannot be learned
_DRIFT_DAYS = (120.0, 360.0)  # how long a visitor takes to drift to the other taste and back
_POSITION_DECAY = 0.06
_REACTIONS = (("like", 0.20), ("save", 0.16), ("use", 0.12))


class Population:
    """Simulated visitors of one catalog, numbered from 0. The same seed and items give the same visitors for ever."""

    def __init__(self, items: Sequence[Item], seed: int = 7) -> None:
        if not items:
            raise ValueError("a population needs items to have tastes about; the list is empty")
        self.seed = int(seed)
        self.items = tuple(items)
        self.space = TasteSpace(self.items, self.seed)
        self.index = {item.item_id: row for row, item in enumerate(self.items)}
        self.offset = 0.0
        self.offset = self._calibrated_offset()

    def visitor(self, number: int) -> SimulatedVisitor:
        """Visitor `number`, 0 or more; cheap, holds no state of its own."""
        if number < 0:
            raise ValueError(f"visitor numbers start at 0, got {number}")
        return SimulatedVisitor(self, number)

    def rows(self, item_ids: Iterable[str] | None) -> NDArray[np.int64] | slice:
        """Rows of `item_ids` in the order of `items`; everything for None. Raises KeyError for an unknown item."""
        if item_ids is None:
            return slice(None)
        return np.array([self.index[item_id] for item_id in item_ids], dtype=np.int64)

    def expected_interest(self, tastes: Floats) -> NDArray[np.float32]:
        """The chance of a click of visitors with these tastes (visitors, traits) on every item, their whims unknown.

        float32 (visitors, items). The mean over whims is that of three points with the first five moments of a normal
        variable (Gauss and Hermite).
        """
        space = self.space
        traits = np.zeros((len(self.items), space.traits))
        rows = np.arange(len(self.items))
        for places in space.places.T:
            np.add.at(traits, (rows, places), 1.0)
        traits[:, -space.hidden.shape[1] :] += space.hidden
        known = (tastes @ traits.T + space.appeal + self.offset).astype(np.float32)
        strong = np.float32(np.sqrt(3.0) * _WHIM)
        found: NDArray[np.float32] = (4 * _interest(known) + _interest(known + strong) + _interest(known - strong)) / 6
        return found

    def expected_interest_of(self, numbers: Iterable[int], day: float) -> NDArray[np.float32]:
        """`expected_interest` of visitors by number, by their tastes on `day`."""
        return self.expected_interest(np.stack([self.visitor(number).tastes(day) for number in numbers]))

    def _calibrated_offset(self) -> float:
        """Bisect for the offset at which the mean interest is MEAN_INTEREST, over a sample of visitors and items."""
        rows = slice(None, None, max(1, len(self.items) // _CALIBRATED_ON))
        sample = np.concatenate([self.visitor(number)._utility(rows, 0.0) for number in range(48)])
        low, high = -20.0, 5.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if _interest(sample + middle).mean() < MEAN_INTEREST else (low, middle)
        return (low + high) / 2


class SimulatedVisitor:
    """One visitor: functions of (seed, number), and of the generator that is handed in where chance is asked for."""

    __slots__ = ("_drift_phase", "_early", "_late", "_patience", "_period", "_population", "_salt", "number")

    def __init__(self, population: Population, number: int) -> None:
        rng = np.random.Generator(np.random.PCG64((population.seed, number)))
        self.number = number
        self._population = population
        first, second, third = rng.integers(0, GROUPS, 3).tolist()
        share = 0.55 + 0.45 * rng.random()
        self._early = population.space.mixture(first, second, share, rng)
        self._late = population.space.shifted(self._early, third)
        self._period = _DRIFT_DAYS[0] + (_DRIFT_DAYS[1] - _DRIFT_DAYS[0]) * rng.random()
        self._drift_phase = 0.6 * rng.random()
        self._patience = 0.7 + 0.6 * rng.random()
        self._salt = np.uint64(rng.integers(1, 2**63))

    def tastes(self, day: float) -> Tastes:
        """The weights given to types, styles, palettes, tags and hidden traits on `day` (days since the start)."""
        late = 0.5 - 0.5 * np.cos(2 * np.pi * (day / self._period + 0.25 * self._drift_phase))
        tastes: Tastes = self._early + late * (self._late - self._early)
        return tastes

    def affinity(self, item_ids: Iterable[str] | None, day: float) -> Floats:
        """The hidden truth, (n,) in [0, 1]: the chance of a click on each item once looked at. None: all items."""
        population = self._population
        return _interest(self._utility(population.rows(item_ids), day) + population.offset)

    def _utility(self, rows: NDArray[np.int64] | slice, day: float) -> Floats:
        space = self._population.space
        return space.utility(rows, self.tastes(day)) + _WHIM * _whims(space.hashes[rows], self._salt)

    def examine(self, position: int) -> float:
        """The chance that the entry at `position` (from 1) is looked at: it falls, faster for the hasty."""
        if position < 1:
            raise ValueError(f"positions start at 1, got {position}")
        return 1.0 / (1.0 + _POSITION_DECAY / self._patience * (position - 1))

    def look(self, item_ids: Sequence[str], day: float, rng: np.random.Generator) -> tuple[list[int], list[int]]:
        """Indices of a slate's entries that are looked at, and of those among them that are clicked."""
        count = len(item_ids)
        if not count:
            return [], []
        decay = _POSITION_DECAY / self._patience
        chances = rng.random((2, count))
        seen = chances[0] * (1.0 + decay * np.arange(count)) < 1.0
        clicked = seen & (chances[1] < self.affinity(item_ids, day))
        return np.flatnonzero(seen).tolist(), np.flatnonzero(clicked).tolist()

    def clicks(self, item_ids: Sequence[str], day: float, rng: np.random.Generator) -> list[int]:
        """Indices of the entries of a slate, as shown from position 1, that are clicked."""
        return self.look(item_ids, day, rng)[1]

    def reacts(self, item_id: str, day: float, rng: np.random.Generator) -> list[str]:
        """What follows after opening an item: any of like, save, use; or dislike, when it disappoints."""
        interest = float(self.affinity((item_id,), day)[0])
        draws = rng.random(len(_REACTIONS) + 1)
        if draws[-1] < 0.12 * (1.0 - interest) ** 3:
            return ["dislike"]
        return [kind for (kind, rate), draw in zip(_REACTIONS, draws, strict=False) if draw < rate * (0.4 + interest)]

    def seeks(self, day: float, rng: np.random.Generator) -> str:
        """The type that the visitor goes looking for when they browse: mostly one that they like."""
        space = self._population.space
        weights = np.exp(1.6 * self.tastes(day)[space.type_part]) * space.type_shares
        return space.types[int(np.searchsorted(np.cumsum(weights / weights.sum()), rng.random(), side="right"))]


def _interest(values: NDArray[Any]) -> NDArray[Any]:
    found: NDArray[Any] = _CEILING / (1.0 + np.exp(-values))
    return found


def _whims(hashes: NDArray[np.uint64], salt: np.uint64) -> Floats:
    """Independent draws of about unit variance, one for each (visitor, item): a sum of four uniform 16-bit numbers."""
    bits = (hashes ^ salt) * np.uint64(0xBF58476D1CE4E5B9)
    bits ^= bits >> np.uint64(27)
    bits *= np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    quarters = bits.view(np.uint16).reshape(-1, 4)
    draws: Floats = (quarters.sum(axis=1, dtype=np.float64) - 131_070.0) / 37_837.0
    return draws
