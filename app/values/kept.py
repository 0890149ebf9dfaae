"""Answers of a method that are kept, but not its object."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar
from weakref import WeakMethod

P = ParamSpec("P")
T = TypeVar("T")


def keep_answers(method: Callable[P, T], most: int) -> Callable[P, T]:
    """The method of an object, with its `most` recently asked answers kept; for an attribute of that object.

    `lru_cache` alone would hold the object, and the object the cache: such a pair lives on until the garbage collector
    looks for it, which it rarely does, and what pages know of a large catalog is tens of megabytes.
    """
    held = WeakMethod(method)

    @lru_cache(maxsize=most)
    def ask(*args: P.args, **named: P.kwargs) -> T:
        alive = held()
        if alive is None:
            raise ReferenceError("asked after its object was gone")
        return alive(*args, **named)

    return ask  # type: ignore[return-value]
