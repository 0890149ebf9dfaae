"""Compiled scans over an index: blocks in descending order of norm, approximate scores first, exact ones where they
matter.

Both scans write the k items of largest exact score, best first, leave out `hidden`, and return how many they wrote. By
Cauchy-Schwarz no item of a block scores more than |user| * block_norm, so a scan ends at the first block that cannot
reach the k-th best. Within a block an item is worth an exact score if its approximate one reaches the k-th best once
the largest possible error is added: what packing lost, by Cauchy-Schwarz on the residuals, and what float32 sums can
lose (Higham, Accuracy and Stability of Numerical Algorithms, 3.1: gamma, for any order of summation).

Arguments: user (factors,), item_factors (items, factors) in catalog order, hot_rows (n, factors), the first n in the
order of the index, float32; blocks int32 (blocks, words, LANES) and scales float32 (blocks, LANES), packed by
`_packing`; block_norms and block_errors float64 (blocks,), the largest norm in a block and the largest distance of an
item from its packed form; order int32 (blocks * LANES,), catalog indices, -1 for padding; hidden sorted int32; top_ids
int32 and top_scores float64 (k,).
"""

from __future__ import annotations

import numpy as np

from recommender._compile import kernel
from recommender._dot_bytes import dot_bytes
from recommender._kernels import LANES, offer_lanes


@kernel(fast=False)
def low_half(packed):  # type: ignore[no-untyped-def]
    """The float32 whose upper 16 bits are the lower 16 bits of an int32."""
    return np.int32(packed << 16).view(np.float32)


@kernel(fast=False)
def high_half(packed):  # type: ignore[no-untyped-def]
    """The int32 read as a float32: its lower 16 bits belong to the other half and are part of the rounding error."""
    return np.int32(packed).view(np.float32)


@kernel(fast=True)
def score_halves(user, block, limit, scores):  # type: ignore[no-untyped-def]
    """Approximate scores of one block of items: scores[l] = sum_f user[f] * factor f of lane l; returns how many reach
    limit (float32).

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
    hits = 0
    for lane in range(LANES):
        hits += not scores[lane] < limit  # so that a NaN of an overflow is looked at as well
    return hits


@kernel(fast=False)
def entry_limit(count, top_scores, slack):  # type: ignore[no-untyped-def]
    """What an approximate score that is off by at most slack has to reach to matter; float32, rounded downwards."""
    k = top_scores.shape[0]
    if count < k:
        return np.float32(-np.inf)
    limit = top_scores[k - 1] - slack
    return np.float32(limit - abs(limit) * 1.2e-7 - 1.0e-37)


@kernel(fast=False)
def rank_halves(  # type: ignore[no-untyped-def]
    user, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden, top_ids, top_scores
):
    """Scan factors that are packed as halves; scales are not used."""
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
        limit = entry_limit(count, top_scores, slack)
        if score_halves(padded, blocks[b], limit, scores) > 0:
            first = b * LANES
            count = offer_lanes(
                user, item_factors, hot_rows, order, first, scores, limit, hidden, count, top_ids, top_scores
            )
    return count


@kernel(fast=False)
def pack_user(user, words):  # type: ignore[no-untyped-def]
    """Round a user to signed bytes, four an int32 word; returns (step, sum of the bytes, distance from the user).

    user float32 (factors,) is step * byte + residual; words int32 (ceil(factors / 4) or more,) is written.
    """
    largest = 0.0
    for f in range(user.shape[0]):
        largest = max(largest, abs(np.float64(user[f])))
    step = largest / 127.0 if largest > 0.0 else 1.0
    words[:] = 0
    total = np.int32(0)
    square = 0.0
    for f in range(user.shape[0]):
        byte = np.int32(np.floor(user[f] / step + 0.5))
        total += byte
        residual = user[f] - step * byte
        square += residual * residual
        words[f // 4] |= np.int32((byte & 0xFF) << (8 * (f % 4)))
    return step, total, np.sqrt(square)


@kernel(fast=True)
def unpack_scores(dots, scales, step, offset, limit, scores):  # type: ignore[no-untyped-def]
    """Turn products of bytes into scores: step * scales[l] * (dots[l] - offset); returns how many reach limit."""
    for lane in range(LANES):
        scores[lane] = np.float32(dots[lane] - offset) * (step * scales[lane])
    hits = 0
    for lane in range(LANES):
        hits += not scores[lane] < limit  # so that a NaN of an overflow is looked at as well
    return hits


@kernel(fast=False)
def rank_bytes(  # type: ignore[no-untyped-def]
    user, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden, top_ids, top_scores
):
    """Scan factors that are packed as bytes; needs a processor for which `dot_bytes` is available."""
    k = top_ids.shape[0]
    factors = user.shape[0]
    words = np.empty(blocks.shape[1], dtype=np.int32)
    step, total, user_error = pack_user(user, words)
    offset = np.int32(128 * total)
    square = 0.0
    for f in range(factors):
        square += np.float64(user[f]) * np.float64(user[f])
    user_norm = np.sqrt(square)
    gamma = (factors + 24) * 6.1e-8
    dots = np.empty(LANES, dtype=np.int32)
    scores = np.empty(LANES, dtype=np.float32)
    count = 0
    for b in range(blocks.shape[0]):
        reach = user_norm * block_norms[b]
        if count == k and reach * (1.0 + 1.0e-9) < top_scores[k - 1]:
            break
        lost = user_norm * block_errors[b] + user_error * (block_norms[b] + block_errors[b])
        slack = lost * (1.0 + 1.0e-9) + gamma * reach + 1.0e-30
        dot_bytes(words, blocks[b], dots)  # type: ignore[call-arg]  # numba supplies the context
        limit = entry_limit(count, top_scores, slack)
        if unpack_scores(dots, scales[b], np.float32(step), offset, limit, scores) > 0:
            first = b * LANES
            count = offer_lanes(
                user, item_factors, hot_rows, order, first, scores, limit, hidden, count, top_ids, top_scores
            )
    return count
