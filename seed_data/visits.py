"""What a simulated visitor does with a slate: the one place that turns tastes into looks, clicks and what follows.

The seed history, the benchmarks in process and the browsers over HTTP all ask here, so that their visitors are the same
people.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from seed_data.population import SimulatedVisitor


@dataclass(frozen=True, slots=True)
class Opening:
    """An entry that is opened: its index in the slate, from 0, and what follows: any of like, save, use; or dislike."""

    index: int
    reactions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlateVisit:
    """What a visitor makes of one slate. looked: indices of the entries looked at, from 0.

    openings: entries opened, in order. It draws as it goes, so walk through it once.
    """

    looked: tuple[int, ...]
    openings: Iterator[Opening]


def visit_slate(
    visitor: SimulatedVisitor,
    item_ids: Sequence[str],
    day: float,
    rng: np.random.Generator,
    opened: Container[str] = (),
) -> SlateVisit:
    """Let `visitor` look at a slate as shown from position 1 on `day` of the population's time.

    opened: items that are not opened again. The same generator in the same state gives the same visit.
    """
    looked, clicked = visitor.look(item_ids, day, rng)

    def openings() -> Iterator[Opening]:
        for index in clicked:
            if item_ids[index] not in opened:
                yield Opening(index, tuple(visitor.reacts(item_ids[index], day, rng)))

    return SlateVisit(tuple(looked), openings())
