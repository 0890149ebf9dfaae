"""A short form of `benchmarks.statistics.swarm`: what one bot in a hundred visitors moves, and what it still can."""

from __future__ import annotations

import pytest

from benchmarks.statistics.swarm import MOST, SWARM, Sizes, measure_swarms


@pytest.mark.slow
def test_a_swarm_of_fresh_cookies_moves_no_exposure_and_the_patient_one_is_told_apart() -> None:
    """Popularity by counts cannot bound bots with patience on a small site: their figure is kept in view."""
    rows = measure_swarms([SWARM], [2000], Sizes(past=100, honest=100, looked_at=80), 7, print)
    ratios = {row["kind"]: row["ratio"] for row in rows}
    assert all(row["bots"] == 2 for row in rows)
    assert ratios["fresh"] <= MOST
    assert ratios["patient"] >= ratios["fresh"]
