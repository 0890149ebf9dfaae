"""What adds most to a score, as shares in whole hundredths: what a page says of why an item is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.model.leading_kernels import lead

Named = TypeVar("Named")


class Share(NamedTuple, Generic[Named]):
    """What one source adds to a score: a share in (0, 1] of all that adds, and that in hundredths.

    name is None for the rest, which comes last. The percents of a score add up to 100.
    """

    name: Named | None
    share: float
    percent: int


make_share: Callable[[tuple[Any, float, int]], Share[Any]] = partial(tuple.__new__, Share)
"""`Share._make` without its check of the length, which takes as long again."""


def leading_shares(amounts: Iterable[tuple[Named | None, float]], maximum: int, minimum: float) -> list[Share[Named]]:
    """The named sources that add most to one score, of names and amounts, largest first; last the rest.

    At most `maximum` are named, each with `minimum` or more of all that adds. Empty when nothing adds.
    """
    names, values = [], []
    for name, amount in amounts:
        names.append(name)
        values.append(amount)
    sources = np.arange(len(names), dtype=np.int32)[None, :]
    known = np.array([name is not None for name in names], dtype=bool)
    return share_rows(np.array(values, dtype=np.float64)[None, :], sources, known, maximum, minimum, names)[0]


def share_rows(
    amounts: NDArray[np.float64],
    sources: NDArray[np.int32],
    named: NDArray[np.bool_],
    maximum: int,
    minimum: float,
    names: Mapping[int, Named | None] | Sequence[Named | None],
) -> list[list[Share[Named]]]:
    """`leading_shares` of n scores at once. amounts float64 (n, sources); sources int32 (n, sources), the number of the
    source of each, -1 for none; named bool and names: by number.
    """
    rows = len(amounts)
    found, shares = np.empty((rows, maximum), np.int32), np.empty((rows, maximum + 1))
    percents = np.empty((rows, maximum + 1), np.int64)
    lead(amounts, sources, named, minimum, found, shares, percents)
    return [
        [
            make_share((names[number] if number >= 0 else None, share, percent))
            for number, share, percent in zip((*numbers, -1), own, hundredths, strict=True)
            if share > 0.0
        ]
        for numbers, own, hundredths in zip(found.tolist(), shares.tolist(), percents.tolist(), strict=True)
    ]
