"""A look at a log tells order from none, and items that age from those that last."""

from __future__ import annotations

import numpy as np
import pytest

from recommender import ALSConfig, Interactions, config_for, train
from recommender.tuning.profile import profile_log
from recommender.tuning.report import describe_profile
from recommender.tuning.rules import NEXT, config_of
from tests.recommender.conftest import generated_rows

HOUR = 3600.0


def chains(users: int = 150, length: int = 12, items: int = 60, seed: int = 4) -> list[tuple[int, int, float, float]]:
    """People who walk along a ring of items from a start of their own: what comes next stands beside the newest."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        steps = (rng.integers(items) + np.cumsum(rng.integers(1, 3, size=length))) % items
        rows += [(user, int(item), 1.0, float(60 * place)) for place, item in enumerate(steps)]
    return rows


def news(days: int = 6, clicks: int = 480, seed: int = 5) -> list[tuple[int, int, float, float]]:
    """Clicks on stories of which each day has five of its own, on which nearly all is read."""
    rng = np.random.default_rng(seed)
    rows = []
    for hour in range(24 * days):
        today = 5 * (hour // 24) + rng.integers(5, size=clicks // 6)
        readers = rng.integers(600, size=clicks // 6)
        rows += [
            (int(reader), int(item), 1.0, HOUR * (hour + place / clicks))
            for place, (reader, item) in enumerate(zip(readers, today, strict=True))
        ]
    return rows


def shuffled(rows: list[tuple[int, int, float, float]]) -> list[tuple[int, int]]:
    return [rows[place][:2] for place in np.random.default_rng(1).permutation(len(rows))]


def test_an_order_that_carries_something_is_told_from_one_that_does_not() -> None:
    walked = profile_log(Interactions.from_rows(chains()))
    assert walked.order_lift > 1.5
    assert walked.order_carries
    drawn = profile_log(Interactions.from_rows(shuffled(chains()), ordered=True))
    assert drawn.order_lift == pytest.approx(1.0, abs=0.1)
    assert drawn.ordered
    assert not drawn.order_carries
    assert "says nothing about what comes next" in describe_profile(drawn)[1]


def test_ties_are_no_order() -> None:
    at_once = [(user, item, 1.0, 0.0) for user, item, _, _ in chains()]
    found = profile_log(Interactions.from_rows(at_once))
    assert np.isnan(found.order_lift)
    assert found.order_error == 0.0


def test_where_there_is_too_little_to_tell_an_order_is_taken_on_trust() -> None:
    few = profile_log(Interactions.from_rows(chains(users=6)))
    assert few.order_carries
    assert "too little of it to tell" in describe_profile(few)[1]
    assert config_of(few) == ALSConfig(**NEXT)


def test_items_that_age_are_noticed_and_the_trend_is_on() -> None:
    found = profile_log(Interactions.from_rows(news()))
    assert found.half_life == HOUR / 4, "an hour names a hundredth more: the shortest that is nearly as good is taken"
    assert found.ageing > 1.5
    config = config_of(found)
    assert config.trend_weight > 0
    assert config.trend_half_life == found.half_life
    assert "Items age: popularity with a half-life of 15 minutes" in describe_profile(found)[-1]
    lasting = profile_log(Interactions.from_rows(chains()))
    assert lasting.half_life == 0.0


def test_counts_are_of_what_has_rows() -> None:
    log = Interactions.from_rows([("a", 1), ("a", 2), ("a", 1), ("b", 1)])
    log.describe({7: ["new"]})
    found = profile_log(log)
    assert (found.rows, found.users, found.items) == (4, 2, 2)
    assert found.repeats == pytest.approx(0.25)
    assert (found.rows_per_user, found.rows_per_item) == (2.0, 2.0)
    with pytest.raises(ValueError, match="nothing to look at"):
        profile_log(Interactions())


def test_training_without_a_config_follows_the_look() -> None:
    without = Interactions.from_rows(shuffled(chains()))
    model = train(without)
    assert model.config.recency_boost == 0.0
    assert model.config.alpha == config_for(without).alpha
    assert not model.config.transition_ordered
    assert train(Interactions.from_rows(chains())).config.transition_ordered
    assert train(Interactions.from_rows(news())).config.trend_weight > 0
    with pytest.raises(ValueError, match="cannot fit an empty log"):
        train(Interactions())


def test_who_says_little_is_smoothed_more() -> None:
    short, long = (
        config_for(Interactions.from_rows([row[:2] for row in generated_rows(per_user=count)])) for count in (4, 40)
    )
    assert short.alpha > long.alpha
    assert short.regularization / short.alpha > 0
