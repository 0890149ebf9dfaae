"""Compiled kernels that score a block of packed items approximately; `scan_kernels` bounds what they are off by.

Shapes: user float32 (factors,), scores float32 (LANES,); packed words as `packing` makes them.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.topk.dot_bytes import NARROW_SUMS
from recommender.topk.packing import HADAMARD
from recommender.topk.score_kernels import LANES

EIGHTH_ROOT = HADAMARD[0, 0]


@kernel(fast=False, makes_arrays=False)
def low_half(packed):
    """The float32 whose upper 16 bits are the lower 16 bits of an int32."""
    return np.int32(packed << 16).view(np.float32)


@kernel(fast=False, makes_arrays=False)
def high_half(packed):
    """The int32 read as a float32: its lower 16 bits belong to the other half and are part of the rounding error."""
    return np.int32(packed).view(np.float32)


@kernel(fast=True, makes_arrays=False)
def score_halves(user, block, limit, scores):
    """Approximate scores of one block of items: scores[l] = sum_f user[f] * factor f of lane l; returns whether any
    reaches limit (float32).

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
    return hits > 0


@kernel(fast=False, makes_arrays=False)
def mix_user(user, mixed):
    """Write user float32 (factors,) into mixed float32 (factors,) as `packing.mix` mixes rows, by sums of sums."""
    part = user.shape[0] // 8
    for n in range(part):
        a, b, c, d = user[n], user[n + part], user[n + 2 * part], user[n + 3 * part]
        e, f, g, h = user[n + 4 * part], user[n + 5 * part], user[n + 6 * part], user[n + 7 * part]
        a, b, c, d, e, f, g, h = a + e, b + f, c + g, d + h, a - e, b - f, c - g, d - h
        a, b, c, d, e, f, g, h = a + c, b + d, a - c, b - d, e + g, f + h, e - g, f - h
        mixed[n], mixed[n + part] = EIGHTH_ROOT * (a + b), EIGHTH_ROOT * (a - b)
        mixed[n + 2 * part], mixed[n + 3 * part] = EIGHTH_ROOT * (c + d), EIGHTH_ROOT * (c - d)
        mixed[n + 4 * part], mixed[n + 5 * part] = EIGHTH_ROOT * (e + f), EIGHTH_ROOT * (e - f)
        mixed[n + 6 * part], mixed[n + 7 * part] = EIGHTH_ROOT * (g + h), EIGHTH_ROOT * (g - h)
    for n in range(8 * part, user.shape[0]):
        mixed[n] = user[n]


@kernel(fast=True, makes_arrays=False)
def pack_user(user, words):
    """Round a user to signed bytes, four an int32 word; returns (step, sum of the bytes, distance from the user).

    user float32 (factors,) is step * byte + residual; words int32 (ceil(factors / 4) or more,) is written. Loops are
    apart, and the largest number is found among bits, since that is what compilers put into vectors.
    """
    factors, bits, bytes_ = user.shape[0], user.view(np.int32), words.view(np.int8)
    highest = np.int32(0)
    for f in range(factors):
        highest = max(highest, np.int32(bits[f] & 0x7FFFFFFF))
    step: float = np.float64(np.int32(highest).view(np.float32)) / 127.0
    for slot in range(words.shape[0] + 1 if NARROW_SUMS else 0):  # two factors of a word, and two of the next
        above = below = 0.0
        for place in range(4):
            f = slot // 2 * 8 + slot % 2 * 2 + place // 2 * 4 + place % 2
            if f < factors:
                above += max(np.float64(user[f]), 0.0)
                below -= min(np.float64(user[f]), 0.0)
        step = max(step, above / 126.0, below / 126.0)  # rounding adds half a byte to each of four at most
    if step == 0.0:
        step = 1.0
    total = np.int32(0)
    square = 0.0
    for f in range(factors):
        byte = np.floor(user[f] / step + 0.5)
        residual = user[f] - step * byte
        square += residual * residual
        total += np.int32(byte)
        bytes_[f] = np.int8(np.int32(byte))
    for f in range(factors, bytes_.shape[0]):
        bytes_[f] = np.int8(0)
    return step, total, np.sqrt(square)
