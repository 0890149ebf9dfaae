"""How kernels are compiled: cached on disk where that is possible, never failing for want of a cache, and without the
GIL where they take long. Compiling takes a second where the first lines of a newcomer take a thousandth, so kernels of
which plain Python gives the same to the last bit run as that while there is little to do.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, TypeVar

import numpy as np
from numba import njit, typeof

from recommender.interactions.collector import collector_waiting

F = TypeVar("F", bound=Callable[..., Any])

# Reordering and contraction only: infinities and NaNs must keep their meaning, because bounds are compared with them.
FAST: frozenset[str] = frozenset({"reassoc", "contract", "arcp", "nsz"})


def kernel(*, fast: bool, hold_gil: bool = False, patient: bool = False, makes_arrays: bool = True) -> Callable[[F], F]:
    """Compile a function with numba; `fast` lets the compiler reorder sums, which exact scores must not allow.

    Dividing by zero follows IEEE 754, as in NumPy. Numba's own rule is to raise, which puts a branch into every loop
    that divides, so that it is not vectorised, and code for the error into every kernel.

    A kernel with `hold_gil` keeps the GIL. Giving it away for microseconds costs more than it gains: with other threads
    at work it takes a wake-up to hand it over, and up to the switch interval of 5 ms to get it back.

    A kernel that makes no arrays need not count who holds those that it is given: whoever calls it does until it
    returns. Counting takes a third of a microsecond a call from Python, and where kernels call each other, a locked
    instruction for each array that is handed on, which nothing is read ahead of.

    A `patient` kernel, which must not be fast, runs as plain Python as long as its arrays are small and it has not
    taken PATIENCE_S so; see `compiled_at_once`.
    """
    options: dict[str, Any] = {
        "nogil": not hold_gil,
        "fastmath": set(FAST) if fast else False,
        "error_model": "numpy",
        "_nrt": makes_arrays,
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
        _put_off_compilation(dispatcher, patient and not fast)
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


def direct_call(dispatcher: Any, arguments: tuple[Any, ...]) -> Callable[..., Any] | None:
    """The compiled code that the dispatcher would choose for arguments of these types, None where there is none yet.

    It takes half the time to call, for it does not look at the types of its arguments: who calls it vouches for them.
    """
    compiled = getattr(dispatcher, "overloads", None)  # NUMBA_DISABLE_JIT makes njit a no-op
    found = compiled.get(tuple(map(typeof, arguments))) if compiled else None
    return getattr(found, "entry_point", None)


def is_compiled(dispatcher: Any) -> bool:
    """Whether there is code of a kernel in this process, for arguments of some types."""
    return bool(getattr(dispatcher, "overloads", None))


_addresses: dict[tuple[Any, ...], int] = {}


def address_of(dispatcher: Any, arguments: tuple[Any, ...]) -> int:
    """Where the code for such arguments, arrays in C order, begins, compiled if it is not yet; for a kernel that calls
    another so. Whether arrays may be written to makes no difference to how they are handed over.
    """
    kinds = (dispatcher, *((each.dtype, each.ndim) if type(each) is np.ndarray else type(each) for each in arguments))
    found = _addresses.get(kinds)
    if found is None:
        signature = tuple(map(typeof, arguments))
        if signature not in dispatcher.overloads:
            dispatcher.compile(signature)
        compiled = dispatcher.overloads[signature]
        found = _addresses[kinds] = int(compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name))
    return found


SMALL = 4096
"""Numbers in all arrays of a call that plain Python takes on."""
PATIENCE_S = 0.1
"""Seconds that a kernel may take as plain Python, all calls together, before it is compiled."""
_patience_s = PATIENCE_S
_as_python = threading.local()


@contextmanager
def compiled_at_once() -> Iterator[None]:
    """Compile every kernel that is called meanwhile, in any thread, however little there is to do."""
    global _patience_s
    before, _patience_s = _patience_s, 0.0
    try:
        yield
    finally:
        _patience_s = before


def _put_off_compilation(dispatcher: Any, patient: bool) -> None:
    """Give numba the plain function in place of a compiled one while that is the shorter way. What a kernel calls in
    turn is then plain as well, unless it has been compiled.
    """
    compile_ = getattr(dispatcher, "_compile_for_args", None)
    if compile_ is None:  # NUMBA_DISABLE_JIT makes njit a no-op
        return
    plain, spent_s = dispatcher.py_func, 0.0

    def run_plainly(*arguments: Any) -> Any:
        nonlocal spent_s
        start, _as_python.on = time.perf_counter(), True
        try:
            with np.errstate(all="ignore"):  # compiled code does not warn either
                return plain(*arguments)
        finally:
            _as_python.on = False
            spent_s += time.perf_counter() - start

    def compile_or_run(*arguments: Any, **named: Any) -> Any:
        if getattr(_as_python, "on", False):
            return plain
        if patient and spent_s < _patience_s and sum(map(np.size, arguments)) <= SMALL:
            return run_plainly
        return compile_(*arguments, **named)

    dispatcher._compile_for_args = compile_or_run


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
        start = time.perf_counter()
        try:
            with collector_waiting():  # compiling makes millions of objects that stay
                return compile_(*arguments, **named)
        finally:
            _compiled_s += time.perf_counter() - start

    dispatcher._compile_for_args = compile_and_tell


WORD = (
    "recommender compiles its kernels for this processor, which takes some seconds. Later runs find them compiled "
    "where numba can keep them (beside the package, or in NUMBA_CACHE_DIR)."
)
