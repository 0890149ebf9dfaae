"""Approximate scores of a block by the packing that an index has: only its code is compiled, chosen by a type.

`scales` is None where items are packed as halves, and an array where they are packed as bytes; see `packing` and
`approximate_kernels`. What a user is packed as is a tuple: (padded float32, words int32, step float32, offset int32),
of which halves need the first and bytes the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from recommender.topk.approximate_kernels import pack_user, score_halves, unpack_scores
from recommender.topk.dot_bytes import dot_bytes


def pack_for(user: Any, words: Any, scales: Any) -> Any:
    """Pack a user float32 (factors,) as blocks are packed; returns what it is packed as, and its distance from that.

    words int32, as many as an item has, is written for bytes.
    """
    return (_pack_for_halves if scales is None else _pack_for_bytes)(user, words, scales)


def score_block(packed: Any, block: Any, scales: Any, b: Any, limit: Any, dots: Any, scores: Any) -> Any:
    """Write approximate scores float32 (LANES,) of a block, number b, and say whether any reaches limit.

    packed as `pack_for` made it; dots int32 (LANES,) is room for products.
    """
    return (_score_halves if scales is None else _score_bytes)(packed, block, scales, b, limit, dots, scores)


def _pack_for_halves(user: Any, words: Any, scales: Any) -> Any:
    padded = np.zeros(2 * words.shape[0], dtype=np.float32)
    padded[: user.shape[0]] = user
    return (padded, words, np.float32(0.0), np.int32(0)), 0.0


def _pack_for_bytes(user: Any, words: Any, scales: Any) -> Any:
    step, total, error = pack_user(user, words)
    return (np.empty(0, dtype=np.float32), words, np.float32(step), np.int32(128 * total)), error


def _score_halves(packed: Any, block: Any, scales: Any, b: Any, limit: Any, dots: Any, scores: Any) -> Any:
    return score_halves(packed[0], block, limit, scores)


def _score_bytes(packed: Any, block: Any, scales: Any, b: Any, limit: Any, dots: Any, scores: Any) -> Any:
    dot_bytes(packed[1], block, dots)  # type: ignore[call-arg]  # numba supplies the context
    return unpack_scores(dots, scales[b], packed[2], packed[3], limit, scores)


@overload(pack_for)
def _pack_as_typed(user: Any, words: Any, scales: Any) -> Any:
    return _pack_for_halves if isinstance(scales, types.NoneType) else _pack_for_bytes


@overload(score_block)
def _score_as_typed(packed: Any, block: Any, scales: Any, b: Any, limit: Any, dots: Any, scores: Any) -> Any:
    return _score_halves if isinstance(scales, types.NoneType) else _score_bytes
