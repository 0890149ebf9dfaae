"""The log: numbering, adding up, growing, forgetting."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Interactions

pairs = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 8), st.integers(-2, 3)), max_size=60)


def dense(log: Interactions) -> np.ndarray:
    return log.to_csr().toarray()


def test_items_are_numbered_by_first_appearance() -> None:
    log = Interactions.from_rows([("ann", "tea"), ("bob", "ale"), ("ann", "ale"), ("ann", 7)])
    assert log.item_ids == ("tea", "ale", 7)
    assert log.user_ids == ("ann", "bob")
    assert (log.rows, log.users, log.items, len(log)) == (4, 2, 3, 4)


def test_text_and_number_of_the_same_digits_are_two_ids() -> None:
    assert Interactions.from_rows([("ann", 1), ("ann", "1")]).items == 2


def test_ids_of_numpy_are_plain_numbers() -> None:
    log = Interactions.from_rows([(np.int64(4), np.int32(5)), (4, 5)])
    assert log.user_ids == (4,)
    assert log.item_ids == (5,)


def test_rows_of_a_pair_add_up_and_cancel_out() -> None:
    log = Interactions.from_rows([("ann", "tea", 2.0), ("ann", "tea", 1.5), ("ann", "ale", 1.0), ("ann", "ale", -1.0)])
    assert dense(log).tolist() == [[3.5, 0.0]]
    assert log.to_csr().nnz == 1
    assert log.popularity().tolist() == [3.5, 1.0]


@given(pairs, st.integers(0, 60))
def test_appending_in_two_goes_is_appending_at_once(rows: list[tuple[int, int, int]], cut: int) -> None:
    log = Interactions.from_rows(rows[:cut])
    log.append(rows[cut:])
    whole = Interactions.from_rows(rows)
    assert (log.user_ids, log.item_ids, log.rows) == (whole.user_ids, whole.item_ids, whole.rows)
    assert np.array_equal(dense(log), dense(whole))


@given(pairs)
def test_the_rows_of_some_users_or_items_are_those_of_the_whole_matrix(rows: list[tuple[int, int, int]]) -> None:
    log = Interactions.from_rows(rows)
    users, items = np.arange(log.user_slots, dtype=np.int32)[::2], np.arange(log.items, dtype=np.int32)[::-1].copy()
    assert np.array_equal(log.rows_of_users(users).toarray(), dense(log)[users])
    assert np.array_equal(log.rows_of_items(items).toarray(), dense(log).T[items])


@given(pairs, st.integers(0, 6))
def test_a_discarded_user_has_never_been(rows: list[tuple[int, int, int]], user: int) -> None:
    log = Interactions.from_rows(rows)
    log.discard(user)
    assert user not in log.user_ids
    assert log.rows == sum(row[0] != user for row in rows)
    left = Interactions.from_rows([row for row in rows if row[0] != user])
    for other in left.user_ids:
        assert log.history(other) == left.history(other)
    assert log.popularity().sum() == pytest.approx(left.popularity().sum())


def test_discarding_one_item_keeps_the_others() -> None:
    log = Interactions.from_rows([("ann", "tea"), ("ann", "ale"), ("bob", "tea")])
    assert log.discard("ann", "tea").tolist() == [0]
    assert log.history("ann") == {"ale": 1.0}
    assert log.history("bob") == {"tea": 1.0}
    assert log.discard("ann", "no such item").size == 0
    assert log.discard("nobody").size == 0


def test_a_forgotten_number_is_given_to_the_next_new_user() -> None:
    log = Interactions.from_rows([("ann", "tea"), ("bob", "ale")])
    log.discard("ann")
    assert log.user_ids == (None, "bob")
    log.append([("cleo", "ale")])
    assert log.user_ids == ("cleo", "bob")
    assert log.history("cleo") == {"ale": 1.0}


def test_room_of_discarded_rows_is_taken_back() -> None:
    log = Interactions.from_rows([(user, item) for user in range(100) for item in range(50)])
    for user in range(90):
        log.discard(user)
    assert log.rows == 500
    assert log._table.length < 2500
    assert log.history(95) == dict.fromkeys(range(50), 1.0)
    assert dense(log).sum() == 500


def test_a_history_is_in_order_of_the_newest_row() -> None:
    log = Interactions.from_rows([("ann", "tea"), ("ann", "ale"), ("ann", "tea", 2.0)])
    assert list(log.history("ann").items()) == [("ale", 1.0), ("tea", 3.0)]
    assert log.history("nobody") == {}


def test_a_copy_grows_on_its_own() -> None:
    log = Interactions.from_rows([("ann", "tea")])
    twin = log.copy()
    twin.append([("bob", "ale")])
    twin.discard("ann")
    assert (log.users, log.items, log.history("ann")) == (1, 1, {"tea": 1.0})


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("ann",), "row 1 must be"),
        ("ann", "row 1 must be"),
        (("ann", "tea", 1.0, 2.0, 3.0), "row 1 must be"),
        ((None, "tea"), "user id of row 1 must be a str or an int, got None"),
        (("ann", 1.5), "item id of row 1 must be a str or an int, got 1.5"),
        (("ann", True), "got True"),
        (("ann", "tea", math.nan), "weight of row 1 must be a finite number, got nan"),
        (("ann", "tea", "much"), "got 'much'"),
        (("ann", "tea", 1.0, math.inf), "timestamp of row 1"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_added(row: object, message: str) -> None:
    log = Interactions()
    with pytest.raises(ValueError, match=message):
        log.append([("ann", "tea"), row])  # type: ignore[list-item]
    assert (log.rows, log.users, log.items) == (0, 0, 0)
