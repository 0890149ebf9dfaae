"""Checks of what callers give: ids, whole numbers, numbers in bounds. Each names the value and what would be right."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from numbers import Real
from typing import Any

import numpy as np

ItemId = str | int
UserId = str | int

LARGEST_WEIGHT = 1e6
"""Largest size of a weight: sums of any log of it stay far below what float32 can hold (3.4e38)."""


def check_id(value: Any, what: str = "item id") -> ItemId:
    """Return an id as str or int (numpy's kinds are unwrapped); ValueError for anything else."""
    if type(value) is str or type(value) is int:
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return int(value)
    raise ValueError(f"{what} must be a str or an int, got {value!r} of type {type(value).__name__}")


def check_ids(ids: Iterable[Any], what: str = "item_ids") -> tuple[ItemId, ...]:
    """Return distinct ids as a tuple of str and int; ValueError for one text, another kind of id, or an id twice."""
    found = tuple(check_list(ids, what))
    if not set(map(type, found)) <= {str, int}:
        found = tuple(check_id(value, f"each of {what}") for value in found)
    if len(set(found)) != len(found):
        seen: set[ItemId] = set()
        twice = next(value for value in found if value in seen or seen.add(value))  # type: ignore[func-returns-value]
        raise ValueError(f"{what} must be distinct; {twice!r} occurs twice")
    return found


def check_list(ids: Any, what: str) -> Any:
    """Return a collection of ids; ValueError for one text, whose letters would be taken for ids."""
    if isinstance(ids, str | bytes):
        raise ValueError(f"{what} must be a list of ids, got the text {ids!r}; put it into a list")
    return ids


def check_whole(value: Any, what: str, minimum: int) -> int:
    """Return a whole number of at least `minimum` as an int (numpy's kinds are unwrapped); ValueError otherwise."""
    try:
        number = operator.index(value)
    except TypeError:
        number = minimum - 1
    if number < minimum or isinstance(value, bool | np.bool_):
        raise ValueError(f"{what} must be a whole number of at least {minimum}, got {value!r}")
    return number


def check_count(k: Any, what: str = "k") -> int:
    """Return `k` as an int of at least 1; ValueError otherwise."""
    if type(k) is int and k > 0:
        return k
    return check_whole(k, what, 1)


def check_number(value: Any, what: str, minimum: float = -math.inf, maximum: float = math.inf) -> float:
    """Return a finite number from minimum to maximum as a plain int or float; ValueError otherwise."""
    if isinstance(value, Real) and not isinstance(value, bool | np.bool_):
        try:
            number = float(value)
        except OverflowError:  # an int beyond every float
            number = math.inf
        if math.isfinite(number) and minimum <= number <= maximum:
            return value if isinstance(value, int) else number
    if math.isinf(maximum):
        bounds = "" if math.isinf(minimum) else f" of at least {minimum:g}"
    else:
        bounds = f" between {minimum:g} and {maximum:g}"
    raise ValueError(f"{what} must be a finite number{bounds}, got {shown(value)}")


def check_weight(value: Any, what: str) -> float:
    """Return a weight as a float; ValueError unless it is a number of at most LARGEST_WEIGHT in size."""
    return check_number(value, what, -LARGEST_WEIGHT, LARGEST_WEIGHT)


def shown(value: Any) -> str:
    """The value as an error shows it, on one line, cut to a length that can be read."""
    try:
        text = repr(value)
    except ValueError:  # an int of more digits than Python writes out
        return f"a number of {value.bit_length()} bits"
    text = " ".join(text.split()) if "\n" in text else text
    return text if len(text) <= 80 else f"{text[:60]}... ({len(text)} characters)"
