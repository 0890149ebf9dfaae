"""A batch of histories that threads share, run by run: where each run lies, and where its answers go."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.als.dual_kernels import room_for
from recommender.als.many_kernels import fold_in_left, fold_in_many
from recommender.interactions.histories import Histories
from recommender.interactions.history import NOTHING
from recommender.kernel import address_of, is_compiled
from recommender.model.batches.ranker import BatchRanker, Lists, Run
from recommender.model.batches.run_kernels import COLUMNS, answer_runs
from recommender.topk.batch import TILE_WORDS
from recommender.topk.index import FactorIndex
from recommender.topk.sharing.board_kernels import DONE
from recommender.transitions.blend_kernels import blend_many


class SharedBatch:
    """Runs of users, start and stop of each, with room for their answers; histories of more than `longest`
    items are left to the thread that asks.

    A run is added by the thread that asks, done by any thread that is at `work`, and then handed out.
    """

    def __init__(self, batch: BatchRanker, index: FactorIndex, bounds: list[tuple[int, int]], longest: int) -> None:
        self._batch, self._index, self._bounds, self._longest = batch, index, bounds, longest
        self._most = max(stop - start for start, stop in bounds)
        self._runs: dict[int, tuple[Run, NDArray[np.float64]]] = {}
        self._table = np.zeros((len(bounds), COLUMNS), dtype=np.int64)
        size = bounds[-1][1]
        self._top = np.empty((size, batch.k), dtype=np.int32), np.empty((size, batch.k))
        self._counts = np.empty(size, dtype=np.int64)
        self._codes: tuple[int, int, int] = (0, 0, 0)
        self._popular = NOTHING if batch.chosen is not None else batch.popular()

    def add(self, run: int, histories: Histories) -> None:
        """Lay the histories of a run out, and write down where everything lies."""
        laid_out, (start, stop) = self._batch.lay_out(histories), self._bounds[run]
        ranker, (starts, hidden), lengths = self._batch.ranker, laid_out.hidden, np.diff(histories.indptr)
        longest = int(lengths.max(initial=0))
        powers = ranker.boosting.powers(longest)
        if not run:
            self._codes = self._code(laid_out)
        if not len(self._popular) and not lengths.all():
            self._popular = self._batch.popular()
        equations = 0
        if is_compiled(fold_in_left):
            equations = address_of(fold_in_left, ranker.folding.equations_of_many(laid_out.folding))
        self._runs[run] = laid_out, powers
        indptr, items, weights, fading = laid_out.folding.rows
        self._table[run] = (
            start, stop, _address(indptr), _address(items), _address(weights),
            _address(laid_out.folding.regularizations), _address(fading), len(fading), _address(starts),
            _address(hidden), _address(powers), len(powers), _address(self._popular), len(self._popular), equations,
            longest > self._longest,
        )  # fmt: skip

    def _code(self, run: Run) -> tuple[int, int, int]:
        """Addresses of the kernels for arrays as those of a run."""
        batch, index, ranker, users = self._batch, self._index, self._batch.ranker, run.folding.users
        lists = *run.hidden, *self._top, self._counts
        rank = users, ranker.item_factors, *index.laid_out, *lists, TILE_WORDS
        blending = batch.blending(run.histories, users, *run.hidden, self._top, self._counts, self._top)
        return (
            address_of(fold_in_many, ranker.folding.dual_of_many(run.folding)),
            address_of(index.kernel_for_many(batch.k), rank),
            address_of(blend_many, blending) if ranker.boosting.active else 0,
        )

    def work(self, board: NDArray[np.int64], most: int) -> int:
        """Do so many runs at most, while any is ready; see `runs.share`."""
        batch, ranker, folding = self._batch, self._batch.ranker, self._batch.ranker.folding
        factors, boosting = folding.config.factors, ranker.boosting
        users, found = np.empty((self._most, factors), dtype=np.float32), np.empty(self._most, dtype=np.int8)
        best = np.empty((self._most if self._codes[2] else 0, batch.k), dtype=np.int32)
        done: int = answer_runs(
            board, most, self._table, *self._codes, folding.spectrum, room_for(factors, self._longest), folding.gram,
            ranker.item_factors, self._index.laid_out, TILE_WORDS, ranker.norms, boosting.transitions.in_order,
            boosting.weights, batch.among, ranker.popularity, users, found, best, np.empty(best.shape), *self._top,
            self._counts,
        )  # fmt: skip
        return done

    def lists(self, run: int, became: int) -> Lists:
        """The answers of a run that is settled; its histories are let go of."""
        laid_out, _ = self._runs.pop(run)
        if became != DONE:
            return self._batch.rank(laid_out)
        own = slice(*self._bounds[run])
        return self._top[0][own], self._top[1][own], self._counts[own]


def _address(array: NDArray[np.generic]) -> int:
    return array.ctypes.data
