"""Full fits with regularization that grows with how often a user or an item occurs, which implicit's solver has not."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from recommender.als.blas import one_blas_thread
from recommender.als.sweep_kernels import sweep_rows
from recommender.config import ALSConfig
from recommender.errors import RecommenderError

STEPS = 3
"""Steps of conjugate gradients a row and sweep, as in implicit."""
PARTS = 64
"""Parts that the rows are cut into, so that threads finish together."""


def frequency_scale(config: ALSConfig, counts: NDArray[np.integer] | int, others: int) -> NDArray[np.float64]:
    """By how much `config.regularization` is multiplied for rows of these counts: (1 + alpha * n / others) ** exponent.

    counts: pairs of each row. others: rows of the other side. Rendle, Krichene, Zhang, Koren, "Revisiting the
    Performance of iALS on Item Recommendation Benchmarks" (2022), equation 6, with the constant factor left to
    `regularization`.
    """
    return np.asarray((1.0 + config.alpha * np.asarray(counts) / max(others, 1)) ** config.regularization_exponent)


def fit_scaled(
    confidences: scipy.sparse.csr_matrix,
    item_factors: NDArray[np.float32],
    config: ALSConfig,
    *,
    sweeps: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Alternating least squares from `item_factors`; arguments and results as in `fit_implicit`."""
    by_user, by_item = confidences.tocsr(), confidences.T.tocsr()
    items = np.array(item_factors, dtype=np.float32, order="C")
    users = np.zeros((by_user.shape[0], config.factors), dtype=np.float32)
    with (
        one_blas_thread(),
        ThreadPoolExecutor(config.threads or os.cpu_count()) as pool,
    ):
        for sweep in range(sweeps):
            _sweep(pool, by_user, users, items, config)
            _sweep(pool, by_item, items, users, config)
            if on_progress is not None:
                on_progress(sweep + 1, sweeps)
    if not (np.isfinite(items).all() and np.isfinite(users).all()):
        raise RecommenderError(
            f"training ran into numbers that are not finite; raise regularization (now {config.regularization}) "
            f"or lower alpha (now {config.alpha})"
        )
    return users, items


def _sweep(
    pool: ThreadPoolExecutor,
    pairs: scipy.sparse.csr_matrix,
    factors: NDArray[np.float32],
    other_factors: NDArray[np.float32],
    config: ALSConfig,
) -> None:
    rows, others = pairs.shape
    scale = frequency_scale(config, np.diff(pairs.indptr), others)
    regularizations = (config.regularization * scale).astype(np.float32)
    arguments = regularizations, other_factors, pairs.indptr.astype(np.int64), pairs.indices, pairs.data
    gram = other_factors.T @ other_factors
    bounds = np.linspace(0, rows, PARTS + 1).astype(int).tolist()
    done = [pool.submit(sweep_rows, start, stop, gram, *arguments, factors, STEPS) for start, stop in pairwise(bounds)]
    for part in done:
        part.result()
