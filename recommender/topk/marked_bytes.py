"""Products of packed bytes of which only large ones matter: flags for a block of items, or the sum of a single row.

Compiled code names the vectors, see `dot_bytes`; Python's own arithmetic, where nothing is compiled, gives the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from recommender.topk.dot_bytes import (
    AVX2,
    METHOD,
    VNNI,
    WIDTH,
    WORD,
    Sums,
    add_four,
    add_plainly,
    arrays,
    dot_bytes,
    join_pairs,
    load_words,
    multiply_pairs,
)
from recommender.topk.score_kernels import LANES

ROW_WORDS = 16
"""The words of a row are a multiple of this: whole vectors, and whole lines of the cache."""


def mark_block(user, blocks, b, limit):
    """Flags uint64, bit l set where sum_w sum_byte user[w].byte * blocks[b, w, l].byte >= limit (int32).

    user int32 (words,) of signed bytes, blocks int32 (n, words, LANES) of unsigned ones, in C order.
    """
    products = np.empty(LANES, dtype=np.int32)
    dot_block(user, blocks, b, products)
    return np.uint64(sum(1 << lane for lane in np.flatnonzero(products >= limit).tolist()))


def dot_block(user, blocks, b, products):
    """Write the sums that `mark_block` compares into products int32 (LANES,)."""
    signed = user.view(np.int8).astype(np.int64).reshape(-1, 1, 4)
    unsigned = np.ascontiguousarray(blocks[b]).view(np.uint8).astype(np.int64).reshape(len(user), LANES, 4)
    products[:] = (signed * unsigned).sum(axis=(0, 2))


def dot_row(user, rows, place):
    """Sum of the products of user int32 (words,) of signed bytes and rows[place], rows int32 (n, words) of unsigned
    ones; words is a multiple of ROW_WORDS. Returns int32.
    """
    return int((user.view(np.int8).astype(np.int64) * rows[place].view(np.uint8).astype(np.int64)).sum())


def lowest_bit(flags):
    """The number of the lowest bit that is set in flags uint64, 64 if none is."""
    lowest = int(flags) & -int(flags)
    return lowest.bit_length() - 1 if lowest else 64


def clear_lowest(flags):
    """The flags without the lowest that is set; none stay none."""
    return np.uint64(int(flags) & (int(flags) - 1))


def count_bits(flags):
    """How many bits are set in flags uint64."""
    return int(flags).bit_count()


@overload(mark_block, inline="always")
def _mark_compiled(user, blocks, b, limit):
    return lambda user, blocks, b, limit: _marked(user, blocks, b, limit)  # type: ignore[call-arg]


@overload(dot_block, inline="always")
def _products_compiled(user, blocks, b, products):
    return lambda user, blocks, b, products: dot_bytes(user, blocks[b], products)  # type: ignore[call-arg]


@overload(dot_row, inline="always")
def _dot_compiled(user, rows, place):
    return lambda user, rows, place: _row_sum(user, rows, place)  # type: ignore[call-arg]


@overload(lowest_bit, inline="always")
def _lowest_compiled(flags):
    return lambda flags: _zeros_below(flags)  # type: ignore[call-arg]  # numba supplies the context


@overload(clear_lowest, inline="always")
def _clear_compiled(flags):
    return lambda flags: flags & (flags - np.uint64(1))


@overload(count_bits, inline="always")
def _count_compiled(flags):
    return lambda flags: _ones(flags)  # type: ignore[call-arg]  # numba supplies the context


@intrinsic
def _marked(typing_context: Any, user: Any, blocks: Any, b: Any, limit: Any) -> Any:
    return types.uint64(user, blocks, b, limit), _generate_marks


def _generate_marks(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    user, blocks = arrays(context, builder, signature, arguments)
    words, flags = builder.extract_value(user.shape, 0), ir.IntType(64)
    start = builder.mul(arguments[2], builder.mul(words, ir.Constant(words.type, LANES)))
    totals = Sums(builder, user.data, builder.gep(blocks.data, [start]), words).totals
    lanes, marks = totals[0].type, ir.Constant(flags, 0)
    first = builder.insert_element(ir.Constant(lanes, ir.Undefined), arguments[3], ir.Constant(WORD, 0))
    limits = builder.shuffle_vector(first, first, ir.Constant(lanes, [0] * lanes.count))
    for part, total in enumerate(totals):
        reached = builder.bitcast(builder.icmp_signed(">=", total, limits), ir.IntType(lanes.count))
        place = ir.Constant(flags, part * lanes.count)
        marks = builder.or_(marks, builder.shl(builder.zext(reached, flags), place))
    return marks


@intrinsic
def _row_sum(typing_context: Any, user: Any, rows: Any, place: Any) -> Any:
    return types.int32(user, rows, place), _generate_row_sum


def _generate_row_sum(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    user, rows = arrays(context, builder, signature, arguments)
    words, width = builder.extract_value(user.shape, 0), WIDTH[METHOD]
    lanes = ir.VectorType(WORD, width)
    row = builder.gep(rows.data, [builder.mul(arguments[2], words)])
    starts = [builder.bitcast(start, ir.PointerType(lanes)) for start in (user.data, row)]
    total = cgutils.alloca_once_value(builder, ir.Constant(lanes, [0] * width))
    with cgutils.for_range(builder, builder.udiv(words, ir.Constant(words.type, width))) as loop:
        signed, unsigned = (load_words(builder, builder.gep(start, [loop.index])) for start in starts)
        added = builder.load(total)
        if METHOD == VNNI:
            added = add_four(builder, added, unsigned, signed)
        elif METHOD == AVX2:
            added = builder.add(added, join_pairs(builder, multiply_pairs(builder, unsigned, signed)))
        else:
            added = add_plainly(builder, added, unsigned, signed)
        builder.store(added, total)
    name = f"llvm.vector.reduce.add.v{width}i32"
    reduce = cgutils.get_or_insert_function(builder.module, ir.FunctionType(WORD, [lanes]), name)
    return builder.call(reduce, [builder.load(total)])


@intrinsic
def _zeros_below(typing_context: Any, flags: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@intrinsic
def _ones(typing_context: Any, flags: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate
