"""A kernel that is called by its address does what it does when it is called by its name."""

from __future__ import annotations

import numpy as np
import pytest
from numba.core.errors import TypingError

from recommender.kernel import address_of, kernel
from recommender.topk.sharing.addresses import call, call_for_count, numbers_at

pytestmark = pytest.mark.jit("plain Python has no addresses")


@kernel(fast=False, makes_arrays=False)
def count_above(numbers, limit):  # type: ignore[no-untyped-def]
    count = 0
    for number in numbers:
        count += number > limit
    return count


@kernel(fast=False)
def double_into(numbers, doubled):  # type: ignore[no-untyped-def]
    room = np.empty(numbers.shape[0])
    for n in range(numbers.shape[0]):
        room[n] = 2.0 * numbers[n]
        doubled[n] = room[n]


@kernel(fast=False, makes_arrays=False)
def through_addresses(counting, doubling, place, length, limit, doubled):  # type: ignore[no-untyped-def]
    numbers = numbers_at(place, length, np.float32)
    call(doubling, (numbers, doubled))
    return call_for_count(counting, (numbers, limit))


def test_kernels_and_arrays_are_found_by_their_addresses() -> None:
    numbers, doubled = np.arange(7, dtype=np.float32), np.zeros(7)
    codes = address_of(count_above, (numbers, 2.5)), address_of(double_into, (numbers, doubled))
    assert codes == (address_of(count_above, (numbers, 9.0)), address_of(double_into, (numbers, doubled)))
    assert through_addresses(*codes, numbers.ctypes.data, 7, 2.5, doubled) == 4
    assert doubled.tolist() == [0, 2, 4, 6, 8, 10, 12]


def test_arrays_that_are_not_in_c_order_are_refused() -> None:
    with pytest.raises(TypingError, match="must be in C order"):
        through_addresses(0, 0, 0, 0, 2.5, np.zeros((7, 2))[:, 0])
