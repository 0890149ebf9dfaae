"""Kernels and arrays by their addresses, for a kernel that is told of many of them.

A kernel that is called by its address is the very code that one thread runs by itself: answers are the same to the last
bit, and nothing is compiled for a second time.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array


def _numbers_at(typing_context: Any, address: Any, length: Any, kind: Any) -> Any:
    """The array (length,) of numbers of this kind, in C order, that begins at an address; its caller keeps it alive."""
    array = types.Array(kind.dtype, 1, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        made = context.make_array(array)(context, builder)
        size = context.get_abi_sizeof(context.get_data_type(array.dtype))
        itemsize, number = context.get_constant(types.intp, size), context.get_data_type(array.dtype)
        data = builder.inttoptr(arguments[0], ir.PointerType(number))
        populate_array(made, data, [arguments[1]], [itemsize], itemsize, None)
        return made._getvalue()

    return array(types.int64, types.int64, kind), generate


def _calling(result: Any) -> Any:
    def call(typing_context: Any, address: Any, arguments: Any) -> Any:
        """What the kernel at an address, see `kernel.address_of`, makes of a tuple of arguments."""
        kinds = list(arguments)
        if any(isinstance(kind, types.Array) and kind.layout != "C" for kind in kinds):
            raise TypingError("arrays of a kernel that is called by its address must be in C order")

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            expected = context.call_conv.get_function_type(result, kinds)
            kernel_there = builder.inttoptr(values[0], ir.PointerType(expected))
            each = [builder.extract_value(values[1], n) for n in range(len(kinds))]
            status, found = context.call_conv.call_function(builder, kernel_there, result, kinds, each)
            with cgutils.if_unlikely(builder, status.is_error):
                context.call_conv.return_status_propagate(builder, status)
            return found

        return result(types.int64, arguments), generate

    return intrinsic(call)


numbers_at: Any = intrinsic(_numbers_at)
call_for_count: Any = _calling(types.int64)
call: Any = _calling(types.none)
