"""The arrays that a model is made of: checked against each other and made read-only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.model.derived import LARGEST_NORM


def checked_arrays(
    item_factors: NDArray[np.float32], popularity: NDArray[np.float32], items: int, factors: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """item_factors and popularity as float32, read-only; ValueError unless they are (items, factors) and (items,)."""
    with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is refused
        vectors, counts = (frozen(np.asarray(array, np.float32)) for array in (item_factors, popularity))
    if vectors.shape != (items, factors):
        raise ValueError(
            f"item_factors must have shape ({items}, {factors}): a row an item id, config.factors wide; "
            f"got {vectors.shape}"
        )
    if counts.shape != (items,):
        raise ValueError(f"popularity must have shape ({items},), a number an item id; got {counts.shape}")
    if not np.isfinite(counts).all():
        raise ValueError("popularity must be finite numbers, also as float32; lower the weights it is summed from")
    return vectors, counts


def check_sizes(item_factors: NDArray[np.float32], norms: NDArray[np.float64]) -> None:
    """Raise ValueError unless float32 scores survive these item factors, whose norms float64 (items,) are."""
    largest = max(float(item_factors.max(initial=0)), -float(item_factors.min(initial=0)))
    if not (largest < LARGEST_NORM and (norms < LARGEST_NORM).all()):
        raise ValueError("item_factors must be finite numbers of sensible size; train with more regularization")


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """The array, C-contiguous and read-only."""
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array
