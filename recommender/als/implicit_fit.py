"""Full fits by implicit's solver, which regularizes all rows alike."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from recommender.als.blas import one_blas_thread
from recommender.als.forks import usable_threads
from recommender.config import ALSConfig
from recommender.errors import RecommenderError
from recommender.interactions.collector import collector_waiting

LITTLE = 100_000
"""Numbers that a sweep goes through for which more threads cost more, by waiting for each other, than they save."""


def fit_implicit(
    confidences: scipy.sparse.csr_matrix,
    item_factors: NDArray[np.float32],
    config: ALSConfig,
    *,
    sweeps: int,
    seed: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Run implicit's ALS from `item_factors`; returns (user_factors, item_factors), float32 (users or items, factors).

    confidences float32 CSR (users, items). BLAS is held to one thread, as implicit's own threads share its work.
    """
    with collector_waiting():
        from implicit.cpu.als import AlternatingLeastSquares

    def report(sweep: int, _seconds: float, _loss: float | None) -> None:
        if on_progress is not None:
            on_progress(sweep + 1, sweeps)

    worth_threads = (confidences.nnz + sum(confidences.shape)) * config.factors > LITTLE
    with one_blas_thread():
        solver = AlternatingLeastSquares(
            factors=config.factors,
            regularization=config.regularization,
            alpha=1.0,
            iterations=sweeps,
            num_threads=usable_threads(config.threads) if worth_threads else 1,
            random_state=seed % 2**32,  # NumPy's older generators take no larger one
        )
        solver.item_factors = np.ascontiguousarray(item_factors, dtype=np.float32)
        solver.user_factors = np.zeros((confidences.shape[0], config.factors), dtype=np.float32)
        solver.fit(confidences, show_progress=False, callback=report)
    if not (np.isfinite(solver.item_factors).all() and np.isfinite(solver.user_factors).all()):
        raise RecommenderError(
            f"training ran into numbers that are not finite; raise regularization (now {config.regularization}) "
            f"or lower alpha (now {config.alpha})"
        )
    return solver.user_factors, solver.item_factors
