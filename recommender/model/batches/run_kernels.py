"""A compiled kernel that answers run after run of a batch: fold-in, scan and blend, without the GIL between them."""

from __future__ import annotations

import numpy as np

from recommender.als.dual_kernels import LEFT
from recommender.als.many_kernels import mark_silent
from recommender.kernel import kernel
from recommender.topk.score_kernels import rank_popular_many
from recommender.topk.sharing.addresses import call, call_for_count, numbers_at
from recommender.topk.sharing.board_kernels import DONE, FOR_PYTHON, settle, take

COLUMNS = 16
"""Of a table of runs: start, stop, and the addresses of indptr, items, weights, regularizations, fading (with its
length), starts of the hidden items, hidden items, powers (with its length), and popular (with its length), all as
`many_kernels`, `blend_kernels` and `score_kernels` have them; then that of `many_kernels.fold_in_left`, 0 where it is
not compiled, and whether a history is longer than there is room for.
"""


@kernel(fast=False, makes_arrays=False)
def answer_runs(
    board, most, table, fold, rank, blend, spectrum, room, gram, item_factors, laid_out, tile_words, norms, boosts,
    boost_weights, among, popularity, users, found, best_ids, best_scores, top_ids, top_scores, counts,
):  # fmt: skip
    """Take runs of table int64 (runs, COLUMNS), `most` at most, while any is ready; returns how many it took.

    fold, rank and blend are the addresses of `many_kernels.fold_in_many`, of `scan_kernels.rank_many` or `rank_pools`,
    and of `blend_kernels.blend_many`, 0 where nothing is boosted. users, found, best_ids and best_scores are room for
    the longest run, top_ids, top_scores and counts are those of all users of the batch. A run is FOR_PYTHON where
    equations are left that no kernel is there for, or cannot be solved, where it is not known what is popular, or where
    there is no room.
    """
    done = np.int64(0)
    while done < most:
        run = take(board)
        if run < 0:
            break
        done += 1
        of = table[run]
        if of[15] != 0:
            settle(board, run, np.int64(FOR_PYTHON))
            continue
        own = slice(of[0], of[1])
        size = of[1] - of[0]
        indptr, starts = numbers_at(of[2], size + 1, np.int64), numbers_at(of[8], size + 1, np.int64)
        items, weights = numbers_at(of[3], indptr[size], np.int32), numbers_at(of[4], indptr[size], np.float32)
        regularizations, fading = numbers_at(of[5], size, np.float64), numbers_at(of[6], of[7], np.float64)
        hidden, powers = numbers_at(of[9], starts[size], np.int32), numbers_at(of[10], of[11], np.float64)
        popular, vectors, solved = numbers_at(of[12], of[13], np.int32), users[:size], found[:size]
        left = call_for_count(
            fold, (spectrum, regularizations, item_factors, indptr, items, weights, fading, *room, vectors, solved)
        )
        if left > 0 and of[14] != 0:
            call(of[14], (gram, regularizations, item_factors, indptr, items, weights, fading, vectors, solved))
            left = np.int64(0)
            for n in range(size):
                left += solved[n] == LEFT
        silent = mark_silent(vectors, counts[own])
        if left > 0 or (silent > 0 and popular.shape[0] == 0):
            settle(board, run, np.int64(FOR_PYTHON))
            continue
        if blend == 0:
            call(
                rank,
                (
                    vectors, item_factors, *laid_out, starts, hidden, top_ids[own], top_scores[own], counts[own],
                    tile_words,
                ),
            )  # fmt: skip
        else:
            best = best_ids[:size], best_scores[:size]
            call(rank, (vectors, item_factors, *laid_out, starts, hidden, *best, counts[own], tile_words))
            call(
                blend,
                (
                    gram, vectors, item_factors, norms, *boosts, indptr, items, weights, powers, *boost_weights, starts,
                    hidden, *among, *best, counts[own], top_ids[own], top_scores[own],
                ),
            )  # fmt: skip
        if silent > 0:
            rank_popular_many(popular, popularity, starts, hidden, top_ids[own], top_scores[own], counts[own])
        settle(board, run, np.int64(DONE))
    return done
