"""Words of memory that threads share without the GIL."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import config
from numba.extending import intrinsic

BYTES_OF_WORD = 8


def available() -> bool:
    """Whether kernels are compiled: plain Python has none of this."""
    return not getattr(config, "DISABLE_JIT")  # noqa: B009


def _load(typing_context: Any, board: Any, place: Any) -> Any:
    """board[place], and all that was written before it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_place(context, builder, signature, arguments), "acquire", BYTES_OF_WORD)

    return types.int64(board, types.int64), generate


def _store(typing_context: Any, board: Any, place: Any, word: Any) -> Any:
    """board[place] = word, after all that was written before."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        where = _place(context, builder, signature, arguments)
        builder.store_atomic(arguments[2], where, "release", BYTES_OF_WORD)
        return context.get_dummy_value()

    return types.void(board, types.int64, types.int64), generate


def _exchange(typing_context: Any, board: Any, place: Any, before: Any, after: Any) -> Any:
    """Whether board[place] was still `before`, and is `after` by this call."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        where = _place(context, builder, signature, arguments)
        return builder.extract_value(builder.cmpxchg(where, *arguments[2:], "acq_rel", "acquire"), 1)

    return types.boolean(board, types.int64, types.int64, types.int64), generate


def _place(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    board = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(board.data, [arguments[1]])


load: Any = intrinsic(_load)
store: Any = intrinsic(_store)
exchange: Any = intrinsic(_exchange)
