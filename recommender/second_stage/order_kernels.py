"""Compiled kernels that put the candidates of a history in the order of the second stage: for one user, and for a run
of users without the GIL, the same answers.

What the kernels take of a stage, in this order: values, kind_of, shares, strength, log_lift, log_prior, runs, lift and
log_rates, see `feature_kernels`, feature_weights float64 (features,) and score_unit, see `unit_of_scores`. gram float64
(factors, factors) = Y'Y of item_factors float32 (items, factors), which may have one more column, of the rates that
candidates were chosen by (`RatedFactors`); so have users then. Candidates of a user: ids int32 and totals float64 (n,),
best first by the scores of the first stage, that column among them. Written: top_ids int32 and top_scores float64 (k,),
k <= n.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.second_stage.feature_kernels import (
    attribute_affinities,
    class_posterior,
    stage_features,
    unit_of_scores,
)
from recommender.topk.heap_kernels import keep_best, sort_best
from recommender.topk.score_kernels import length_of_scores


@kernel(fast=False)
def wanted_items(items, weights, wanted):
    """Write the items of weight above zero to wanted int32 (n,), in their order; returns how many there are."""
    count = 0
    for place in range(items.shape[0]):
        if weights[place] > np.float32(0.0):
            wanted[count] = items[place]
            count += 1
    return count


@kernel(fast=False, hold_gil=True)
def order_one(
    gram, item_factors, values, kind_of, shares, strength, log_lift, log_prior, runs, lift, log_rates, feature_weights,
    score_unit, pool, user, items, weights, ids, totals, affinities, posterior, features, top_ids, top_scores,
):  # fmt: skip
    """Write the first k candidates: those among the first `pool` by weights · features, ties by catalog order, then the
    others in the order of their totals, as far below the last of the pool as those are. A user of zeros keeps its
    order.

    user float32 (factors,), one longer where item_factors are; its history items int32 and weights float32; affinities
    float32 (attributes,), posterior float32 (classes,) and features float64 (pool, features) are room to work in.
    """
    says_something = False
    for f in range(user.shape[0]):
        says_something = says_something or user[f] != np.float32(0.0)
    k = top_ids.shape[0]
    if not says_something:
        for place in range(k):
            top_ids[place], top_scores[place] = ids[place], totals[place]
        return
    wanted = np.empty(items.shape[0], dtype=np.int32)
    history = wanted[: wanted_items(items, weights, wanted)]
    attribute_affinities(history, values, kind_of, shares, strength, affinities)
    if posterior.shape[0] > 0:
        class_posterior(history, log_lift, log_prior, runs, posterior)
    unit = unit_of_scores(score_unit, item_factors.shape[0], 0.0 if score_unit > 0.0 else length_of_scores(gram, user))
    size = min(pool, ids.shape[0])
    found, factors, plain = features[:size], gram.shape[0], np.empty(size)
    for place in range(size):
        plain[place] = totals[place]
        for f in range(factors, user.shape[0]):
            plain[place] -= np.float64(user[f]) * np.float64(item_factors[ids[place], f])
    stage_features(
        ids[:size], plain, user[:factors], item_factors, unit, affinities, values, kind_of, posterior, lift, log_rates,
        found,
    )  # fmt: skip
    count, room = np.int64(0), min(k, size)
    best_ids, best_scores = top_ids[:room], top_scores[:room]
    for place in range(size):
        score = 0.0
        for f in range(feature_weights.shape[0]):
            score += feature_weights[f] * found[place, f]
        count = keep_best(ids[place], score, count, best_ids, best_scores)
    sort_best(count, best_ids, best_scores)
    for place in range(size, k):
        top_ids[place] = ids[place]
        top_scores[place] = top_scores[size - 1] + (totals[place] - totals[size - 1])


@kernel(fast=False)
def order_many(
    gram, item_factors, values, kind_of, shares, strength, log_lift, log_prior, runs, lift, log_rates, feature_weights,
    score_unit, pool, users, starts, items, weights, ids, totals, counts, top_ids, top_scores,
):  # fmt: skip
    """`order_one` for each row of users float32 (n, factors): ids and totals are (n, candidates), of which counts int64
    (n,) says how many there are; top_ids and top_scores are (n, k). counts becomes how many of these are written.

    The history of user n is items and weights [starts[n]:starts[n + 1]].
    """
    affinities = np.empty(kind_of.shape[0], dtype=np.float32)
    posterior = np.empty(log_prior.shape[0], dtype=np.float32)
    features = np.empty((pool, feature_weights.shape[0]))
    for n in range(users.shape[0]):
        found = counts[n]
        counts[n] = min(found, top_ids.shape[1])
        own = slice(starts[n], starts[n + 1])
        order_one(
            gram, item_factors, values, kind_of, shares, strength, log_lift, log_prior, runs, lift, log_rates,
            feature_weights, score_unit, pool, users[n], items[own], weights[own], ids[n, :found], totals[n, :found],
            affinities, posterior, features, top_ids[n, : counts[n]], top_scores[n, : counts[n]],
        )  # fmt: skip
