"""Off-policy estimates: exact where the answer is known, honest about what they cannot know."""

from __future__ import annotations

import csv
import gzip
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from recommender.evaluation import doubly_robust, ips, snips

LOGGED = np.array([0.5, 0.3, 0.2])
TARGET = np.array([0.1, 0.2, 0.7])
RATES = np.array([0.1, 0.3, 0.6])
TRUTH = float(TARGET @ RATES)


def log_of(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Items shown by the logging policy, and whether each was clicked."""
    shown = rng.choice(3, rows, p=LOGGED)
    return shown, (rng.random(rows) < RATES[shown]).astype(float)


def test_the_same_policy_is_worth_what_the_log_says() -> None:
    rewards, propensities = [1.0, 0.0, 1.0, 0.0], [0.5, 0.5, 0.25, 0.25]
    for estimate in (ips(rewards, propensities, propensities), snips(rewards, propensities, propensities)):
        assert estimate.value == 0.5
        assert estimate.effective_sample_size == 4.0


def test_a_hand_made_log() -> None:
    estimate = ips([1.0, 0.0], [0.5, 0.25], [0.25, 0.75])
    assert estimate.value == pytest.approx((0.5 * 1 + 3 * 0) / 2)
    assert snips([1.0, 0.0], [0.5, 0.25], [0.25, 0.75]).value == pytest.approx(0.5 / 3.5)
    robust = doubly_robust([1.0, 0.0], [0.5, 0.25], [0.25, 0.75], predicted=[0.4, 0.2], predicted_target=[0.3, 0.3])
    assert robust.value == pytest.approx(((0.3 + 0.5 * 0.6) + (0.3 + 3 * -0.2)) / 2)


@pytest.mark.parametrize("name", ["ips", "snips", "doubly_robust"])
def test_intervals_cover_the_truth_about_as_often_as_they_say(name: str) -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(300):
        shown, clicked = log_of(rng, 800)
        if name == "doubly_robust":
            guess = np.array([0.2, 0.2, 0.5])
            expected = np.full(800, TARGET @ guess)
            estimate = doubly_robust(clicked, LOGGED[shown], TARGET[shown], guess[shown], expected)
        else:
            estimate = {"ips": ips, "snips": snips}[name](clicked, LOGGED[shown], TARGET[shown])
        covered += estimate.low <= TRUTH <= estimate.high
    assert 0.91 <= covered / 300 <= 0.985


def test_a_few_heavy_rows_make_the_interval_wider_than_many_light_ones_of_the_same_variance() -> None:
    def reach(clicked: int, weight: float) -> float:
        """Half the interval in standard errors, of a thousand rows of which so many clicked ones weigh so much."""
        rewards = np.repeat([1.0, 0.0], [clicked, 1000 - clicked])
        target = np.repeat([0.9, 0.1], [clicked, 1000 - clicked])
        estimate = ips(rewards, np.full(1000, 0.9 / weight), target)
        error = np.std(rewards * weight, ddof=1) / np.sqrt(1000)
        return float(np.log(estimate.high / estimate.value) * estimate.value / error)

    assert reach(400, 1.5) == pytest.approx(1.96, abs=0.02)
    assert reach(4, 1.5) == pytest.approx(2.776, abs=0.05), "as of Student's t with about four degrees of freedom"


@pytest.mark.parametrize("reward", [0.0, 1.0, 5.0])
def test_rewards_that_all_agree_give_an_interval_that_many_rows_make_short_and_none_makes_a_point(
    reward: float,
) -> None:
    widths = []
    for rows in (3, 300, 30_000):
        columns = [reward] * rows, [0.5] * rows, [0.25] * rows
        for estimate in (ips(*columns), snips(*columns)):
            assert estimate.low <= estimate.value <= estimate.high
            assert estimate.value == pytest.approx(reward * (0.5 if estimate == ips(*columns) else 1.0))
            assert estimate.high > estimate.low
        widths.append(estimate.high - estimate.low)
    assert widths[0] > 30 * widths[1] > 2500 * widths[2]


def test_a_log_without_a_click_is_never_meaningful_and_bounds_the_rate_as_wilson_does() -> None:
    rows = [0.0] * 1000, [0.5] * 1000, [0.5] * 1000
    for estimate in (ips(*rows), snips(*rows), doubly_robust(*rows, [0.0] * 1000, [0.0] * 1000)):
        assert (estimate.value, estimate.rewarded) == (0.0, 0)
        assert estimate.effective_sample_size == pytest.approx(1000)
        assert estimate.low == pytest.approx(0.0, abs=1e-12)
        assert estimate.high == pytest.approx(3.8415 / 1003.8415, rel=1e-4)
        assert not estimate.is_meaningful


def test_nine_rewarded_rows_are_too_few_and_ten_are_enough() -> None:
    for rewarded in (9, 10):
        rewards = [1.0] * rewarded + [0.0] * (1000 - rewarded)
        estimate = ips(rewards, [0.5] * 1000, [0.5] * 1000)
        assert estimate.rewarded == rewarded
        assert estimate.is_meaningful == (rewarded == 10)
    never_shown = ips([1.0] * 10 + [0.0] * 990, [0.5] * 1000, [0.0] * 10 + [0.5] * 990)
    assert (never_shown.rewarded, never_shown.is_meaningful) == (0, False)


def test_a_few_visitors_with_many_rows_are_a_few_observations() -> None:
    shown, clicked = log_of(np.random.default_rng(6), 6000)
    alone = ips(clicked, LOGGED[shown], TARGET[shown], groups=["ann"] * 6000)
    assert (alone.low, alone.high, alone.effective_sample_size) == (-np.inf, np.inf, 1.0)
    assert not alone.is_meaningful
    five = ips(clicked, LOGGED[shown], TARGET[shown], groups=(np.arange(6000) % 5).tolist())
    assert five.effective_sample_size == pytest.approx(5.0, abs=0.1)
    assert not five.is_meaningful
    assert ips(clicked, LOGGED[shown], TARGET[shown], groups=(np.arange(6000) // 6).tolist()).is_meaningful
    nothing = ips([0.0, 1.0], [0.5, 0.5], [0.0, 0.0])
    assert (nothing.low, nothing.value, nothing.high) == (-np.inf, 0.0, np.inf)


def test_good_predictions_make_the_interval_shorter() -> None:
    shown, clicked = log_of(np.random.default_rng(4), 4000)
    plain = ips(clicked, LOGGED[shown], TARGET[shown])
    robust = doubly_robust(clicked, LOGGED[shown], TARGET[shown], RATES[shown], np.full(4000, TRUTH))
    assert robust.high - robust.low < 0.9 * (plain.high - plain.low)


def test_rows_of_one_visitor_count_as_one_observation() -> None:
    shown, clicked = log_of(np.random.default_rng(5), 500)
    once = ips(clicked, LOGGED[shown], TARGET[shown])
    rows = np.repeat(np.arange(500), 10)
    again = ips(clicked[rows], LOGGED[shown][rows], TARGET[shown][rows], groups=rows.tolist())
    assert again.value == pytest.approx(once.value)
    assert again.high - again.low == pytest.approx(once.high - once.low, rel=1e-6)


def test_clipping_is_counted_and_a_small_effective_sample_is_called_meaningless() -> None:
    logged, target = [0.01] + [0.5] * 9, [0.9] + [0.1] * 9
    estimate = ips([1.0] * 10, logged, target, largest_weight=10.0)
    assert estimate.clipped_share == 0.1
    assert estimate.effective_sample_size < 2
    assert not estimate.is_meaningful


@pytest.mark.parametrize(
    ("logged", "target", "message"),
    [
        ([0.5, 0.0], [0.5, 0.5], "logged propensity of row 1 is 0.0"),
        ([0.5, 1e-300], [0.5, 0.5], r"logged propensity of row 1 is 1e-300; .*at least 1e-30"),
        ([0.5, 0.5], [0.5, 1.5], "target propensity of row 1 is 1.5"),
        ([0.5], [0.5, 0.5], "same number of rows, at least 1; got 2, 1 and 2"),
        ([0.5, float("nan")], [0.5, 0.5], "logged must be one column of finite numbers"),
    ],
)
def test_what_is_no_probability_is_named(logged: list[float], target: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ips([1.0, 0.0], logged, target)


def test_rewards_and_groups_that_no_figure_can_be_made_of_are_named() -> None:
    with pytest.raises(ValueError, match=r"rewards must be one column of finite numbers of at most 1e\+50"):
        ips([1e308, 1.0], [0.5, 0.5], [0.5, 0.5])
    with pytest.raises(ValueError, match="name a group for each of the 2 rows, got nan at 1"):
        ips([1.0, 0.0], [0.5, 0.5], [0.5, 0.5], groups=["ann", float("nan")])


def test_a_target_that_shows_nothing_of_the_log_cannot_be_normalised() -> None:
    with pytest.raises(ValueError, match="every target propensity is 0"):
        snips([1.0], [0.5], [0.0])


@pytest.mark.realdata
@pytest.mark.skipif("FLYWHEEL_DATASETS" not in os.environ, reason="FLYWHEEL_DATASETS names no folder of data sets")
def test_each_open_bandit_policy_is_covered_from_the_log_of_the_other() -> None:
    folder = Path(os.environ["FLYWHEEL_DATASETS"]) / "obd-men"
    logs = {name: _read(folder / f"{name}.csv.gz") for name in ("random", "bts")}
    clicked, logged, _ = logs["bts"]
    truth = float(np.mean(logs["random"][0]))
    for estimator in (ips, snips):
        estimate = estimator(clicked, logged, np.full(len(logged), 1 / 34))
        assert estimate.low <= truth <= estimate.high
        assert estimate.effective_sample_size == pytest.approx(656, abs=1)
    # Thompson sampling's propensities vary with time, so its long-run share of each (position, item) stands for them.
    clicked, logged, shown = logs["random"]
    seen = logs["bts"][2]
    pairs, positions = Counter(seen), Counter(position for position, _ in seen)
    target = [pairs[pair] / positions[pair[0]] for pair in shown]
    truth = float(np.mean(logs["bts"][0]))
    for estimator in (ips, snips):
        estimate = estimator(clicked, logged, target)
        assert estimate.low <= truth <= estimate.high
        assert estimate.is_meaningful


def _read(path: Path) -> tuple[np.ndarray, np.ndarray, list[tuple[str, str]]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    clicked = np.array([float(row["click"]) for row in rows])
    logged = np.array([float(row["propensity_score"]) for row in rows])
    return clicked, logged, [(row["position"], row["item_id"]) for row in rows]
