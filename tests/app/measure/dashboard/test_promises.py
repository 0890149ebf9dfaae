"""A fast slice of `benchmarks.statistics.experiments`: promises of the statistics, where the truth is known."""

from __future__ import annotations

import numpy as np

from benchmarks.statistics.experiments import alarms, measure_aa, measure_bug, measure_power, simulate


def test_looking_often_raises_few_false_alarms_where_a_naive_peeker_has_many() -> None:
    found = measure_aa(25, 4_000, 0.5, seed=1)
    assert found["looks_least"] >= 50
    assert found["ks_p"] > 0.01
    assert found["false_alarms_always_valid"] <= 0.05 < found["false_alarms_naive_peeker"]


def test_a_planted_lift_is_found_and_a_planted_bug_trips_the_check() -> None:
    assert measure_power(4, 6_000, 0.5, 0.3, seed=1)["found"] == 1
    assert measure_bug(4, 20_000, 0.1, 0.2, seed=1)["tripped"] == 1
    assert measure_bug(4, 20_000, 0.1, 0.0, seed=1)["tripped"] == 0


def test_the_moments_of_the_last_look_are_those_of_its_visitors() -> None:
    looks = simulate(np.random.default_rng(5), 3_000, 0.5, lift=0.5)
    assert sum(looks[-1].visitors) == 3_000
    assert looks[-1].comparison is not None
    assert looks[-1].comparison.treatment.visitors == looks[-1].visitors[1]
    assert alarms(looks, "lift_always")
