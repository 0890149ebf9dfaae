"""Compiled kernels for scoring. Contiguous arrays in, results into arrays given, no checks: callers check.

The *exact score* of an item is the float64 sum of the products u_f * y_f of float32 factors, taken in one fixed order
(eight running sums over f mod 8, then a tree; the tail after). A product of two float32 is exact in float64, so the
sum is the same with and without fused multiply-add, and the same here and in `_reference`. Ranking is by exact score,
ties by catalog order. The fast first pass is in float32 and only decides what is worth an exact score, with an error
bound.
"""

from __future__ import annotations

import numpy as np

from recommender._compile import kernel

LANES = 32


@kernel(fast=False)
def exact_score(user, row):  # type: ignore[no-untyped-def]
    """Exact score of one item: user (factors,), row (factors,), float32; returns float64."""
    head = user.shape[0] // 8 * 8
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    for f in range(0, head, 8):
        s0 += np.float64(user[f]) * np.float64(row[f])
        s1 += np.float64(user[f + 1]) * np.float64(row[f + 1])
        s2 += np.float64(user[f + 2]) * np.float64(row[f + 2])
        s3 += np.float64(user[f + 3]) * np.float64(row[f + 3])
        s4 += np.float64(user[f + 4]) * np.float64(row[f + 4])
        s5 += np.float64(user[f + 5]) * np.float64(row[f + 5])
        s6 += np.float64(user[f + 6]) * np.float64(row[f + 6])
        s7 += np.float64(user[f + 7]) * np.float64(row[f + 7])
    total = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))
    for f in range(head, user.shape[0]):
        total += np.float64(user[f]) * np.float64(row[f])
    return total


@kernel(fast=False)
def is_hidden(item, hidden):  # type: ignore[no-untyped-def]
    """Whether `item` is in `hidden`, a sorted int32 array, by bisection."""
    low, high = 0, hidden.shape[0]
    while low < high:
        middle = (low + high) // 2
        if hidden[middle] < item:
            low = middle + 1
        else:
            high = middle
    return low < hidden.shape[0] and hidden[low] == item


@kernel(fast=False)
def insert_ranked(item, score, count, top_ids, top_scores):  # type: ignore[no-untyped-def]
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


@kernel(fast=False)
def low_half(packed):  # type: ignore[no-untyped-def]
    """The float32 whose upper 16 bits are the lower 16 bits of an int32."""
    return np.int32(packed << 16).view(np.float32)


@kernel(fast=False)
def high_half(packed):  # type: ignore[no-untyped-def]
    """The int32 read as a float32: its lower 16 bits belong to the other half and are part of the rounding error."""
    return np.int32(packed).view(np.float32)


@kernel(fast=True)
def score_block(user, block, scores):  # type: ignore[no-untyped-def]
    """Approximate scores of one block of items: scores[l] = sum_f user[f] * factor f of lane l; returns the largest.

    user float32 (2 * pairs,), block int32 (pairs, LANES) holding factors 2p and 2p + 1 in the low and high half of
    pair p, scores float32 (LANES,); pairs is a multiple of 8. Sixteen factors a step keep the sums in registers, and
    halves of a number halve what has to come from memory, which is what bounds the scan.
    """
    for lane in range(LANES):
        scores[lane] = np.float32(0.0)
    for p in range(0, block.shape[0], 8):
        u = user[2 * p : 2 * p + 16]
        u0, u1, u2, u3, u4, u5, u6, u7 = u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7]
        v0, v1, v2, v3, v4, v5, v6, v7 = u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]
        for lane in range(LANES):
            a, b, c, d = block[p, lane], block[p + 1, lane], block[p + 2, lane], block[p + 3, lane]
            e, f, g, h = block[p + 4, lane], block[p + 5, lane], block[p + 6, lane], block[p + 7, lane]
            scores[lane] += (
                u0 * low_half(a)
                + u1 * high_half(a)
                + u2 * low_half(b)
                + u3 * high_half(b)
                + u4 * low_half(c)
                + u5 * high_half(c)
                + u6 * low_half(d)
                + u7 * high_half(d)
                + v0 * low_half(e)
                + v1 * high_half(e)
                + v2 * low_half(f)
                + v3 * high_half(f)
                + v4 * low_half(g)
                + v5 * high_half(g)
                + v6 * low_half(h)
                + v7 * high_half(h)
            )
    best = scores[0]
    for lane in range(1, LANES):
        best = max(best, scores[lane])
    return best


@kernel(fast=False)
def rank_blocks(user, item_factors, blocks, block_norms, block_errors, order, hidden, top_ids, top_scores):  # type: ignore[no-untyped-def]
    """Write the k items of largest exact score, best first, leaving out `hidden`; returns how many were written.

    user (factors,), item_factors (items, factors) in catalog order, float32; blocks int32 (blocks, pairs, LANES), see
    `score_block`, in descending order of norm; block_norms and block_errors float64 (blocks,) are the largest norm in a
    block, and the largest distance of an item from its form in the block; order int32 (blocks * LANES,) holds catalog
    indices, -1 for padding; hidden sorted int32; top_ids int32 and top_scores float64 (k,).

    By Cauchy-Schwarz no item of a block scores more than |user| * block_norm, so the scan ends at the first block that
    cannot reach the k-th best. Within a block an item is worth an exact score if its approximate score reaches the k-th
    best once |user| * (block_error + gamma * block_norm) is added: what packing and float32 sums can have cost (Higham,
    Accuracy and Stability of Numerical Algorithms, 3.1, for any order of summation).
    """
    k = top_ids.shape[0]
    factors = user.shape[0]
    padded = np.zeros(2 * blocks.shape[1], dtype=np.float32)
    square = 0.0
    for f in range(factors):
        padded[f] = user[f]
        square += np.float64(user[f]) * np.float64(user[f])
    user_norm = np.sqrt(square)
    gamma = (factors + 24) * 6.1e-8
    scores = np.empty(LANES, dtype=np.float32)
    count = 0
    for b in range(blocks.shape[0]):
        reach = user_norm * block_norms[b]
        if count == k and reach * (1.0 + 1.0e-9) < top_scores[k - 1]:
            break
        slack = user_norm * block_errors[b] * (1.0 + 1.0e-9) + gamma * reach + 1.0e-30
        best = score_block(padded, blocks[b], scores)
        if count == k and best + slack < top_scores[k - 1]:
            continue
        for lane in range(LANES):
            item = order[b * LANES + lane]
            if item < 0 or (count == k and scores[lane] + slack < top_scores[k - 1]):
                continue
            score = exact_score(user, item_factors[item])
            if count == k and (score < top_scores[k - 1] or (score == top_scores[k - 1] and item > top_ids[k - 1])):
                continue
            if not is_hidden(item, hidden):
                count = insert_ranked(item, score, count, top_ids, top_scores)
    return count


@kernel(fast=False)
def rank_candidates(user, item_factors, candidates, hidden, top_ids, top_scores):  # type: ignore[no-untyped-def]
    """`rank_blocks` among `candidates` only (int32 catalog indices, each once), at a cost in proportion to them."""
    k = top_ids.shape[0]
    count = 0
    for item in candidates:
        score = exact_score(user, item_factors[item])
        if count == k and (score < top_scores[k - 1] or (score == top_scores[k - 1] and item > top_ids[k - 1])):
            continue
        if not is_hidden(item, hidden):
            count = insert_ranked(item, score, count, top_ids, top_scores)
    return count


@kernel(fast=False)
def rank_cosine(row, item_factors, norms, hidden, top_ids, top_scores):  # type: ignore[no-untyped-def]
    """Write the k items of largest cosine to `row` (of norm > 0), best first; items of norm zero are left out.

    Cosine is exact_score(row, y) / (|row| * |y|); norms float64 (items,). Other shapes as in `rank_blocks`; returns
    the count.
    """
    k = top_ids.shape[0]
    row_norm = np.sqrt(exact_score(row, row))
    count = 0
    for item in range(item_factors.shape[0]):
        if norms[item] == 0.0:
            continue
        score = exact_score(row, item_factors[item]) / (row_norm * norms[item])
        if count == k and score <= top_scores[k - 1]:
            continue
        if not is_hidden(item, hidden):
            count = insert_ranked(item, score, count, top_ids, top_scores)
    return count


@kernel(fast=False)
def rank_popular(popular, popularity, hidden, top_ids, top_scores):  # type: ignore[no-untyped-def]
    """Write the first k of `popular` (int32 catalog indices in order of popularity) that are not hidden; returns the
    count.
    """
    count = 0
    for item in popular:
        if count == top_ids.shape[0]:
            break
        if not is_hidden(item, hidden):
            top_ids[count] = item
            top_scores[count] = popularity[item]
            count += 1
    return count
