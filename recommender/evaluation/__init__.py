"""Judging recommenders: metrics of accuracy and beyond it, splits, replay of next items, paired and sequential
comparison, search, off-policy estimates.
"""

from recommender.evaluation.beyond_accuracy import (
    intra_list_diversity,
    novelty,
    popularity_groups,
    popularity_miscalibration,
    serendipity,
)
from recommender.evaluation.intervals import Interval, paired_interval
from recommender.evaluation.metrics import catalog_coverage, gini, hit_rate_at_k, mrr_at_k, ndcg_at_k, recall_at_k
from recommender.evaluation.off_policy import OffPolicyEstimate, doubly_robust, ips, snips
from recommender.evaluation.replay import NextItemCase, evaluate_next_items, evaluate_rank_gain, next_item_cases
from recommender.evaluation.search import Search, Trial, search, search_windows
from recommender.evaluation.sequential import confidence_sequence
from recommender.evaluation.splits import in_time_order, k_fold, split_by_time, split_by_user

__all__ = [
    "Interval",
    "NextItemCase",
    "OffPolicyEstimate",
    "Search",
    "Trial",
    "catalog_coverage",
    "confidence_sequence",
    "doubly_robust",
    "evaluate_next_items",
    "evaluate_rank_gain",
    "gini",
    "hit_rate_at_k",
    "in_time_order",
    "intra_list_diversity",
    "ips",
    "k_fold",
    "mrr_at_k",
    "ndcg_at_k",
    "next_item_cases",
    "novelty",
    "paired_interval",
    "popularity_groups",
    "popularity_miscalibration",
    "recall_at_k",
    "search",
    "search_windows",
    "serendipity",
    "snips",
    "split_by_time",
    "split_by_user",
]
