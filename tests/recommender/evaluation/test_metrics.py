"""Metrics, against values worked out by hand."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.evaluation import catalog_coverage, gini, hit_rate_at_k, mrr_at_k, ndcg_at_k, recall_at_k

RANKED = ["a", "b", "c", "d"]


def test_ndcg() -> None:
    assert ndcg_at_k(RANKED, ["c"]) == pytest.approx(1 / log2(4))
    assert ndcg_at_k(RANKED, ["a", "d"], 4) == pytest.approx((1 + 1 / log2(5)) / (1 + 1 / log2(3)))
    assert ndcg_at_k(RANKED, ["a", "x", "y"], 1) == 1.0
    assert ndcg_at_k(RANKED, ["d"], 3) == 0.0
    assert ndcg_at_k(RANKED, [], 3) == 0.0


def test_recall_hit_rate_and_reciprocal_rank() -> None:
    assert recall_at_k(RANKED, ["a", "d", "x"], 4) == pytest.approx(2 / 3)
    assert recall_at_k(RANKED, []) == 0.0
    assert hit_rate_at_k(RANKED, ["d"], 4) == 1.0
    assert hit_rate_at_k(RANKED, ["d"], 3) == 0.0
    assert mrr_at_k(RANKED, ["c", "d"]) == pytest.approx(1 / 3)
    assert mrr_at_k(RANKED, ["d"], 2) == 0.0


def test_an_item_that_is_named_again_counts_once_and_fills_its_place() -> None:
    assert ndcg_at_k(["a"] * 3, ["a"], 3) == 1.0
    assert ndcg_at_k(["x", "x", "a"], ["a"], 3) == pytest.approx(1 / log2(4))
    assert recall_at_k(["a", "a"], ["a", "b"], 2) == 0.5
    assert mrr_at_k(["x", "x", "a", "a"], ["a"]) == pytest.approx(1 / 3)
    assert hit_rate_at_k(["a", "a"], ["a"]) == 1.0


@given(st.lists(st.integers(0, 4), max_size=9), st.sets(st.integers(0, 5)), st.integers(1, 12))
def test_all_metrics_are_shares_for_lists_with_repeats_too(ranked: list[int], relevant: set[int], k: int) -> None:
    for metric in (ndcg_at_k, recall_at_k, hit_rate_at_k, mrr_at_k):
        assert 0.0 <= metric(ranked, relevant, k) <= 1.0 + 1e-12


def test_a_text_is_no_list_of_ids() -> None:
    for metric in (ndcg_at_k, recall_at_k, hit_rate_at_k, mrr_at_k):
        with pytest.raises(ValueError, match="ranked must be a list of ids, got the text 'abc'"):
            metric("abc", ["a"])
        with pytest.raises(ValueError, match="relevant must be a list of ids, got the text 'abc'"):
            metric(RANKED, "abc")
    with pytest.raises(ValueError, match="each list must be a list of ids, got the text 'ab'"):
        catalog_coverage(["ab"], 4)


@given(st.permutations(range(8)), st.sets(st.integers(0, 10)), st.integers(1, 12))
def test_all_metrics_are_shares(ranked: list[int], relevant: set[int], k: int) -> None:
    for metric in (ndcg_at_k, recall_at_k, hit_rate_at_k, mrr_at_k):
        assert 0.0 <= metric(ranked, relevant, k) <= 1.0 + 1e-12


@pytest.mark.parametrize("metric", [ndcg_at_k, recall_at_k, hit_rate_at_k, mrr_at_k])
def test_a_bad_k_is_refused(metric: object) -> None:
    with pytest.raises(ValueError, match="k must be"):
        metric(RANKED, ["a"], 0)  # type: ignore[operator]


def test_coverage_counts_distinct_items() -> None:
    assert catalog_coverage([["a", "b"], ["b"]], 4) == 0.5
    assert catalog_coverage([], 4) == 0.0
    with pytest.raises(ValueError, match="items must be at least 1"):
        catalog_coverage([], 0)
    with pytest.raises(ValueError, match="the lists name 4 items, more than the 2 of the catalog"):
        catalog_coverage([["a", "b"], ["c", "d"]], 2)


def test_gini() -> None:
    assert gini([3, 3, 3]) == pytest.approx(0.0)
    assert gini([0, 0, 0, 5]) == pytest.approx(0.75)
    assert gini([1, 3]) == pytest.approx(0.25)
    assert gini([0, 0]) == 0.0
    counts = np.array([4.0, 1.0, 7.0, 0.0])
    pairwise = np.abs(counts[:, None] - counts).sum() / (2 * len(counts) * counts.sum())
    assert gini(counts) == pytest.approx(pairwise)
    for bad in ([], [-1, 2], [np.nan, 1.0], [np.inf, 1.0]):
        with pytest.raises(ValueError, match="counts must be"):
            gini(bad)
