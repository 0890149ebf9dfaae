"""What a rate of clicks is shrunken by: the rate of items with the same attributes, as far as items follow it."""

from __future__ import annotations

import numpy as np
import pytest

from recommender.second_stage.exposures import Exposures
from recommender.second_stage.rates import ItemRates

ITEMS = 40


def shown(rates: np.ndarray, views: np.ndarray, seed: int = 3) -> Exposures:
    """Each item before so many users, each of whom takes it at its rate."""
    rng = np.random.default_rng(seed)
    items = np.repeat(np.arange(len(rates), dtype=np.int32), views)
    count = len(items)
    users = np.concatenate([np.arange(each) for each in views]).astype(np.int32)
    taken = rng.random(count) < rates[items]
    ones = np.ones(count, np.int32)
    return Exposures.from_arrays(tuple(range(int(views.max()))), users, items, taken, np.zeros(count), ones, 0 * ones)


def test_an_item_that_nobody_saw_has_the_rate_of_its_like_and_one_seen_often_its_own() -> None:
    like = np.where(np.arange(ITEMS) % 2 == 0, 4.0, 1.0)
    rates = 0.05 * like
    rates[2] = 0.6
    views = np.full(ITEMS, 400)
    views[4], views[5] = 0, 0
    exposures = shown(rates, views)
    known = ItemRates(exposures, ITEMS, like=like)
    logs = known.log_rates()
    assert logs[4] - logs[5] == pytest.approx(np.log(4.0), abs=1e-5)
    assert known.mean * np.exp(logs[2]) == pytest.approx(0.6, rel=0.3)
    plain = ItemRates(exposures, ITEMS)
    assert plain.log_rates()[4] == plain.log_rates()[5] == pytest.approx(0.0, abs=1e-6)
    assert plain.strength < known.strength, "items differ less from their like than from everything"


def test_what_is_known_before_a_view_leaves_out_that_view() -> None:
    exposures = shown(np.full(ITEMS, 0.1), np.full(ITEMS, 30))
    known = ItemRates(exposures, ITEMS)
    taken = np.flatnonzero(exposures.taken)[:5]
    items = exposures.items[taken]
    assert (known.without(items, exposures.taken[taken]) < known.log_rates()[items]).all()
