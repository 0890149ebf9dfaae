"""Approximate scores of a block by the packing that an index has: only its code is compiled, chosen by a type.

`scales` is None where items are packed as halves, and an array where they are packed as bytes; see `packing` and
`approximate_kernels`. What a user is packed as is four values: padded float32 for halves; words int32, step float32
and offset int32 for bytes. They are passed one by one, since an array that is taken out of a tuple is counted once more
each time, which cost a tenth of a scan.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from recommender.topk.approximate_kernels import mix_user, pack_user, score_halves
from recommender.topk.dot_bytes import score_bytes
from recommender.topk.packed_products import flags_of
from recommender.topk.score_kernels import LANES

USER_WORDS = 5
"""Words that a user takes for each of an item's: halves take two; bytes one, and four before they are rounded."""


def pack_for(user: Any, words: Any, scales: Any) -> Any:
    """Pack a user float32 (factors,) as blocks are packed; returns (padded, step, offset, distance from the user).

    words int32, USER_WORDS times as many as an item has, is room for them.
    """
    return (_pack_for_halves if scales is None else _pack_for_bytes)(user, words, scales)


def score_block(
    padded: Any, words: Any, step: Any, offset: Any, blocks: Any, scales: Any, b: Any, limit: Any, scores: Any
) -> Any:
    """Write approximate scores of block b into scores float32 (LANES or more,); returns flags uint64, bit l set unless
    scores[l] is below limit, so that a NaN of an overflow is looked at as well.

    The first four are as `pack_for` made them.
    """
    if scales is None:
        return _score_halves(padded, words, step, offset, blocks, scales, b, limit, scores)
    signed = words[: blocks.shape[1]].view(np.int8).astype(np.int32).reshape(-1, 1, 4)
    unsigned = np.ascontiguousarray(blocks[b]).view(np.uint8).reshape(-1, LANES, 4)
    scores[:LANES] = ((signed * unsigned).sum(axis=(0, 2)) - offset).astype(np.float32) * (step * scales[b])
    return flags_of(scores, limit)


def _pack_for_halves(user: Any, words: Any, scales: Any) -> Any:
    padded = words[: words.shape[0] // USER_WORDS * 2].view(np.float32)
    for f in range(padded.shape[0]):
        padded[f] = user[f] if f < user.shape[0] else np.float32(0.0)
    return padded, np.float32(0.0), np.int32(0), 0.0


def _pack_for_bytes(user: Any, words: Any, scales: Any) -> Any:
    size = words.shape[0] // USER_WORDS
    mixed = words[size : size + user.shape[0]].view(np.float32)
    mix_user(user, mixed)
    step, total, error = pack_user(mixed, words[:size])
    return user, np.float32(step), np.int32(128 * total), error


def _score_halves(
    padded: Any, words: Any, step: Any, offset: Any, blocks: Any, scales: Any, b: Any, limit: Any, scores: Any
) -> Any:
    return flags_of(scores, limit) if score_halves(padded, blocks[b], limit, scores) else np.uint64(0)


def _score_bytes(
    padded: Any, words: Any, step: Any, offset: Any, blocks: Any, scales: Any, b: Any, limit: Any, scores: Any
) -> Any:
    return score_bytes(words, blocks, b, scales, step, offset, limit, scores)  # type: ignore[call-arg]


@overload(pack_for, jit_options={"forceinline": True})
def _pack_as_typed(user: Any, words: Any, scales: Any) -> Any:
    return _pack_for_halves if isinstance(scales, types.NoneType) else _pack_for_bytes


@overload(score_block, jit_options={"forceinline": True})
def _score_as_typed(
    padded: Any, words: Any, step: Any, offset: Any, blocks: Any, scales: Any, b: Any, limit: Any, scores: Any
) -> Any:
    return _score_halves if isinstance(scales, types.NoneType) else _score_bytes
