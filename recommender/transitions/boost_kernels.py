"""Compiled kernels that add a sparse second signal to the dot products, exactly and without a pass over the catalog.

The second signal is a *boost* of zero or more to a few items. So the best by the sum are among the best by the dot
product alone and the items that are boosted: whatever is in neither was beaten by k items that the boosts can only have
lifted. Sums run in one fixed order, here and in `twins`, so that scores agree to the last bit.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.topk.score_kernels import exact_score, insert_ranked, is_hidden

LEAST_BELIEF = 0.01
"""Mean belief in a history below which it is not doubted more: the trend has a hundred times its weight then."""


@kernel(fast=False)
def find_slot(item, slots, ids):
    """The slot of an item in a table of slots (int32, -1 where free, a power of two of them), or the one for it."""
    slot = (np.int64(item) * 2654435761 >> 7) & (slots.shape[0] - 1)
    while slots[slot] >= 0 and ids[slots[slot]] != item:
        slot = (slot + 1) & (slots.shape[0] - 1)
    return slot


@kernel(fast=False)
def scale_to(length, vector):
    """Give a float64 vector a length, unless it is all zeros."""
    square = 0.0
    for n in range(vector.shape[0]):
        square += vector[n] * vector[n]
    scale = length / np.sqrt(square) if square > 0.0 else 0.0
    for n in range(vector.shape[0]):
        vector[n] *= scale


@kernel(fast=False)
def doubted_weight(trend_weight, believed, total):
    """The weight of the trend for a history of whose steps, `total` in the sum, `believed` are believed."""
    return trend_weight * total / max(believed, LEAST_BELIEF * total) if total > 0.0 else trend_weight


@kernel(fast=False, hold_gil=True)
def gather_boosts(
    indptr, next_ids, next_weights, trend_ids, trend_weights, items, steps, transition_weight, trend_weight, beliefs
):
    """Boosts of the items that a history leads to: (slots, ids int32, boosts float64), ids in order of first touch.

    t_i = sum_j steps[j] * T[items[j], i] over the history, in its order, with T as CSR (indptr int64, next_ids int32,
    next_weights float32) and steps float64 (m,), 0 where an item does not count. boost_i = transition_weight * t_i /
    |t| + trend_weight / b * g_i, with |t| over all items and g the trend; b is the mean of beliefs float32 (items,)
    over the history by its steps, or 1 where beliefs is empty. slots is the table of `find_slot` over ids.
    """
    room = trend_ids.shape[0] if trend_weight > 0.0 else 0
    for j in range(items.shape[0]):
        if steps[j] > 0.0:
            room += indptr[items[j] + 1] - indptr[items[j]]
    size = 16
    while size < 2 * room:
        size *= 2
    slots = np.empty(size, dtype=np.int32)
    for slot in range(size):
        slots[slot] = -1
    ids, boosts = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.float64)
    count = np.int64(0)
    believed, total = 0.0, 0.0
    for j in range(items.shape[0]):
        if steps[j] <= 0.0:
            continue
        if beliefs.shape[0] > 0:
            total += steps[j]
            believed += steps[j] * np.float64(beliefs[items[j]])
        for e in range(indptr[items[j]], indptr[items[j] + 1]):
            slot = find_slot(next_ids[e], slots, ids)
            if slots[slot] < 0:
                slots[slot], ids[count], boosts[count] = count, next_ids[e], 0.0
                count += 1
            boosts[slots[slot]] += steps[j] * np.float64(next_weights[e])
    scale_to(transition_weight, boosts[:count])
    if trend_weight > 0.0:
        weight = doubted_weight(trend_weight, believed, total)
        for e in range(trend_ids.shape[0]):
            slot = find_slot(trend_ids[e], slots, ids)
            if slots[slot] < 0:
                slots[slot], ids[count], boosts[count] = count, trend_ids[e], 0.0
                count += 1
            boosts[slots[slot]] += weight * np.float64(trend_weights[e])
    return slots, ids[:count], boosts[:count]


@kernel(fast=False)
def merge_boosted(
    user, item_factors, norms, ids, boosts, score_norm, hidden, chosen, narrowed, best_ids, best_scores, lifts, top_ids,
    top_scores,
):  # fmt: skip
    """`rank_boosted` with the boosts of best_ids looked up, lifts float64 (k,), 0 where there is none.

    Whoever is not among the best scores at most the last of them by dot product alone, and by Cauchy-Schwarz at most
    |user| * norm: a boosted item gets its exact score only if the smaller of the two and its boost reach the list. The
    largest boosts come first, so that few others do.
    """
    k, last_place = top_ids.shape[0], best_ids.shape[0] - 1
    count = np.int64(0)
    for n in range(best_ids.shape[0]):
        item, score = best_ids[n], best_scores[n]
        if lifts[n] != 0.0:
            score += score_norm * lifts[n]
        if count < k or score > top_scores[k - 1] or (score == top_scores[k - 1] and item < top_ids[k - 1]):
            count = insert_ranked(item, score, count, top_ids, top_scores)
    if count == 0:
        return 0
    last, last_id = best_scores[last_place], best_ids[last_place]
    user_norm = np.sqrt(exact_score(user, user))
    largest = 0.0
    for n in range(ids.shape[0]):
        largest = max(largest, boosts[n])
    for largest_first in (True, False):
        for n in range(ids.shape[0]):
            if (boosts[n] > 0.5 * largest) != largest_first:
                continue
            item, boost = ids[n], score_norm * boosts[n]
            reach = min(user_norm * norms[item] * (1.0 + 1.0e-9), last) + boost
            if count == k and reach + abs(reach) * 1.0e-12 < top_scores[k - 1]:
                continue
            plain = exact_score(user, item_factors[item])
            if plain > last or (plain == last and item <= last_id):
                continue  # it is in the list already, or hidden, or not chosen
            score = plain + boost
            if count == k and (score < top_scores[k - 1] or (score == top_scores[k - 1] and item > top_ids[k - 1])):
                continue
            if is_hidden(item, hidden) or (narrowed and not is_hidden(item, chosen)):
                continue
            count = insert_ranked(item, score, count, top_ids, top_scores)
    return count


@kernel(fast=False, hold_gil=True)
def rank_boosted(
    user, item_factors, norms, slots, ids, boosts, score_norm, hidden, chosen, narrowed, best_ids, best_scores, top_ids,
    top_scores,
):  # fmt: skip
    """Write the k items of largest exact_score + score_norm * boost, ties in catalog order; returns the count.

    best_ids int32 and best_scores float64 are the best k (or all, when there are fewer) by exact_score alone that are
    not in `hidden` (and in `chosen`, when `narrowed`; both sorted int32); norms float64 (items,) of item_factors. Other
    arguments as `gather_boosts` returns them.
    """
    lifts = np.zeros(best_ids.shape[0])
    for n in range(best_ids.shape[0]):
        place = slots[find_slot(best_ids[n], slots, ids)]
        if place >= 0:
            lifts[n] = boosts[place]
    return merge_boosted(
        user, item_factors, norms, ids, boosts, score_norm, hidden, chosen, narrowed, best_ids, best_scores, lifts,
        top_ids, top_scores,
    )  # fmt: skip


@kernel(fast=False, hold_gil=True)
def transition_shares(
    indptr, next_ids, next_weights, history, weights, powers, transition_weight, score_norm, targets, shares
):
    """Write to shares float64 (n, h) what the transitions from each item of a history int32 (h,), oldest first, give to
    each of targets int32 (n,): its part of score_norm * boost, without a trend.

    weights float32 (h,); powers float64: how much each age counts, newest first, and what it does not reach is left
    out. Other arguments as in `gather_boosts`.
    """
    length = min(history.shape[0], powers.shape[0])
    items, steps, parts = np.empty(length, dtype=np.int32), np.empty(length), np.empty(length)
    for age in range(length):
        items[age] = history[history.shape[0] - 1 - age]
        steps[age] = np.float64(max(weights[history.shape[0] - 1 - age], np.float32(0.0))) * powers[age]
    slots, ids, boosts = gather_boosts(
        indptr, next_ids, next_weights, next_ids[:0], next_weights[:0], items, steps, transition_weight, 0.0,
        next_weights[:0],
    )  # fmt: skip
    for t in range(targets.shape[0]):
        for n in range(shares.shape[1]):
            shares[t, n] = 0.0
        target = targets[t]
        place = slots[find_slot(target, slots, ids)]
        if place < 0 or boosts[place] == 0.0:
            continue
        total = 0.0
        for n in range(items.shape[0]):
            parts[n] = 0.0
            low, end = indptr[items[n]], indptr[items[n] + 1]
            high = end
            while low < high:
                middle = (low + high) // 2
                if next_ids[middle] < target:
                    low = middle + 1
                else:
                    high = middle
            if steps[n] > 0.0 and low < end and next_ids[low] == target:
                parts[n] = steps[n] * np.float64(next_weights[low])
                total += parts[n]
        for n in range(items.shape[0]):
            shares[t, shares.shape[1] - 1 - n] = parts[n] * (score_norm * boosts[place] / total)


@kernel(fast=False, hold_gil=True)
def add_boosts(slots, ids, boosts, score_norm, candidates, scores):
    """Add score_norm * boost to the score of each candidate. candidates int32 and scores float64 (n,); other arguments
    as `gather_boosts` returns them.
    """
    for n in range(candidates.shape[0]):
        place = slots[find_slot(candidates[n], slots, ids)]
        if place >= 0:
            scores[n] += score_norm * boosts[place]
