"""Approximate scores of a block by the packing that an index has: only its code is compiled, chosen by a type.

`scales` is None where items are packed as halves, and an array where they are packed as bytes; see `packing` and
`approximate_kernels`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from recommender.topk.approximate_kernels import pack_user, score_halves, unpack_scores
from recommender.topk.dot_bytes import dot_bytes


def pack_for(user: Any, words: Any, scales: Any) -> Any:
    """Pack a user as blocks are packed: (padded float32 for halves, step, offset, distance from the user for bytes).

    user float32 (factors,); words int32, as many as an item has, is written for bytes.
    """
    return (_pack_for_halves if scales is None else _pack_for_bytes)(user, words, scales)


def score_block(
    padded: Any,
    words: Any,
    step: Any,
    offset: Any,
    blocks: Any,
    scales: Any,
    b: Any,
    limit: Any,
    dots: Any,
    scores: Any,
) -> Any:
    """Write approximate scores float32 (LANES,) of block b, and say whether any reaches limit.

    The first four arguments as `pack_for` made them; dots int32 (LANES,) is room for products.
    """
    score = _score_halves if scales is None else _score_bytes
    return score(padded, words, step, offset, blocks, scales, b, limit, dots, scores)


def _pack_for_halves(user: Any, words: Any, scales: Any) -> Any:
    padded = np.zeros(2 * words.shape[0], dtype=np.float32)
    padded[: user.shape[0]] = user
    return padded, np.float32(0.0), np.int32(0), 0.0


def _pack_for_bytes(user: Any, words: Any, scales: Any) -> Any:
    step, total, error = pack_user(user, words)
    return np.empty(0, dtype=np.float32), np.float32(step), np.int32(128 * total), error


def _score_halves(
    padded: Any,
    words: Any,
    step: Any,
    offset: Any,
    blocks: Any,
    scales: Any,
    b: Any,
    limit: Any,
    dots: Any,
    scores: Any,
) -> Any:
    return score_halves(padded, blocks[b], limit, scores)


def _score_bytes(
    padded: Any,
    words: Any,
    step: Any,
    offset: Any,
    blocks: Any,
    scales: Any,
    b: Any,
    limit: Any,
    dots: Any,
    scores: Any,
) -> Any:
    dot_bytes(words, blocks[b], dots)  # type: ignore[call-arg]  # numba supplies the context
    return unpack_scores(dots, scales[b], step, offset, limit, scores)


@overload(pack_for)
def _pack_as_typed(user: Any, words: Any, scales: Any) -> Any:
    return _pack_for_halves if isinstance(scales, types.NoneType) else _pack_for_bytes


@overload(score_block)
def _score_as_typed(
    padded: Any,
    words: Any,
    step: Any,
    offset: Any,
    blocks: Any,
    scales: Any,
    b: Any,
    limit: Any,
    dots: Any,
    scores: Any,
) -> Any:
    return _score_halves if isinstance(scales, types.NoneType) else _score_bytes
