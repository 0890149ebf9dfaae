"""Splits by user and into folds lose nothing and mix nothing."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.evaluation import k_fold, split_by_user

ROWS = [(user, item) for user in range(10) for item in range(user, user + 7)]


def test_a_split_by_user_separates_people() -> None:
    first, second = split_by_user(ROWS, 0.7)
    assert sorted(first + second) == sorted(ROWS)
    assert len({row[0] for row in first}) == 7
    assert not {row[0] for row in first} & {row[0] for row in second}
    assert split_by_user(ROWS, 0.7) == (first, second)
    assert split_by_user(ROWS, 0.7, seed=8) != (first, second)
    for share in (0.0, 1.0, 0.01):
        with pytest.raises(ValueError, match="share"):
            split_by_user(ROWS, share)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=60), st.integers(2, 5))
def test_folds_hold_every_row_out_once_and_a_pair_together(rows: list[tuple[int, int]], folds: int) -> None:
    parts = k_fold(rows, folds)
    assert len(parts) == folds
    assert sorted(row for _, out in parts for row in out) == sorted(rows)
    for rest, out in parts:
        assert Counter(rest) + Counter(out) == Counter(rows)
        assert not set(rest) & set(out)
        items = Counter(user for user, _ in set(out))
        for user, count in items.items():
            assert count <= len({row for row in rows if row[0] == user}) // folds + 1


def test_one_fold_is_none() -> None:
    with pytest.raises(ValueError, match="folds must be at least 2"):
        k_fold(ROWS, 1)
