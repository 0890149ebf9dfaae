"""A short form of `benchmarks.statistics.swarm`: what a swarm of one visitor in a hundred moves."""

from __future__ import annotations

import pytest

from benchmarks.statistics.swarm import MOST, SWARM, Sizes, measure_swarms


@pytest.mark.slow
def test_a_swarm_of_one_percent_moves_the_exposure_of_no_item_more_than_twice() -> None:
    rows = measure_swarms([SWARM], [20, 2000], Sizes(past=100, honest=100, looked_at=80), 7, print)
    assert [row["kind"] for row in rows] == ["fresh", "patient"] * 2
    assert all(row["bots"] == 2 for row in rows)
    assert max(row["ratio"] for row in rows) <= MOST
