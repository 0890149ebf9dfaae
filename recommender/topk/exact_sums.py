"""The one sum that every exact score is: float64 products of float32 factors, added up in eight lanes, then as a tree.

Compiled code names the eight lanes as one vector; left to itself, the compiler adds them one by one and takes three
times as long. Python's own arithmetic, where nothing is compiled, gives the same to the last bit.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

WIDTH = 8


def sum_of_products(user, row, head):
    """Sum of user[f] * row[f] for f below head, a multiple of 8: running sums over f mod 8, joined two by two.

    user and row float32 in C order, of the same length; returns float64.
    """
    lanes = [0.0] * WIDTH
    for f in range(head):
        lanes[f % WIDTH] += float(user[f]) * float(row[f])
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))


@overload(sum_of_products, inline="always")
def _compiled(user, row, head):
    return lambda user, row, head: _in_lanes(user, row, head)  # type: ignore[call-arg]  # numba supplies the context


@intrinsic
def _in_lanes(typing_context: Any, user: Any, row: Any, head: Any) -> Any:
    return types.float64(user, row, head), _generate


def _generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    double = ir.DoubleType()
    narrow, wide = ir.VectorType(ir.FloatType(), WIDTH), ir.VectorType(double, WIDTH)
    starts = [
        builder.bitcast(context.make_array(kind)(context, builder, value).data, ir.PointerType(narrow))
        for kind, value in zip(signature.args[:2], arguments[:2], strict=True)
    ]
    total = cgutils.alloca_once_value(builder, ir.Constant(wide, [0.0] * WIDTH))
    steps = builder.sdiv(arguments[2], ir.Constant(arguments[2].type, WIDTH))
    with cgutils.for_range(builder, steps) as loop:
        factors = []
        for start in starts:
            loaded = builder.load(builder.gep(start, [loop.index]))
            loaded.align = 4
            factors.append(builder.fpext(loaded, wide))
        builder.store(builder.fadd(builder.load(total), builder.fmul(*factors)), total)
    sums = builder.load(total)
    lanes = [builder.extract_element(sums, ir.Constant(ir.IntType(32), lane)) for lane in range(WIDTH)]
    while len(lanes) > 1:
        lanes = [builder.fadd(first, second) for first, second in zip(lanes[::2], lanes[1::2], strict=True)]
    return lanes[0]
