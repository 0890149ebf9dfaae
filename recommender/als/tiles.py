"""Steps of dense linear algebra on tiles of ROWS by LANES numbers, which stay in registers while products are added up.

Loops of a history's length are too short for what compilers make of them: whole vectors, then what is left one by one,
which is most of it. Compiled code names the vectors; Python's own arithmetic, where nothing is compiled, does the same.
Targets are float64 in C order and as wide as whole tiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic, overload

ROWS = 4
LANES = 8 if "+avx512f" in get_host_cpu_features().split(",") else 4
"""Numbers of a whole vector of this processor."""
SUMS = 2
"""Sums of every number of a tile, which do not wait for each other."""
CONTRACT = ("contract",)


def add_products(target, row, column, left, first, right, count):
    """target[row + r, column + l] += sum over p < count of left[p, first + r] * right[p, column + l], all float64 in
    two dimensions.
    """
    for r in range(ROWS):
        for p in range(count):
            scale = left[p, first + r]
            target[row + r, column : column + LANES] += scale * right[p, column : column + LANES]


def mix_rows(target, row, column, mixture):
    """target[row + r, column + l] = sum over s <= r of mixture[r, s] * target[row + s, column + l]; mixture float64
    (ROWS, ROWS).
    """
    part = target[row : row + ROWS, column : column + LANES].copy()
    for r in range(ROWS):
        target[row + r, column : column + LANES] = mixture[r, : r + 1] @ part[: r + 1]


def turn_tile(target, row, column, rows, items, row_scales, column_scales):
    """target[row + r, column + l] = row_scales[row + r] * column_scales[column + l] * rows[items[column + l], row + r],
    for r < LANES here: rows float32 (n, width), items int32 and column_scales float64 (columns,), row_scales float64.
    """
    some, places = slice(row, row + LANES), slice(column, column + LANES)
    target[some, places] = rows[items[places], some].T * column_scales[places] * row_scales[some, None]


@overload(add_products, inline="always")
def _products_compiled(target, row, column, left, first, right, count):
    return lambda target, row, column, left, first, right, count: _add(  # type: ignore[call-arg]  # numba adds the context
        target, row, column, left, first, right, count
    )


@overload(mix_rows, inline="always")
def _mixed_compiled(target, row, column, mixture):
    return lambda target, row, column, mixture: _mix(target, row, column, mixture)  # type: ignore[call-arg]


@overload(turn_tile, inline="always")
def _turned_compiled(target, row, column, rows, items, row_scales, column_scales):
    return lambda target, row, column, rows, items, row_scales, column_scales: _turn(  # type: ignore[call-arg]
        target, row, column, rows, items, row_scales, column_scales
    )


@intrinsic
def _add(typing_context: Any, target: Any, row: Any, column: Any, left: Any, first: Any, right: Any, count: Any) -> Any:
    return types.void(target, row, column, left, first, right, count), _write_sums


@intrinsic
def _mix(typing_context: Any, target: Any, row: Any, column: Any, mixture: Any) -> Any:
    return types.void(target, row, column, mixture), _write_mixed


@intrinsic
def _turn(
    typing_context: Any, target: Any, row: Any, column: Any, rows: Any, items: Any, row_scales: Any, column_scales: Any
) -> Any:
    return types.void(target, row, column, rows, items, row_scales, column_scales), _write_turned


TILE = ir.VectorType(ir.DoubleType(), LANES)


def _write_sums(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    _, row, column, _, first, _, count = arguments
    target, left, right = (Table(context, builder, signature, arguments, n) for n in (0, 3, 5))
    zeros = ir.Constant(TILE, [0.0] * LANES)
    sums = [[cgutils.alloca_once_value(builder, zeros) for _ in range(ROWS)] for _ in range(SUMS)]

    def add(p: Any, totals: Sequence[Any]) -> None:
        loaded = right.tile(p, column)
        for r, total in enumerate(totals):
            scale = in_every_lane(builder, builder.load(left.place(p, builder.add(first, right.number(r)))))
            product = builder.fmul(scale, loaded, flags=CONTRACT)
            builder.store(builder.fadd(builder.load(total), product, flags=CONTRACT), total)

    each = right.number(SUMS)
    whole = builder.mul(builder.udiv(count, each), each)
    with cgutils.for_range_slice(builder, right.number(0), whole, each, count.type) as (p, _):
        for n, totals in enumerate(sums):
            add(builder.add(p, right.number(n)), totals)
    with cgutils.for_range_slice(builder, whole, count, right.number(1), count.type) as (p, _):
        add(p, sums[0])
    for r in range(ROWS):
        place, total = builder.add(row, target.number(r)), builder.load(sums[0][r])
        for totals in sums[1:]:
            total = builder.fadd(total, builder.load(totals[r]))
        target.write(place, column, builder.fadd(target.tile(place, column), total))
    return context.get_dummy_value()


def _write_mixed(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    _, row, column, _ = arguments
    target, mixture = (Table(context, builder, signature, arguments, n) for n in (0, 3))
    places = [builder.add(row, target.number(r)) for r in range(ROWS)]
    parts = [target.tile(place, column) for place in places]
    for r, place in enumerate(places):
        total = None
        for s in range(r + 1):
            scale = in_every_lane(builder, builder.load(mixture.place(target.number(r), target.number(s))))
            product = builder.fmul(scale, parts[s], flags=CONTRACT)
            total = product if total is None else builder.fadd(total, product, flags=CONTRACT)
        target.write(place, column, total)
    return context.get_dummy_value()


def _write_turned(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    target, rows = (Table(context, builder, signature, arguments, n) for n in (0, 3))
    items, row_scales, column_scales = (
        context.make_array(signature.args[n])(context, builder, arguments[n]).data for n in (4, 5, 6)
    )
    _, row, column, *_ = arguments
    narrow, int32 = ir.VectorType(ir.FloatType(), LANES), ir.IntType(32)
    lines = []
    for lane in range(LANES):
        item = builder.zext(builder.load(builder.gep(items, [builder.add(column, target.number(lane))])), row.type)
        loaded = builder.load(builder.bitcast(rows.place(item, row), ir.PointerType(narrow)))
        loaded.align = 4
        lines.append(loaded)
    for step in (1 << level for level in range(LANES.bit_length() - 1)):  # swap ever larger squares across the diagonal
        for n in (n for n in range(LANES) if not n & step):
            pair = lines[n], lines[n + step]
            upper = [LANES + (lane ^ step) if lane & step else lane for lane in range(LANES)]
            lower = [LANES + lane if lane & step else lane | step for lane in range(LANES)]
            lines[n] = builder.shuffle_vector(*pair, ir.Constant(ir.VectorType(int32, LANES), upper))
            lines[n + step] = builder.shuffle_vector(*pair, ir.Constant(ir.VectorType(int32, LANES), lower))
    loaded = builder.load(builder.bitcast(builder.gep(column_scales, [column]), ir.PointerType(TILE)))
    loaded.align = 8
    for r, line in enumerate(lines):
        place = builder.add(row, target.number(r))
        scale = in_every_lane(builder, builder.load(builder.gep(row_scales, [place])))
        target.write(place, column, builder.fmul(builder.fpext(line, TILE), builder.fmul(scale, loaded)))
    return context.get_dummy_value()


class Table:
    """Code that reads and writes an argument of two dimensions."""

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Any, number: int) -> None:
        made = context.make_array(signature.args[number])(context, builder, arguments[number])
        self._builder, self._data, self._width = builder, made.data, builder.extract_value(made.shape, 1)

    def number(self, value: int) -> Any:
        """A constant of the type of indices."""
        return ir.Constant(self._width.type, value)

    def place(self, row: Any, column: Any) -> Any:
        """The address of a number."""
        return self._builder.gep(self._data, [self._builder.add(self._builder.mul(row, self._width), column)])

    def tile(self, row: Any, column: Any) -> Any:
        """LANES numbers from a place on."""
        loaded = self._builder.load(self._builder.bitcast(self.place(row, column), ir.PointerType(TILE)))
        loaded.align = 8
        return loaded

    def write(self, row: Any, column: Any, value: Any) -> None:
        """Write LANES numbers from a place on."""
        stored = self._builder.store(value, self._builder.bitcast(self.place(row, column), ir.PointerType(TILE)))
        stored.align = 8


def in_every_lane(builder: Any, value: Any) -> Any:
    """A number in every lane of a tile's row."""
    undefined = ir.Constant(TILE, ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))
