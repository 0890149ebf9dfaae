"""Products of packed bytes, by instructions that numba has no word for.

VPDPBUSD (AVX512-VNNI) adds four products of bytes to an int32, sixteen lanes at a time. AVX2 has VPMADDUBSW, which adds
two products to an int16, eight lanes at a time, and VPMADDWD, which joins these to an int32: the user's bytes have to
keep the int16 from saturating, see `NARROW_SUMS`. Elsewhere plain vectors do the same, slowly.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils, config
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic

from recommender.topk.score_kernels import LANES

VNNI, AVX2, PLAIN = "AVX512-VNNI", "AVX2", "plain"
NEEDED = {VNNI: {"+avx512f", "+avx512vnni"}, AVX2: {"+avx2"}}
WIDTH = {VNNI: 16, AVX2: 8, PLAIN: 16}
"""Lanes that are added to at a time."""
WORD = ir.IntType(32)
INSTRUCTION = "llvm.x86.avx512.vpdpbusd.512"


def method() -> str:
    """How kernels multiply bytes on the processor that they are compiled for."""
    chosen_by_hand = (getattr(config, name) for name in ("CPU_NAME", "CPU_FEATURES"))
    if any(value is not None for value in chosen_by_hand):
        return PLAIN
    features = set(get_host_cpu_features().split(","))
    return next((name for name, needed in NEEDED.items() if features >= needed), PLAIN)


METHOD = method()
NARROW_SUMS = METHOD == AVX2
"""Whether products are added up in 16 bits: bytes 2h and 2h + 1 of words 2w and 2w + 1, for h = 0, 1. Of these four
bytes of a user the positive ones must not add up to more than 128, nor the negative ones to less than -128, so that no
sum of their products with bytes up to 255 passes 128 * 255 = 32640.
"""


def available() -> bool:
    """Whether kernels are compiled, and for a processor that multiplies bytes faster than anything else."""
    return METHOD != PLAIN and not getattr(config, "DISABLE_JIT")  # noqa: B009


@intrinsic
def score_bytes(
    typing_context: Any, user: Any, blocks: Any, b: Any, scales: Any, step: Any, offset: Any, limit: Any, scores: Any
) -> Any:
    """Write scores[l] = step * scales[b, l] * (sum_w sum_byte user[w].byte * blocks[b, w, l].byte - offset), user bytes
    signed, block bytes unsigned; returns flags uint64, bit l set unless scores[l] is below limit: a NaN is not.

    user int32 (words,), blocks int32 (n, words, LANES), scales float32 (n, LANES), scores float32 (LANES,), all in C
    order; step and limit float32, offset int32. Nothing leaves the registers between a product and its flag.
    """
    return types.uint64(user, blocks, b, scales, step, offset, limit, scores), _write_scores


def _write_scores(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    user, blocks, scales, scores = arrays(context, builder, signature, arguments)
    b, (step, offset, limit), flags = arguments[2], arguments[4:7], ir.IntType(64)
    words, lanes = builder.extract_value(blocks.shape, 1), ir.Constant(flags, LANES)
    first = builder.mul(b, lanes)
    sums = Sums(builder, user.data, builder.gep(blocks.data, [builder.mul(first, words)]), words)
    floats = ir.VectorType(ir.FloatType(), sums.lanes.count)
    of_block, written = (
        builder.bitcast(start, ir.PointerType(floats)) for start in (builder.gep(scales.data, [first]), scores.data)
    )
    steps, offsets = in_every_lane(builder, step, floats), in_every_lane(builder, offset, sums.lanes)
    found = []
    for part, total in enumerate(sums.totals):
        place = ir.Constant(WORD, part)
        scale = builder.fmul(steps, load_words(builder, builder.gep(of_block, [place])))
        score = builder.fmul(builder.sitofp(builder.sub(total, offsets), floats), scale)
        stored = builder.store(score, builder.gep(written, [place]))
        stored.align = 4
        found.append(score)
    return flags_of_parts(builder, found, limit)


def flags_of_parts(builder: Any, parts: list[Any], limit: Any) -> Any:
    """Flags uint64 of vectors of floats beside each other: bit l set unless number l is below limit."""
    lanes, flags = parts[0].type, ir.IntType(64)
    limits, marks = in_every_lane(builder, limit, lanes), ir.Constant(flags, 0)
    for part, numbers in enumerate(parts):
        reached = builder.bitcast(builder.fcmp_unordered(">=", numbers, limits), ir.IntType(lanes.count))
        place = ir.Constant(flags, part * lanes.count)
        marks = builder.or_(marks, builder.shl(builder.zext(reached, flags), place))
    return marks


def arrays(context: Any, builder: Any, signature: Any, arguments: Any) -> list[Any]:
    """What generated code knows of the arrays that it was given: `data`, `shape` and so on."""
    pairs = zip(signature.args, arguments, strict=True)
    return [context.make_array(kind)(context, builder, value) for kind, value in pairs if hasattr(kind, "ndim")]


class Sums:
    """Code that adds up the products of a user's words with a block: `totals` are vectors of `WIDTH[METHOD]` lanes, one
    for each part of the block.

    user and block are pointers to int32: to `words` of them, and to as many times LANES.
    """

    def __init__(self, builder: Any, user: Any, block: Any, words: Any) -> None:
        self._builder, self._width = builder, WIDTH[METHOD]
        self.lanes = ir.VectorType(WORD, self._width)
        self._user, self._block = user, builder.bitcast(block, ir.PointerType(self.lanes))
        zeros = ir.Constant(self.lanes, [0] * self._width)
        self._sums = [cgutils.alloca_once_value(builder, zeros) for _ in range(LANES // self._width)]
        {VNNI: self._with_vnni, AVX2: self._with_avx2, PLAIN: self._plainly}[METHOD](words)
        self.totals = [builder.load(total) for total in self._sums]

    def _with_vnni(self, words: Any) -> None:
        builder = self._builder
        with cgutils.for_range(builder, words) as loop:
            spread = self._spread(loop.index)
            for part, total in enumerate(self._sums):
                packed = self._packed(loop.index, part)
                builder.store(add_four(builder, builder.load(total), packed, spread), total)

    def _with_avx2(self, words: Any) -> None:
        builder = self._builder

        def add(indices: list[Any]) -> None:
            spreads = [self._spread(index) for index in indices]
            for part, total in enumerate(self._sums):
                slots = None
                for index, spread in zip(indices, spreads, strict=True):
                    product = multiply_pairs(builder, self._packed(index, part), spread)
                    slots = product if slots is None else builder.add(slots, product)
                builder.store(builder.add(builder.load(total), join_pairs(builder, slots)), total)

        one = ir.Constant(words.type, 1)
        with cgutils.for_range(builder, builder.lshr(words, one)) as loop:
            first = builder.shl(loop.index, one)
            add([first, builder.add(first, one)])
        odd = builder.icmp_unsigned("==", builder.and_(words, one), one)
        with builder.if_then(odd):
            add([builder.sub(words, one)])

    def _plainly(self, words: Any) -> None:
        builder = self._builder
        with cgutils.for_range(builder, words) as loop:
            spread = self._spread(loop.index)
            for part, total in enumerate(self._sums):
                packed = self._packed(loop.index, part)
                builder.store(add_plainly(builder, builder.load(total), packed, spread), total)

    def _spread(self, index: Any) -> Any:
        """A word of the user, in every lane."""
        return in_every_lane(self._builder, self._builder.load(self._builder.gep(self._user, [index])), self.lanes)

    def _packed(self, index: Any, part: int) -> Any:
        """A word of each item of a part of the block."""
        row = self._builder.mul(index, ir.Constant(index.type, len(self._sums)))
        place = self._builder.gep(self._block, [self._builder.add(row, ir.Constant(row.type, part))])
        return load_words(self._builder, place)


def in_every_lane(builder: Any, value: Any, lanes: Any) -> Any:
    """A number of 32 bits, in every lane of a vector of this type."""
    undefined = ir.Constant(lanes, ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(WORD, 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(WORD, lanes.count), [0] * lanes.count))


def load_words(builder: Any, place: Any) -> Any:
    """The vector at a pointer, which need not be aligned."""
    loaded = builder.load(place)
    loaded.align = 4
    return loaded


def add_four(builder: Any, total: Any, unsigned: Any, signed: Any) -> Any:
    """Add to each lane of 16 int32 its four products of bytes (AVX512-VNNI)."""
    kind = ir.VectorType(WORD, WIDTH[VNNI])
    return builder.call(_declare(builder, INSTRUCTION, kind, [kind] * 3), [total, unsigned, signed])


def multiply_pairs(builder: Any, unsigned: Any, signed: Any) -> Any:
    """Sums of two products of bytes each, int16, of 8 int32 (AVX2); see `NARROW_SUMS`."""
    bytes_, halves = ir.VectorType(ir.IntType(8), 32), ir.VectorType(ir.IntType(16), 16)
    multiply = _declare(builder, "llvm.x86.avx2.pmadd.ub.sw", halves, [bytes_, bytes_])
    return builder.call(multiply, [builder.bitcast(unsigned, bytes_), builder.bitcast(signed, bytes_)])


def join_pairs(builder: Any, slots: Any) -> Any:
    """Sums of two int16 each, 8 int32 (AVX2)."""
    lanes, halves = ir.VectorType(WORD, WIDTH[AVX2]), ir.VectorType(ir.IntType(16), 16)
    join = _declare(builder, "llvm.x86.avx2.pmadd.wd", lanes, [halves, halves])
    return builder.call(join, [slots, ir.Constant(halves, [1] * 16)])


def add_plainly(builder: Any, total: Any, unsigned: Any, signed: Any) -> Any:
    """Add to each lane its four products of bytes, by what every processor has."""

    def constant(value: int) -> Any:
        return ir.Constant(total.type, [value] * total.type.count)

    for byte in range(4):
        first = builder.ashr(builder.shl(signed, constant(24 - 8 * byte)), constant(24))
        second = builder.and_(builder.lshr(unsigned, constant(8 * byte)), constant(255))
        total = builder.add(total, builder.mul(first, second))
    return total


def _declare(builder: Any, name: str, result: Any, arguments: list[Any]) -> Any:
    return cgutils.get_or_insert_function(builder.module, ir.FunctionType(result, arguments), name)
