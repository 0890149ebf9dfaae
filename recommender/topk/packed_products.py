"""Products of packed numbers of which only large ones matter: flags for a block of items whose numbers have four bits,
or the sum of a single row of bytes.

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
    add_four,
    add_plainly,
    arrays,
    flags_of_parts,
    in_every_lane,
    join_pairs,
    load_words,
    multiply_pairs,
)
from recommender.topk.score_kernels import LANES

GROUP = 16
"""Lanes of a block that share a limit: one vector of the widest kind, and a fourth of a block."""
ROW_WORDS = 16
"""The words of a row are a multiple of this: whole vectors, and whole lines of the cache."""


def mark_block(user, blocks, b, cells, limits):
    """Flags uint64, bit l set where the sum of user and lane l of block b reaches the limit of the lane's group.

    user int32 (2 * words,) of signed bytes, blocks int32 (n, words, LANES) of unsigned ones, in C order. A byte holds
    two numbers from 0 to 15. In words as they are high ones count sixteen times as much as low ones, in words moved by
    four bits low ones sixteen times as much as the high ones of the byte below; to part them would take longer. So the
    sum is that of user[w].byte * (16 * blocks[b, w, l]).byte + user[words + w].byte * blocks[b, w, l].byte. The limit
    of group g, which are GROUP lanes, is limits[cells[g]], cells int32 (n * LANES / GROUP,), limits int32.
    """
    parts = LANES // GROUP
    flags = 0
    for part in range(parts):
        sums = _lane_sums(user, blocks, b * parts + part)
        reaching = np.flatnonzero(sums >= limits[cells[b * parts + part]]).tolist()
        flags |= sum(1 << part * GROUP + lane for lane in reaching)
    return np.uint64(flags)


def dot_group(user, blocks, group, products):
    """Write the sums of `mark_block` of one group into products int32 (GROUP,)."""
    products[:] = _lane_sums(user, blocks, group)


def _lane_sums(user, blocks, group):
    b, lane = divmod(int(group), LANES // GROUP)
    words = np.ascontiguousarray(blocks[b, :, lane * GROUP : (lane + 1) * GROUP])
    packed = np.concatenate((words << 4, words)).view(np.uint8).astype(np.int64).reshape(-1, GROUP, 4)
    return (user.view(np.int8).astype(np.int64).reshape(-1, 1, 4) * packed).sum(axis=(0, 2))


def dot_row(user, rows, place):
    """Sum of the products of user int32 (words,) of signed bytes and rows[place], rows int32 (n, words) of unsigned
    ones; words is a multiple of ROW_WORDS. Returns int32.
    """
    return int((user.view(np.int8).astype(np.int64) * rows[place].view(np.uint8).astype(np.int64)).sum())


def fetch_row(rows, place):
    """Ask for rows[place] of int32 or float32 (n, width) to be in the nearest cache soon; nothing waits for it."""


def flags_of(numbers, limit):
    """Flags uint64, bit l set unless numbers[l] is below limit: numbers float32 (LANES or more,), limit float32."""
    return np.uint64(sum(1 << lane for lane in np.flatnonzero(~(numbers[:LANES] < limit)).tolist()))


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
def _mark_compiled(user, blocks, b, cells, limits):
    return lambda user, blocks, b, cells, limits: _marked(  # type: ignore[call-arg]  # numba supplies the context
        user,
        blocks,
        b,
        limits[cells[4 * b]],
        limits[cells[4 * b + 1]],
        limits[cells[4 * b + 2]],
        limits[cells[4 * b + 3]],
    )


@overload(dot_group, inline="always")
def _products_compiled(user, blocks, group, products):
    return lambda user, blocks, group, products: _written(user, blocks, group, products)  # type: ignore[call-arg]


@overload(dot_row, inline="always")
def _dot_compiled(user, rows, place):
    return lambda user, rows, place: _row_sum(user, rows, place)  # type: ignore[call-arg]


@overload(fetch_row, inline="always")
def _fetch_compiled(rows, place):
    return lambda rows, place: _fetch(rows, place)  # type: ignore[call-arg]


@overload(flags_of, inline="always")
def _flags_compiled(numbers, limit):
    return lambda numbers, limit: _compared(numbers, limit)  # type: ignore[call-arg]  # numba supplies the context


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
def _marked(typing_context: Any, user: Any, blocks: Any, b: Any, first: Any, second: Any, third: Any, last: Any) -> Any:
    return types.uint64(user, blocks, b, first, second, third, last), _generate_marks


def _generate_marks(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    user, blocks = arrays(context, builder, signature, arguments)
    first = builder.mul(arguments[2], ir.Constant(arguments[2].type, LANES // GROUP))
    totals = _nibble_sums(builder, user, blocks, first, LANES)
    lanes, kind = totals[0].type, ir.IntType(64)
    marks = ir.Constant(kind, 0)
    for part, total in enumerate(totals):
        limit = in_every_lane(builder, arguments[3 + part * lanes.count // GROUP], lanes)
        reached = builder.bitcast(builder.icmp_signed(">=", total, limit), ir.IntType(lanes.count))
        place = ir.Constant(kind, part * lanes.count)
        marks = builder.or_(marks, builder.shl(builder.zext(reached, kind), place))
    return marks


@intrinsic
def _written(typing_context: Any, user: Any, blocks: Any, group: Any, products: Any) -> Any:
    return types.void(user, blocks, group, products), _write_products


def _write_products(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    user, blocks, products = arrays(context, builder, signature, arguments)
    totals = _nibble_sums(builder, user, blocks, arguments[2], GROUP)
    place = builder.bitcast(products.data, ir.PointerType(totals[0].type))
    for part, total in enumerate(totals):
        written = builder.store(total, builder.gep(place, [ir.Constant(WORD, part)]))
        written.align = 4
    return context.get_dummy_value()


def _nibble_sums(builder: Any, user: Any, blocks: Any, group: Any, count: int) -> list[Any]:
    """Vectors of the sums of `count` lanes, beside each other, from the first lane of a group on."""
    width = WIDTH[METHOD]
    lanes, parts = ir.VectorType(WORD, width), count // width
    words = builder.extract_value(blocks.shape, 1)

    def whole(value: int) -> Any:
        return ir.Constant(words.type, value)

    groups = LANES // GROUP
    block = builder.mul(builder.udiv(group, whole(groups)), builder.mul(words, whole(LANES)))
    first = builder.add(block, builder.mul(builder.urem(group, whole(groups)), whole(GROUP)))
    start = builder.bitcast(builder.gep(blocks.data, [first]), ir.PointerType(lanes))
    fours, zeros = (ir.Constant(lanes, [value] * width) for value in (4, 0))
    sums = [cgutils.alloca_once_value(builder, zeros) for _ in range(parts)]
    with cgutils.for_range(builder, words) as loop:
        shifted, unshifted = (
            in_every_lane(builder, builder.load(builder.gep(user.data, [place])), lanes)
            for place in (loop.index, builder.add(words, loop.index))
        )
        line = builder.mul(loop.index, whole(LANES // width))
        for part, total in enumerate(sums):
            packed = load_words(builder, builder.gep(start, [builder.add(line, whole(part))]))
            added = _add_products(builder, builder.load(total), builder.shl(packed, fours), shifted)
            builder.store(_add_products(builder, added, packed, unshifted), total)
    return [builder.load(total) for total in sums]


def _add_products(builder: Any, total: Any, unsigned: Any, signed: Any) -> Any:
    """Add to each lane its four products of bytes, on whatever processor."""
    if METHOD == VNNI:
        return add_four(builder, total, unsigned, signed)
    if METHOD == AVX2:
        return builder.add(total, join_pairs(builder, multiply_pairs(builder, unsigned, signed)))
    return add_plainly(builder, total, unsigned, signed)


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
        builder.store(_add_products(builder, builder.load(total), unsigned, signed), total)
    name = f"llvm.vector.reduce.add.v{width}i32"
    reduce = cgutils.get_or_insert_function(builder.module, ir.FunctionType(WORD, [lanes]), name)
    return builder.call(reduce, [builder.load(total)])


@intrinsic
def _fetch(typing_context: Any, rows: Any, place: Any) -> Any:
    return types.void(rows, place), _generate_fetch


def _generate_fetch(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    (rows,) = arrays(context, builder, signature, arguments)
    width, byte = builder.extract_value(rows.shape, 1), ir.IntType(8).as_pointer()
    line, up = (ir.Constant(width.type, size) for size in (ROW_WORDS, ROW_WORDS - 1))
    start = builder.gep(rows.data, [builder.mul(arguments[1], width)])
    kind = ir.FunctionType(ir.VoidType(), [byte, WORD, WORD, WORD])
    prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
    to_read, nearest, data = (ir.Constant(WORD, flag) for flag in (0, 3, 1))
    with cgutils.for_range(builder, builder.udiv(builder.add(width, up), line)) as loop:
        place = builder.gep(start, [builder.mul(loop.index, line)])
        builder.call(prefetch, [builder.bitcast(place, byte), to_read, nearest, data])
    return context.get_dummy_value()


@intrinsic
def _compared(typing_context: Any, numbers: Any, limit: Any) -> Any:
    return types.uint64(numbers, limit), _compare


def _compare(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    (numbers,) = arrays(context, builder, signature, arguments)
    lanes = ir.VectorType(ir.FloatType(), WIDTH[METHOD])
    start = builder.bitcast(numbers.data, ir.PointerType(lanes))
    places = (builder.gep(start, [ir.Constant(WORD, part)]) for part in range(LANES // lanes.count))
    return flags_of_parts(builder, [load_words(builder, place) for place in places], arguments[1])


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
