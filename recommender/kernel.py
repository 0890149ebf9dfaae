"""How kernels are compiled: cached on disk where that is possible, never failing for want of a cache, and without the
GIL where they take long.
"""

from __future__ import annotations

import gc
import hashlib
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, TypeVar

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])

# Reordering and contraction only: infinities and NaNs must keep their meaning, because bounds are compared with them.
FAST: frozenset[str] = frozenset({"reassoc", "contract", "arcp", "nsz"})


def kernel(*, fast: bool, hold_gil: bool = False) -> Callable[[F], F]:
    """Compile a function with numba; `fast` lets the compiler reorder sums, which exact scores must not allow.

    Dividing by zero follows IEEE 754, as in NumPy. Numba's own rule is to raise, which puts a branch into every loop
    that divides, so that it is not vectorised, and code for the error into every kernel.

    A kernel with `hold_gil` keeps the GIL. Giving it away for microseconds costs more than it gains: with other threads
    at work it takes a wake-up to hand it over, and up to the switch interval of 5 ms to get it back.
    """
    options: dict[str, Any] = {
        "nogil": not hold_gil,
        "fastmath": set(FAST) if fast else False,
        "error_model": "numpy",
        "no_cfunc_wrapper": True,  # nothing is called by C, and wrappers are a tenth of what there is to compile
    }

    def decorate(function: F) -> F:
        try:
            dispatcher = njit(cache=True, **options)(function)
        except RuntimeError:  # numba found no folder it may write to
            return njit(**options)(function)
        _tie_cache_to_all_kernels(dispatcher)
        _forgive_broken_cache(dispatcher)
        _tell_of_long_compilation(dispatcher)
        return dispatcher

    return decorate


@cache
def _kernel_sources() -> str:
    """A digest of every source that kernels are made from: what has this decorator or speaks to numba itself."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        source = path.read_bytes()
        if b"recommender.kernel import" in source or b"numba" in source:
            digest.update(source)
    return digest.hexdigest()


def _tie_cache_to_all_kernels(dispatcher: Any) -> None:
    """Numba compares a cached kernel with its own file only, so a change to a kernel or constant that it takes in from
    another file would go unnoticed and give wrong answers: let the stamp cover them all.
    """
    file = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if file is not None and hasattr(file, "_source_stamp"):
        file._source_stamp = (file._source_stamp, _kernel_sources())


def _forgive_broken_cache(dispatcher: Any) -> None:
    """A cache that turns out damaged, full or read-only under way costs a compilation, never a request."""
    stored = getattr(dispatcher, "_cache", None)  # absent when NUMBA_DISABLE_JIT makes njit a no-op
    if stored is None or not hasattr(stored, "save_overload"):
        return

    def forgiving(use: Callable[..., Any]) -> Callable[..., Any]:
        def use_if_possible(*arguments: Any) -> Any:
            try:
                return use(*arguments)
            except (OSError, EOFError, UnpicklingError):
                stored.disable()
                return None

        return use_if_possible

    stored.load_overload = forgiving(stored.load_overload)
    stored.save_overload = forgiving(stored.save_overload)


TELL_AFTER_S = 0.5
"""Seconds of compilation after which a terminal is told."""
_compiled_s = 0.0
_told = False


def has_terminal() -> bool:
    """Whether standard error is a terminal; a process that was started without it, or has closed it, has none."""
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):
        return False


def _tell_of_long_compilation(dispatcher: Any) -> None:
    """Say once, on a terminal only, why a first call takes seconds: kernels that no cache holds are compiled."""
    compile_ = getattr(dispatcher, "_compile_for_args", None)
    if compile_ is None:  # NUMBA_DISABLE_JIT makes njit a no-op
        return

    def compile_and_tell(*arguments: Any, **named: Any) -> Any:
        global _compiled_s, _told
        if not _told and _compiled_s > TELL_AFTER_S and has_terminal():
            _told = True
            print(WORD, file=sys.stderr, flush=True)
        start, collected = time.perf_counter(), gc.isenabled()
        gc.disable()  # compiling makes millions of objects that live on: looking for dead ones takes a tenth of it
        try:
            return compile_(*arguments, **named)
        finally:
            if collected:
                gc.enable()
            _compiled_s += time.perf_counter() - start

    dispatcher._compile_for_args = compile_and_tell


WORD = (
    "recommender compiles its kernels for this processor, which takes some seconds. Later runs find them compiled "
    "where numba can keep them (beside the package, or in NUMBA_CACHE_DIR)."
)
