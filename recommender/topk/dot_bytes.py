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
def dot_bytes(typing_context: Any, user: Any, block: Any, dots: Any) -> Any:
    """Write dots[l] = sum_w sum_b user[w].byte[b] * block[w, l].byte[b], user bytes signed, block bytes unsigned.

    user int32 (words,), block int32 (words, LANES), dots int32 (LANES,), all in C order.
    """
    return types.void(user, block, dots), {VNNI: _with_vnni, AVX2: _with_avx2, PLAIN: _plainly}[METHOD]


def _with_vnni(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    sums = _Sums(context, builder, signature, arguments, WIDTH[VNNI])
    instruction = _declare(builder, INSTRUCTION, sums.lanes, [sums.lanes] * 3)
    with cgutils.for_range(builder, sums.words) as loop:
        spread = sums.spread(loop.index)
        for part, total in enumerate(sums.totals):
            packed = sums.packed(loop.index, part)
            builder.store(builder.call(instruction, [builder.load(total), packed, spread]), total)
    return sums.write()


def _with_avx2(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    sums = _Sums(context, builder, signature, arguments, WIDTH[AVX2])
    bytes_, halves = ir.VectorType(ir.IntType(8), 32), ir.VectorType(ir.IntType(16), 16)
    multiply = _declare(builder, "llvm.x86.avx2.pmadd.ub.sw", halves, [bytes_, bytes_])
    join = _declare(builder, "llvm.x86.avx2.pmadd.wd", sums.lanes, [halves, halves])
    ones = ir.Constant(halves, [1] * 16)

    def add(indices: list[Any]) -> None:
        spreads = [builder.bitcast(sums.spread(index), bytes_) for index in indices]
        for part, total in enumerate(sums.totals):
            slots = None
            for index, spread in zip(indices, spreads, strict=True):
                product = builder.call(multiply, [builder.bitcast(sums.packed(index, part), bytes_), spread])
                slots = product if slots is None else builder.add(slots, product)
            builder.store(builder.add(builder.load(total), builder.call(join, [slots, ones])), total)

    one = ir.Constant(sums.words.type, 1)
    with cgutils.for_range(builder, builder.lshr(sums.words, one)) as loop:
        first = builder.shl(loop.index, one)
        add([first, builder.add(first, one)])
    odd = builder.icmp_unsigned("==", builder.and_(sums.words, one), one)
    with builder.if_then(odd):
        add([builder.sub(sums.words, one)])
    return sums.write()


def _plainly(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    sums = _Sums(context, builder, signature, arguments, WIDTH[PLAIN])

    def constant(value: int) -> Any:
        return ir.Constant(sums.lanes, [value] * WIDTH[PLAIN])

    with cgutils.for_range(builder, sums.words) as loop:
        spread = sums.spread(loop.index)
        for part, total in enumerate(sums.totals):
            packed, added = sums.packed(loop.index, part), builder.load(total)
            for byte in range(4):
                signed = builder.ashr(builder.shl(spread, constant(24 - 8 * byte)), constant(24))
                unsigned = builder.and_(builder.lshr(packed, constant(8 * byte)), constant(255))
                added = builder.add(added, builder.mul(signed, unsigned))
            builder.store(added, total)
    return sums.write()


class _Sums:
    """What the code above is generated from: the arrays of a call, and running sums of `width` lanes."""

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Any, width: int) -> None:
        word, self.lanes = ir.IntType(32), ir.VectorType(ir.IntType(32), width)
        arrays = [
            context.make_array(kind)(context, builder, value)
            for kind, value in zip(signature.args, arguments, strict=True)
        ]
        self._context, self._builder, self._width = context, builder, width
        self._user = builder.bitcast(arrays[0].data, ir.PointerType(word))
        self._block, self._dots = (builder.bitcast(array.data, ir.PointerType(self.lanes)) for array in arrays[1:])
        self.words = builder.extract_value(arrays[0].shape, 0)
        zeros = ir.Constant(self.lanes, [0] * width)
        self.totals = [cgutils.alloca_once_value(builder, zeros) for _ in range(LANES // width)]

    def spread(self, index: Any) -> Any:
        """A word of the user, in every lane."""
        word, undefined = ir.IntType(32), ir.Constant(self.lanes, ir.Undefined)
        loaded = self._builder.load(self._builder.gep(self._user, [index]))
        first = self._builder.insert_element(undefined, loaded, ir.Constant(word, 0))
        zeros = ir.Constant(ir.VectorType(word, self._width), [0] * self._width)
        return self._builder.shuffle_vector(first, undefined, zeros)

    def packed(self, index: Any, part: int) -> Any:
        """A word of each item of a part of the block."""
        row = self._builder.mul(index, ir.Constant(index.type, len(self.totals)))
        place = self._builder.gep(self._block, [self._builder.add(row, ir.Constant(row.type, part))])
        loaded = self._builder.load(place)
        loaded.align = 4
        return loaded

    def write(self) -> Any:
        """Write the sums out."""
        for part, total in enumerate(self.totals):
            place = self._builder.gep(self._dots, [ir.Constant(ir.IntType(32), part)])
            written = self._builder.store(self._builder.load(total), place)
            written.align = 4
        return self._context.get_dummy_value()


def _declare(builder: Any, name: str, result: Any, arguments: list[Any]) -> Any:
    return cgutils.get_or_insert_function(builder.module, ir.FunctionType(result, arguments), name)
