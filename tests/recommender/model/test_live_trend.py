"""A trend that is kept up: what is taken now is recommended now, and what was hot fades."""

from __future__ import annotations

import math

import pytest

from recommender import ALSConfig, FactorModel, Interactions, LiveTrend, train
from recommender.model.live_trend import FRESH
from tests.recommender.tuning.test_profile import HOUR, news

MINUTE = 60.0
CONFIG = ALSConfig(factors=8, trend_weight=3.0, trend_half_life=HOUR, iterations=3, threads=1)


@pytest.fixture(scope="module")
def log() -> Interactions:
    return Interactions.from_rows(news(days=2))


@pytest.fixture(scope="module")
def hourly(log: Interactions) -> FactorModel:
    return train(log, CONFIG)


def first(model: FactorModel, history: list[int | str]) -> int | str:
    return model.recommend(history, k=1)[0].item_id


def test_what_is_taken_now_is_recommended_at_once(log: Interactions, hourly: FactorModel) -> None:
    old = next(item for item in hourly.item_ids if item != first(hourly, []))
    trend = LiveTrend(hourly, log.newest, half_life=10 * MINUTE, weight=hourly.config.trend_weight)
    unchanged = trend.refreshed()
    assert unchanged.recommend([old], k=5) == hourly.recommend([old], k=5)
    for second in range(300):
        assert trend.add(old, log.newest + 1800.0 + second)
    now = trend.refreshed()
    history = [item for item in hourly.item_ids if item != old][:1]
    assert first(now, []) == old
    assert first(now, history) == old
    assert first(hourly, []) != old


def test_popularity_is_in_clicks_of_now(log: Interactions, hourly: FactorModel) -> None:
    """So that `trend_doubt` means the same of a trend that is kept up."""
    known, item = hourly.popularity.copy(), hourly.item_ids[2]
    trend = LiveTrend(hourly, log.newest, half_life=10 * MINUTE)
    assert trend.refreshed().popularity == pytest.approx(known)
    trend.add(item, log.newest + 20 * MINUTE, 2.0)
    known /= 4
    known[2] += 2.0
    assert trend.refreshed().popularity == pytest.approx(known)


def test_clicks_in_any_order_and_taken_back_leave_the_sum(log: Interactions, hourly: FactorModel) -> None:
    times = [log.newest + minute * MINUTE for minute in (5, 1, 9)]
    one, other = (LiveTrend(hourly, log.newest) for _ in range(2))
    for item, at in zip(hourly.item_ids, times, strict=False):
        one.add(item, at)
    one.add(hourly.item_ids[4], times[0])
    one.add(hourly.item_ids[4], times[0], -1.0)
    for item, at in list(zip(hourly.item_ids, times, strict=False))[::-1]:
        other.add(item, at)
    assert one.refreshed().popularity == pytest.approx(other.refreshed().popularity, abs=1e-6)


def test_a_year_later_only_the_new_counts(log: Interactions, hourly: FactorModel) -> None:
    trend = LiveTrend(hourly, log.newest, half_life=MINUTE)
    trend.add(hourly.item_ids[3], log.newest + 365 * 24 * HOUR)
    popularity = trend.refreshed().popularity
    assert popularity.argmax() == 3
    assert math.isfinite(popularity.sum())
    assert popularity.sum() == pytest.approx(1.0)


def test_one_click_far_ahead_is_refused_and_silences_nobody(log: Interactions, hourly: FactorModel) -> None:
    old = next(item for item in hourly.item_ids if item != first(hourly, []))
    trend = LiveTrend(hourly, log.newest, half_life=10 * MINUTE)
    with pytest.raises(ValueError, match=r"the time is .*, later than the horizon .*divide milliseconds by 1000"):
        trend.add(old, 1000.0 * 1.7e9)
    for second in range(300):
        trend.add(old, log.newest + 1800.0 + second)
    assert first(trend.refreshed(), []) == old
    with pytest.raises(ValueError, match=r"trained_at is .*, later than the horizon"):
        LiveTrend(hourly, 1.7e12)
    to_come = LiveTrend(hourly, 1.7e12, horizon=math.inf)
    assert to_come.add(old, 1.7e12)
    with pytest.raises(ValueError, match="horizon must be a finite number, got nan"):
        LiveTrend(hourly, log.newest, horizon=math.nan)


def test_what_cannot_count_is_said(log: Interactions, hourly: FactorModel) -> None:
    trend = LiveTrend(hourly, log.newest)
    assert not trend.add("unknown", log.newest)
    with pytest.raises(ValueError, match="the time must be a finite number"):
        trend.add(hourly.item_ids[0], math.nan)
    with pytest.raises(ValueError, match="half_life must be"):
        LiveTrend(hourly, log.newest, half_life=0.0)
    with pytest.raises(ValueError, match="trend_weight is 0"):
        LiveTrend(train(log, ALSConfig(factors=4, iterations=1, threads=1)), log.newest)


def test_a_fresh_trend_counts_more_than_that_of_the_training(log: Interactions, hourly: FactorModel) -> None:
    assert LiveTrend(hourly, log.newest).refreshed().config.trend_weight == FRESH * hourly.config.trend_weight
    assert LiveTrend(hourly, log.newest, weight=5.0).refreshed().config.trend_weight == 5.0
    assert hourly.config.trend_weight == CONFIG.trend_weight
    with pytest.raises(ValueError, match="weight"):
        LiveTrend(hourly, log.newest, weight=0.0)
