"""Clusters of directions, so that a sketch need only say how a direction differs from the mean of its cluster.

Lloyd's algorithm (k-means) on some of the directions. Which clusters are found changes what a scan costs, never what it
finds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CLUSTERS = 256
"""At most: each costs a product a query, and an item as many products when the index is built."""
MEMBERS = 256
"""Items for each cluster on average, where there are few items."""
SAMPLE = 64
"""Directions for each cluster that means are found from."""
ROUNDS = 8
BAND = 1 << 12
"""Rows that are compared at a time, so that it takes little room."""


def cluster_count(items: int) -> int:
    """Clusters of so many items, at least one."""
    return max(1, min(CLUSTERS, items // MEMBERS))


def cluster_means(sample: NDArray[np.float32], clusters: int) -> NDArray[np.float32]:
    """Means float32 (clusters, factors) of the clusters of a sample float32 (n, factors), which may have more of either
    than it has different rows: means of nothing stay where they began.
    """
    means = np.zeros((clusters, sample.shape[1]), dtype=np.float32)
    if not len(sample):
        return means
    means[:] = sample[np.random.default_rng(0).permutation(len(sample))[np.arange(clusters) % len(sample)]]
    for _ in range(ROUNDS if clusters > 1 else 1):
        nearest = nearest_means(sample, means)
        order = np.argsort(nearest, kind="stable")
        sizes = np.bincount(nearest, minlength=clusters)
        filled = np.flatnonzero(sizes)
        starts = np.cumsum(sizes)[filled] - sizes[filled]
        means[filled] = np.add.reduceat(sample[order], starts, axis=0) / sizes[filled, None]
    return means


def nearest_means(rows: NDArray[np.float32], means: NDArray[np.float32]) -> NDArray[np.int64]:
    """The number int64 (n,) of the mean nearest to each of rows float32 (n, factors)."""
    half_squares = np.einsum("cf,cf->c", means, means) / np.float32(2)
    nearest = np.empty(len(rows), dtype=np.int64)
    for start in range(0, len(rows), BAND):
        part = slice(start, start + BAND)
        nearest[part] = (rows[part] @ means.T - half_squares).argmax(axis=1)
    return nearest
