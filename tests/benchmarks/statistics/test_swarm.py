"""A short form of `benchmarks.statistics.swarm`: what one bot in a hundred visitors moves, and what it still can."""

from __future__ import annotations

import pytest

from benchmarks.statistics.swarm import MOST, SWARM, Sizes, measure_swarms


@pytest.mark.slow
def test_a_swarm_moves_the_exposure_of_an_item_at_most_twofold_with_patience_or_without() -> None:
    rows = measure_swarms([SWARM], [2000], Sizes(past=100, honest=100, looked_at=80), 7, print)
    assert all(row["bots"] == 2 for row in rows)
    assert {row["kind"] for row in rows} == {"fresh", "patient"}
    assert all(row["ratio"] <= MOST for row in rows)
