"""How much more than everybody those like an item whom it was shown: what its rate of clicks has to be read against.

Lists that follow a user's tastes show each item to those who like its sort. Their clicks a view say how well the lists
aim, and less of the item: an item that everybody was shown and a tenth took is better than one that only its friends
were shown, of whom a tenth took it. Latent classes tell the one from the other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.second_stage.class_kernels import add_leanings, expect_classes
from recommender.second_stage.classes import LatentClasses
from recommender.second_stage.exposures import Exposures

_LOWEST_RATE = np.float32(1e-12)


def audience_leanings(
    exposures: Exposures, classes: LatentClasses, rates: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Mean lift of each item among those whom it was shown, float64 (items,): 1 is everybody's, and of an item that
    nobody was shown. All 1 without classes.

    rates float64 (items,): takings a view of everybody, as the classes have them (`EverybodysRates`); None without
    classes. What a user is likely of follows from everything that they were shown, taken or not: with rates that are
    themselves those of an audience, too much would be expected of whom lists had found.
    """
    items, width = classes.lift.shape
    if rates is None or not width or not len(exposures):
        return np.ones(items)
    shown = np.bincount(exposures.items, minlength=items)
    indptr, size = exposures.indptr(), width // classes.runs
    shares = np.empty((len(indptr) - 1, size), np.float32)
    sums = np.zeros(items)
    for run in range(classes.runs):
        part = slice(run * size, (run + 1) * size)
        lift = np.ascontiguousarray(classes.lift[:, part])
        by_class = np.maximum((rates[:, None] * lift).astype(np.float32), _LOWEST_RATE)
        prior = np.ascontiguousarray(classes.log_prior[part])
        expect_classes(
            indptr, exposures.items, exposures.taken, by_class, np.log(by_class), prior, np.float32(1.0), shares
        )
        add_leanings(indptr, exposures.items, shares, lift, sums)
    leanings: NDArray[np.float64] = np.where(shown > 0, sums / (classes.runs * np.maximum(shown, 1)), 1.0)
    return leanings
