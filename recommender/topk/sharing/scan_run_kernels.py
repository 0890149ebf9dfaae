"""A compiled kernel that scans for run after run of a batch of users, without the GIL between them."""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.topk.sharing.addresses import call
from recommender.topk.sharing.board_kernels import DONE, settle, take


@kernel(fast=False, makes_arrays=False)
def rank_runs(
    board, most, bounds, rank, users, item_factors, laid_out, tile_words, hidden_starts, hidden, top_ids, top_scores,
    counts,
):  # fmt: skip
    """Take runs, `most` at most, while any is ready, each users bounds[run, 0] to bounds[run, 1], int64; returns how
    many it took. rank is the address of `scan_kernels.rank_many` or `pool_kernels.rank_pools`, whose arguments the
    others are, for all users.
    """
    done = np.int64(0)
    while done < most:
        run = take(board)
        if run < 0:
            break
        done += 1
        own, starts = slice(bounds[run, 0], bounds[run, 1]), hidden_starts[bounds[run, 0] : bounds[run, 1] + 1]
        call(
            rank,
            (
                users[own], item_factors, *laid_out, starts, hidden, top_ids[own], top_scores[own], counts[own],
                tile_words,
            ),
        )  # fmt: skip
        settle(board, run, np.int64(DONE))
    return done
