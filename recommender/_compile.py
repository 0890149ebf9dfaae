"""How kernels are compiled: without the GIL, cached on disk where that is possible, and never failing for want of a
cache.
"""

from __future__ import annotations

from collections.abc import Callable
from pickle import UnpicklingError
from typing import Any, TypeVar

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])

# Reordering and contraction only: infinities and NaNs must keep their meaning, because bounds are compared with them.
FAST: frozenset[str] = frozenset({"reassoc", "contract", "arcp", "nsz"})


def kernel(*, fast: bool) -> Callable[[F], F]:
    """Compile a function with numba; `fast` lets the compiler reorder sums, which exact scores must not allow."""
    options: dict[str, Any] = {"nogil": True, "fastmath": set(FAST) if fast else False}

    def decorate(function: F) -> F:
        try:
            dispatcher = njit(cache=True, **options)(function)
        except RuntimeError:  # numba found no folder it may write to
            return njit(**options)(function)
        _forgive_broken_cache(dispatcher)
        return dispatcher

    return decorate


def _forgive_broken_cache(dispatcher: Any) -> None:
    """A cache that turns out damaged, full or read-only under way costs a compilation, never a request."""
    cache = getattr(dispatcher, "_cache", None)  # absent when NUMBA_DISABLE_JIT makes njit a no-op
    if cache is None or not hasattr(cache, "save_overload"):
        return

    def forgiving(use: Callable[..., Any]) -> Callable[..., Any]:
        def use_if_possible(*arguments: Any) -> Any:
            try:
                return use(*arguments)
            except (OSError, EOFError, UnpicklingError):
                cache.disable()
                return None

        return use_if_possible

    cache.load_overload = forgiving(cache.load_overload)
    cache.save_overload = forgiving(cache.save_overload)
