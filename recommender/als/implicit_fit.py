"""Full fits by implicit's solver, which regularizes all rows alike."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from recommender.als.blas import one_blas_thread
from recommender.config import ALSConfig
from recommender.errors import RecommenderError

_forked = False


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
    from implicit.cpu.als import AlternatingLeastSquares

    def report(sweep: int, _seconds: float, _loss: float | None) -> None:
        if on_progress is not None:
            on_progress(sweep + 1, sweeps)

    with one_blas_thread():
        solver = AlternatingLeastSquares(
            factors=config.factors,
            regularization=config.regularization,
            alpha=1.0,
            iterations=sweeps,
            num_threads=usable_threads(config.threads),
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


def usable_threads(wanted: int) -> int:
    """`wanted` threads (0: one a core), or 1 in a process that was forked after this package was imported.

    OpenMP keeps its threads in a pool. A fork copies the pool without its threads, and the copy waits for them forever
    (GNU libgomp), whoever started the pool before.
    """
    return 1 if _forked else wanted


def _note_fork() -> None:
    global _forked
    _forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)
