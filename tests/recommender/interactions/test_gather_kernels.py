"""Rows of a table at some places."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from recommender.interactions.gather_kernels import gather


@pytest.mark.parametrize("shape", [(7,), (7, 3), (1, 1)])
@pytest.mark.parametrize("kind", [np.int64, np.int32, np.float32])
def test_rows_are_those_of_numpy(shape: tuple[int, ...], kind: type) -> None:
    table: NDArray[Any] = (10 * np.random.default_rng(0).random(shape)).astype(kind)
    places = np.array([0, -1, len(table) - 1, 0], dtype=np.int32)
    found: NDArray[Any] = np.empty((len(places), *shape[1:]), kind)
    gather(table, places, found)
    np.testing.assert_array_equal(found, table[places])
    gather(table, places[:0], found[:0])
