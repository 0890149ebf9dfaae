"""The arrays that a model is made of: checked against each other and made read-only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST_NORM = 1e15
"""Longest item vector that float32 scores of any sensible user vector survive."""


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


def checked_vector(user: Any, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A user vector of the right type and shape, whatever it looks like; ValueError for any other."""
    if getattr(user, "shape", None) != shape or user.dtype != np.float32:
        raise ValueError(f"user must be a float32 array of shape {shape}, got {user!r}")
    return np.asarray(user, np.float32)


def check_vectors(users: Any, hidden: Sequence[Any], factors: int) -> None:
    """Raise ValueError unless users are float32 (n, factors) and `hidden` is empty or has an array for each."""
    if getattr(users, "shape", (0, 0))[1:] != (factors,) or users.dtype != np.float32:
        raise ValueError(f"users must be a float32 array of shape (n, {factors}), got {users!r}")
    if len(hidden) not in (0, len(users)):
        raise ValueError(f"hidden must hold an array for each of {len(users)} users or none, got {len(hidden)}")


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """The array, C-contiguous and read-only."""
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array


def own(array: NDArray[Any]) -> NDArray[Any]:
    """The array where it is C-contiguous and writable, else a copy, so that kernels are compiled for one kind alone."""
    return array if array.flags.carray else array.copy("C")
