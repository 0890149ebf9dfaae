"""Metrics beside accuracy, on lists whose figure is plain."""

from __future__ import annotations

import numpy as np
import pytest

from recommender.evaluation import (
    intra_list_diversity,
    novelty,
    popularity_groups,
    popularity_miscalibration,
    serendipity,
)


def test_diversity_is_nothing_among_the_same_and_one_among_strangers() -> None:
    assert intra_list_diversity(np.ones((4, 3))) == pytest.approx(0.0)
    assert intra_list_diversity(np.eye(3)) == pytest.approx(1.0)
    assert intra_list_diversity([[1, 0], [1, 0], [0, 1]]) == pytest.approx(2 / 3)
    assert intra_list_diversity(np.zeros((2, 2))) == 1.0
    assert intra_list_diversity(np.ones((1, 2))) == 0.0
    with pytest.raises(ValueError, match="a row of finite numbers"):
        intra_list_diversity([[1.0, np.nan]])


def test_novelty_is_the_information_in_bits() -> None:
    popularity = {"hit": 8.0, "rare": 1.0, "half": 4.0}
    assert novelty(["hit"], popularity, 8) == 0.0
    assert novelty(["rare", "half"], popularity, 8) == pytest.approx((3 + 1) / 2)
    assert novelty(["unknown"], popularity, 8) == pytest.approx(3.0)
    assert novelty([], popularity, 8) == 0.0
    with pytest.raises(ValueError, match="users"):
        novelty(["hit"], popularity, 0)
    assert novelty(["rare", "half", "half"], popularity, 8) == pytest.approx((3 + 1) / 2)
    for bad in (float("nan"), float("inf"), -1.0):
        with pytest.raises(ValueError, match="popularity must be finite numbers of at least 0"):
            novelty(["rare"], {"rare": bad}, 8)


def test_serendipity_counts_what_is_liked_and_was_not_to_be_expected() -> None:
    assert serendipity(["a", "b", "c"], {"a", "c"}, ["a"], k=2) == 0.0
    assert serendipity(["a", "b", "c"], {"a", "c"}, ["a"], k=4) == pytest.approx(1 / 4)
    assert serendipity(["c", "c"], {"c"}, [], k=2) == pytest.approx(1 / 2)


def test_items_fall_into_groups_by_what_share_of_popularity_is_before_them() -> None:
    popularity = {"a": 1.0, "b": 5.0, "c": 2.0, "d": 1.0, "e": 1.0}
    assert popularity_groups(popularity) == {"b": 0, "c": 1, "a": 1, "d": 2, "e": 2}
    with pytest.raises(ValueError, match="at least 0"):
        popularity_groups({"a": -1.0})


def test_a_list_as_popular_as_the_history_is_calibrated() -> None:
    groups = {"hit": 0, "mid": 1, "tail": 2}
    assert popularity_miscalibration(["hit", "tail"], ["tail", "hit"], groups) == pytest.approx(0.0)
    off = popularity_miscalibration(["tail"], ["hit"], groups)
    nearer = popularity_miscalibration(["tail", "hit"], ["hit"], groups)
    assert 0.9 < off <= 1.0
    assert 0.0 < nearer < off
    assert popularity_miscalibration(["unknown"], ["hit"], groups) == 0.0
    again = popularity_miscalibration(["hit", "tail"], ["tail", "tail", "tail", "hit"], groups)
    assert again == pytest.approx(0.0), "a list that names an item again names it once"
    with pytest.raises(ValueError, match="ranked must be a list of ids, got the text 'hit'"):
        popularity_miscalibration(["hit"], "hit", groups)
