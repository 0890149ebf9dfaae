"""Judging recommenders: metrics, splits in time, replay of next items, paired and sequential comparison, search,
off-policy estimates.
"""

from recommender.evaluation.intervals import Interval, paired_interval
from recommender.evaluation.metrics import catalog_coverage, gini, hit_rate_at_k, mrr_at_k, ndcg_at_k, recall_at_k
from recommender.evaluation.off_policy import OffPolicyEstimate, doubly_robust, ips, snips
from recommender.evaluation.replay import NextItemCase, evaluate_next_items, next_item_cases
from recommender.evaluation.search import Search, Trial, search, search_windows
from recommender.evaluation.sequential import confidence_sequence
from recommender.evaluation.splits import in_time_order, split_by_time

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
    "gini",
    "hit_rate_at_k",
    "in_time_order",
    "ips",
    "mrr_at_k",
    "ndcg_at_k",
    "next_item_cases",
    "paired_interval",
    "recall_at_k",
    "search",
    "search_windows",
    "snips",
    "split_by_time",
]
