"""The rule that ends trials, against simulated visitors whose taste is known."""

from __future__ import annotations

from benchmarks.statistics.trials import measure


def test_a_model_against_one_as_good_is_seldom_decided() -> None:
    found = measure(20, (1.0, 1.0), shared=0.0)
    assert found["share_challenger_wins"] + found["share_champion_wins"] <= 0.1
    assert measure(2, (1.0, 1.0), shared=1.0)["share_challenger_wins"] == 0.0


def test_the_better_model_wins() -> None:
    found = measure(10, (1.0, 0.5), shared=0.9)
    assert found["share_challenger_wins"] == 1.0
    assert found["median_visitors"] < 2000
