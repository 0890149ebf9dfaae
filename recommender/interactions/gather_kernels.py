"""Rows of a table at some places."""

from __future__ import annotations

from recommender.kernel import kernel


@kernel(fast=False, hold_gil=True)
def gather(table, places, found):
    """Write found[n] = table[places[n]]. NumPy's own way gives the interpreter away for it, and waits to get it back.

    table of any type, one row or number an item; places whole numbers (n,), where -1 is the last; found (n, ...).
    """
    for n in range(places.shape[0]):
        found[n] = table[places[n]]
