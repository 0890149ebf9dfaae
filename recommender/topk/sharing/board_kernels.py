"""What threads that share a batch tell each other without the GIL.

A board int64 (FIRST_RUN + runs,) says how many runs are ready, how many of these are taken, and what became of each.
Runs are taken in their order, each by one thread. Whoever reads that a run is ready, or done, finds all that was
written before it became so.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.topk.sharing.atomics import exchange, load, store

READY, TAKEN, FIRST_RUN = 0, 8, 16
"""Places of the board: READY and TAKEN are written by different threads, and lie in different lines of the cache."""
OPEN, DONE, FOR_PYTHON = 0, 1, 2
"""What became of a run: FOR_PYTHON is not answered, and needs more than the kernels that were handed on."""


@kernel(fast=False, makes_arrays=False)
def take(board):
    """The next run that is ready and not taken, for the caller alone; -1 where there is none."""
    while True:
        taken = load(board, TAKEN)
        if taken >= load(board, READY):
            return np.int64(-1)
        if exchange(board, TAKEN, taken, taken + 1):
            return taken


@kernel(fast=False, makes_arrays=False)
def settle(board, run, became):
    """A run that the caller took is DONE, or FOR_PYTHON."""
    store(board, FIRST_RUN + run, became)


@kernel(fast=False, hold_gil=True, makes_arrays=False)
def publish(board, ready):
    """So many runs are ready from now on; with 0, none is taken any more."""
    store(board, READY, ready)


@kernel(fast=False, hold_gil=True, makes_arrays=False)
def count_waiting(board):
    """How many runs are ready that nobody has taken."""
    return load(board, READY) - load(board, TAKEN)


@kernel(fast=False, hold_gil=True, makes_arrays=False)
def outcome(board, run):
    """OPEN, DONE or FOR_PYTHON."""
    return load(board, FIRST_RUN + run)
