"""Compiled kernels for scoring. Contiguous arrays in, results into arrays given, no checks: callers check.

The *exact score* of an item is the float64 sum of the products u_f * y_f of float32 factors, taken in one fixed order
(eight running sums over f mod 8, then a tree; the tail after). A product of two float32 is exact in float64, so the
sum is the same with and without fused multiply-add, and the same here and in `twins`. Ranking is by exact score,
ties by catalog order. The fast first pass is in float32 and only decides what is worth an exact score, with an error
bound.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.topk.exact_sums import WIDTH, sum_of_products

LANES = 64
"""Items in a block: enough for sums that do not wait for each other."""


@kernel(fast=False, makes_arrays=False)
def exact_score(user, row):
    """Exact score of one item: user (factors,), row (factors,), float32; returns float64."""
    head = user.shape[0] // WIDTH * WIDTH
    total = sum_of_products(user, row, head)
    for f in range(head, user.shape[0]):
        total += np.float64(user[f]) * np.float64(row[f])
    return total


@kernel(fast=False, hold_gil=True)
def length_of_scores(gram, user):
    """Length of the vector of all dot products with a user, sqrt(u' Y'Y u): gram float64 (factors, factors) = Y'Y, user
    float32 (factors,), or longer, where what is beyond is left out. No sum waits for another, so that it needs no leave
    to reorder any and has one value everywhere.
    """
    factors = gram.shape[0]
    product = np.empty(factors)
    for f in range(factors):
        product[f] = 0.0
    for f in range(factors):
        line, scale = gram[f], np.float64(user[f])
        for g in range(factors):
            product[g] += scale * line[g]
    square = 0.0
    for f in range(factors):
        square += product[f] * np.float64(user[f])
    return np.sqrt(max(square, 0.0))


@kernel(fast=False, makes_arrays=False)
def is_hidden(item, hidden):
    """Whether `item` is in `hidden`, a sorted int32 array, by bisection."""
    low, high = 0, hidden.shape[0]
    while low < high:
        middle = (low + high) // 2
        if hidden[middle] < item:
            low = middle + 1
        else:
            high = middle
    return low < hidden.shape[0] and hidden[low] == item


@kernel(fast=False, makes_arrays=False)
def insert_ranked(item, score, count, top_ids, top_scores):
    """Put an item into the sorted list of the best `count` so far (score down, then index up); returns the new count.

    top_ids int32 (k,), top_scores float64 (k,). The caller has made sure that the item belongs into the list.
    """
    position = count if count < top_ids.shape[0] else top_ids.shape[0] - 1
    while position > 0 and (
        top_scores[position - 1] < score or (top_scores[position - 1] == score and top_ids[position - 1] > item)
    ):
        top_scores[position] = top_scores[position - 1]
        top_ids[position] = top_ids[position - 1]
        position -= 1
    top_scores[position] = score
    top_ids[position] = item
    return min(count + 1, top_ids.shape[0])


@kernel(fast=False, hold_gil=True, makes_arrays=False)
def rank_candidates(user, item_factors, norms, candidates, hidden, top_ids, top_scores):
    """`scan_kernels` among `candidates` only (int32 catalog indices, each once), at a cost in proportion to them.

    norms float64 (items,) of item_factors; an item gets its exact score only if its norm lets it reach the list, so
    that fewest are scored when the longest come first.
    """
    k = top_ids.shape[0]
    user_norm = np.sqrt(exact_score(user, user)) * (1.0 + 1.0e-9)
    count = np.int64(0)
    for item in candidates:
        if count == k and user_norm * norms[item] < top_scores[k - 1]:
            continue
        score = exact_score(user, item_factors[item])
        if count == k and (score < top_scores[k - 1] or (score == top_scores[k - 1] and item > top_ids[k - 1])):
            continue
        if not is_hidden(item, hidden):
            count = insert_ranked(item, score, count, top_ids, top_scores)
    return count


@kernel(fast=False, makes_arrays=False)
def rank_cosine(row, item_factors, norms, hidden, top_ids, top_scores):
    """Write the k items of largest cosine to `row` (of norm > 0), best first; items of norm zero are left out.

    Cosine is exact_score(row, y) / (|row| * |y|); norms float64 (items,). Other shapes as in `scan_kernels`; returns
    the count.
    """
    k = top_ids.shape[0]
    row_norm = np.sqrt(exact_score(row, row))
    count = np.int64(0)
    for item in range(item_factors.shape[0]):
        if norms[item] == 0.0:
            continue
        score = exact_score(row, item_factors[item]) / (row_norm * norms[item])
        if count == k and score <= top_scores[k - 1]:
            continue
        if not is_hidden(item, hidden):
            count = insert_ranked(item, score, count, top_ids, top_scores)
    return count


@kernel(fast=False, hold_gil=True, makes_arrays=False)
def rank_popular(popular, popularity, hidden, top_ids, top_scores):
    """Write the first k of `popular` (int32 catalog indices in order of popularity) that are not hidden; returns the
    count.
    """
    count = np.int64(0)
    for item in popular:
        if count == top_ids.shape[0]:
            break
        if not is_hidden(item, hidden):
            top_ids[count] = item
            top_scores[count] = popularity[item]
            count += 1
    return count


@kernel(fast=False, makes_arrays=False)
def rank_popular_many(popular, popularity, hidden_starts, hidden, top_ids, top_scores, counts):
    """`rank_popular` for each user whose count is below 0.

    User n hides hidden[hidden_starts[n] : hidden_starts[n + 1]]; top_ids and top_scores are (n, k), counts int64 (n,).
    """
    for n in range(counts.shape[0]):
        if counts[n] < 0:
            counts[n] = rank_popular(
                popular, popularity, hidden[hidden_starts[n] : hidden_starts[n + 1]], top_ids[n], top_scores[n]
            )
