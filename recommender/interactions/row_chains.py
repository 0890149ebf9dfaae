"""The rows of some users (or items) of a log, found by the chains that link them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.chain_kernels import collect_chains, count_chains


def chain_rows(
    last: NDArray[np.int32], before: NDArray[np.int32], user: NDArray[np.int32], owners: NDArray[np.int32]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The live rows of `owners`: (positions into owners, row numbers), both int32 (n,)."""
    counts = np.zeros(len(owners), dtype=np.int64)
    count_chains(last, before, user, owners, counts)
    positions = np.empty(counts.sum(), dtype=np.int32)
    rows = np.empty(counts.sum(), dtype=np.int32)
    collect_chains(last, before, user, owners, positions, rows)
    return positions, rows
