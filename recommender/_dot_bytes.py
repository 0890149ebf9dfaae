"""One instruction that numba has no word for: VPDPBUSD, four products of bytes added to an int32, sixteen lanes at a
time.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils, config
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic

from recommender._kernels import LANES

WIDTH = 16
INSTRUCTION = "llvm.x86.avx512.vpdpbusd.512"
NEEDED = {"+avx512f", "+avx512vnni"}


def available() -> bool:
    """Whether kernels are compiled for a processor that has the instruction (and are compiled at all)."""
    chosen_by_hand = (getattr(config, name) for name in ("CPU_NAME", "CPU_FEATURES"))
    if getattr(config, "DISABLE_JIT") or any(value is not None for value in chosen_by_hand):  # noqa: B009
        return False
    return set(get_host_cpu_features().split(",")) >= NEEDED


@intrinsic
def dot_bytes(typing_context: Any, user: Any, block: Any, dots: Any) -> Any:
    """Write dots[l] = sum_w sum_b user[w].byte[b] * block[w, l].byte[b], user bytes signed, block bytes unsigned.

    user int32 (words,), block int32 (words, LANES), dots int32 (LANES,), all in C order.
    """
    return types.void(user, block, dots), _generate


def _generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    word, lanes = ir.IntType(32), ir.VectorType(ir.IntType(32), WIDTH)
    arrays = [
        context.make_array(kind)(context, builder, value) for kind, value in zip(signature.args, arguments, strict=True)
    ]
    user = builder.bitcast(arrays[0].data, ir.PointerType(word))
    block, dots = (builder.bitcast(array.data, ir.PointerType(lanes)) for array in arrays[1:])
    instruction = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(lanes, [lanes, lanes, lanes]), INSTRUCTION
    )
    words = builder.extract_value(arrays[0].shape, 0)
    sums = [cgutils.alloca_once_value(builder, ir.Constant(lanes, [0] * WIDTH)) for _ in range(LANES // WIDTH)]
    undefined = ir.Constant(lanes, ir.Undefined)
    with cgutils.for_range(builder, words) as loop:
        first = builder.insert_element(undefined, builder.load(builder.gep(user, [loop.index])), ir.Constant(word, 0))
        spread = builder.shuffle_vector(first, undefined, ir.Constant(lanes, [0] * WIDTH))
        row = builder.mul(loop.index, ir.Constant(loop.index.type, len(sums)))
        for part, total in enumerate(sums):
            place = builder.gep(block, [builder.add(row, ir.Constant(row.type, part))])
            packed = builder.load(place)
            packed.align = 4
            builder.store(builder.call(instruction, [builder.load(total), packed, spread]), total)
    for part, total in enumerate(sums):
        written = builder.store(builder.load(total), builder.gep(dots, [ir.Constant(word, part)]))
        written.align = 4
    return context.get_dummy_value()
