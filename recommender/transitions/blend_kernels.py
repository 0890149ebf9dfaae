"""Compiled kernels that blend the best by dot product with the boosts of a history: for one user, and for a run of
users without the GIL. What is blended, and why few exact scores settle it, see `boost_kernels`.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.topk.score_kernels import length_of_scores
from recommender.transitions.boost_kernels import doubted_weight, find_slot, gather_boosts, merge_boosted, scale_to


@kernel(fast=False, hold_gil=True, patient=True)
def blend_one(
    gram, user, item_factors, norms, indptr, next_ids, next_weights, trend_ids, trend_weights, items, weights, powers,
    transition_weight, trend_weight, beliefs, hidden, chosen, narrowed, best_ids, best_scores, top_ids, top_scores,
):  # fmt: skip
    """`boost_kernels.gather_boosts` for a history (items int32, weights float32, oldest first; those that powers
    float64, one an age, do not reach are left out), then `boost_kernels.rank_boosted`; returns the count.
    """
    length = min(items.shape[0], powers.shape[0])
    newest, steps = np.empty(length, dtype=np.int32), np.empty(length)
    for age in range(length):
        newest[age] = items[items.shape[0] - 1 - age]
        steps[age] = np.float64(max(weights[items.shape[0] - 1 - age], np.float32(0.0))) * powers[age]
    slots, ids, boosts = gather_boosts(
        indptr, next_ids, next_weights, trend_ids, trend_weights, newest, steps, transition_weight, trend_weight,
        beliefs,
    )  # fmt: skip
    lifts = np.empty(best_ids.shape[0])
    for n in range(best_ids.shape[0]):
        place = slots[find_slot(best_ids[n], slots, ids)]
        lifts[n] = boosts[place] if place >= 0 else 0.0
    return merge_boosted(
        user, item_factors, norms, ids, boosts, length_of_scores(gram, user), hidden, chosen, narrowed, best_ids,
        best_scores, lifts, top_ids, top_scores,
    )  # fmt: skip


@kernel(fast=False)
def gather_into(
    indptr, next_ids, next_weights, trend_ids, trend_weights, items, weights, powers, transition_weight, trend_weight,
    beliefs, places, ids, boosts,
):  # fmt: skip
    """`gather_boosts` with a place for every item instead of a table of slots; returns how many ids there are.

    places int32 (items,) is -1 everywhere and becomes the place of each id in ids int32 and boosts float64 (room,).
    """
    count = 0
    believed, total = 0.0, 0.0
    for age in range(min(items.shape[0], powers.shape[0])):
        item = items[items.shape[0] - 1 - age]
        step = np.float64(max(weights[items.shape[0] - 1 - age], np.float32(0.0))) * powers[age]
        if step <= 0.0:
            continue
        if beliefs.shape[0] > 0:
            total += step
            believed += step * np.float64(beliefs[item])
        for e in range(indptr[item], indptr[item + 1]):
            place = places[next_ids[e]]
            if place < 0:
                place = count
                places[next_ids[e]], ids[count], boosts[count] = count, next_ids[e], 0.0
                count += 1
            boosts[place] += step * np.float64(next_weights[e])
    scale_to(transition_weight, boosts[:count])
    if trend_weight > 0.0:
        weight = doubted_weight(trend_weight, believed, total)
        for e in range(trend_ids.shape[0]):
            place = places[trend_ids[e]]
            if place < 0:
                place = count
                places[trend_ids[e]], ids[count], boosts[count] = count, trend_ids[e], 0.0
                count += 1
            boosts[place] += weight * np.float64(trend_weights[e])
    return count


@kernel(fast=False)
def blend_many(
    gram, users, item_factors, norms, indptr, next_ids, next_weights, trend_ids, trend_weights, starts, items, weights,
    powers, transition_weight, trend_weight, beliefs, hidden_starts, hidden, chosen, narrowed, best_ids, best_scores,
    counts, top_ids, top_scores,
):  # fmt: skip
    """`blend_one` for each row of users float32 (n, factors), the same answers; counts int64 (n,) is read, how many are
    the best by dot product, and written. best and top lists are (n, k).

    The history of user n is items and weights [starts[n]:starts[n + 1]], what is hidden hidden[hidden_starts[n] :
    hidden_starts[n + 1]].
    """
    items_of_model = item_factors.shape[0]
    places = np.full(items_of_model, -1, dtype=np.int32)
    ids, boosts = np.empty(items_of_model, dtype=np.int32), np.empty(items_of_model)
    for n in range(users.shape[0]):
        found = counts[n]
        if found <= 0:
            continue
        own = slice(starts[n], starts[n + 1])
        touched = gather_into(
            indptr, next_ids, next_weights, trend_ids, trend_weights, items[own], weights[own], powers,
            transition_weight, trend_weight, beliefs, places, ids, boosts,
        )  # fmt: skip
        lifts = np.empty(found)
        for b in range(found):
            place = places[best_ids[n, b]]
            lifts[b] = boosts[place] if place >= 0 else 0.0
        counts[n] = merge_boosted(
            users[n], item_factors, norms, ids[:touched], boosts[:touched], length_of_scores(gram, users[n]),
            hidden[hidden_starts[n] : hidden_starts[n + 1]], chosen, narrowed, best_ids[n, :found],
            best_scores[n, :found], lifts, top_ids[n, :found], top_scores[n, :found],
        )  # fmt: skip
        for t in range(touched):
            places[ids[t]] = -1
