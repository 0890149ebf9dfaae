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

from recommender.topk.approximate_kernels import pack_user, score_halves, unpack_scores
from recommender.topk.dot_bytes import dot_bytes


def pack_for(user: Any, words: Any, scales: Any) -> Any:
    """Pack a user float32 (factors,) as blocks are packed; returns (padded, step, offset, distance from the user).

    words int32, as many as an item has, is written for bytes.
    """
    return (_pack_for_halves if scales is None else _pack_for_bytes)(user, words, scales)


def score_block(
    padded: Any, words: Any, step: Any, offset: Any, block: Any, scales: Any, b: Any, limit: Any, dots: Any, scores: Any
) -> Any:
    """Write approximate scores float32 (LANES,) of a block, number b, and say whether any reaches limit.

    The first four as `pack_for` made them; dots int32 (LANES,) is room for products.
    """
    if scales is None:
        return score_halves(padded, block, limit, scores)
    signed, unsigned = words.view(np.int8), np.ascontiguousarray(block).view(np.uint8).reshape(len(words), -1, 4)
    dots[:] = np.einsum("wb,wlb->l", signed.reshape(-1, 4).astype(np.int32), unsigned.astype(np.int32))
    return unpack_scores(dots, scales[b], step, offset, limit, scores)


def _pack_for_halves(user: Any, words: Any, scales: Any) -> Any:
    padded = np.zeros(2 * words.shape[0], dtype=np.float32)
    padded[: user.shape[0]] = user
    return padded, np.float32(0.0), np.int32(0), 0.0


def _pack_for_bytes(user: Any, words: Any, scales: Any) -> Any:
    step, total, error = pack_user(user, words)
    return user, np.float32(step), np.int32(128 * total), error


def _score_halves(
    padded: Any, words: Any, step: Any, offset: Any, block: Any, scales: Any, b: Any, limit: Any, dots: Any, scores: Any
) -> Any:
    return score_halves(padded, block, limit, scores)


def _score_bytes(
    padded: Any, words: Any, step: Any, offset: Any, block: Any, scales: Any, b: Any, limit: Any, dots: Any, scores: Any
) -> Any:
    dot_bytes(words, block, dots)  # type: ignore[call-arg]  # numba supplies the context
    return unpack_scores(dots, scales[b], step, offset, limit, scores)


@overload(pack_for, jit_options={"forceinline": True})
def _pack_as_typed(user: Any, words: Any, scales: Any) -> Any:
    return _pack_for_halves if isinstance(scales, types.NoneType) else _pack_for_bytes


@overload(score_block, jit_options={"forceinline": True})
def _score_as_typed(
    padded: Any, words: Any, step: Any, offset: Any, block: Any, scales: Any, b: Any, limit: Any, dots: Any, scores: Any
) -> Any:
    return _score_halves if isinstance(scales, types.NoneType) else _score_bytes
