"""The log: numbering, adding up, growing, forgetting."""

from __future__ import annotations

import math
import time

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
        assert other is not None
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
        (b"abc", "row 1 must be"),
        (7, "row 1 must be"),
        ({"user": "ann", "item": "tea"}, "row 1 must be"),
        (("ann", "tea", 1.0, 2.0, 3.0), "row 1 must be"),
        ((None, "tea"), "user id of row 1 must be a str or an int, got None"),
        (("ann", 1.5), "item id of row 1 must be a str or an int, got 1.5"),
        (("ann", True), "got True"),
        (("ann", "tea", math.nan), "weight of row 1 must be a finite number between -1e[+]06 and 1e[+]06, got nan"),
        (("ann", "tea", "much"), "got 'much'"),
        (("ann", "tea", 1.0, math.inf), "timestamp of row 1"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_added(row: object, message: str) -> None:
    log = Interactions()
    with pytest.raises(ValueError, match=message):
        log.append([("ann", "tea"), row])  # type: ignore[list-item]
    assert (log.rows, log.users, log.items) == (0, 0, 0)


@pytest.mark.parametrize("weight", [1e39, 1e20, -1e20, 3e38, 10**400, np.float32(3e38)])
def test_a_weight_beyond_the_limit_is_named_and_nothing_is_added(weight: float) -> None:
    log = Interactions.from_rows([("ann", "tea")])
    with pytest.raises(ValueError, match=r"weight of row 1 must be a finite number between -1e\+06 and 1e\+06"):
        log.append([("bob", "ale", 1.0), ("bob", "tea", weight)])
    assert (log.rows, log.users, log.items) == (1, 1, 1)


def test_weights_at_the_limit_add_up() -> None:
    log = Interactions.from_rows([("ann", "tea", 1e6)] * 1000)
    assert np.isfinite(dense(log)).all()
    assert log.popularity().tolist() == [1e9]


NOW = 1_700_000_000.0


def test_a_time_after_the_horizon_is_named_and_nothing_is_added() -> None:
    log = Interactions.from_rows([("ann", "tea", 1.0, NOW)], horizon=NOW + 60)
    for late in (NOW + 61, NOW * 1000):
        with pytest.raises(ValueError, match=r"timestamp of row 1 is .*, later than the horizon .*divide milliseconds"):
            log.append([("bob", "tea", 1.0, NOW), ("bob", "ale", 1.0, late)])
    assert (log.rows, log.items, log.newest) == (1, 1, NOW)
    with pytest.raises(ValueError, match="later than the horizon"):
        log.copy().append([("bob", "ale", 1.0, NOW + 61)])
    assert Interactions.from_rows([("bob", "ale", 1.0, NOW * 1000)], horizon=math.inf).newest == NOW * 1000


def test_without_a_horizon_a_day_from_now_is_the_latest_time() -> None:
    now = time.time()
    assert Interactions.from_rows([("ann", "tea", 1.0, now + 3600)]).newest == now + 3600
    with pytest.raises(ValueError, match="later than the horizon"):
        Interactions.from_rows([("ann", "tea", 1.0, now + 3 * 86_400)])


def test_the_newest_time_is_that_of_a_row_that_is_there() -> None:
    rows = [("ann", "tea", 1.0, NOW), ("bob", "ale", 1.0, NOW + 500), ("bob", "tea", 1.0)]
    log = Interactions.from_rows([*rows, ("bad", "ale", 1.0, NOW + 1e9)], horizon=math.inf)
    log.discard("bad")
    assert log.newest == NOW + 500
    assert log.popularity(half_life=60.0).tolist() == Interactions.from_rows(rows).popularity(half_life=60.0).tolist()
    log.discard("bob", "ale")
    assert log.newest == NOW
    log.discard("ann")
    assert log.newest == 0.0


def test_what_a_user_took_is_in_order_of_time_however_it_came() -> None:
    rows = [("ann", f"item-{number % 7}", 1.0, NOW + number) for number in range(12)]
    straight, reverse = Interactions.from_rows(rows), Interactions.from_rows(rows[::-1])
    assert list(reverse.history("ann")) == list(straight.history("ann")) == [f"item-{n}" for n in (5, 6, 0, 1, 2, 3, 4)]
    one_by_one = Interactions()
    for place in (3, 0, 11, 5, 1, 2, 4, 10, 9, 8, 7, 6):
        one_by_one.append([rows[place]])
    assert list(one_by_one.history("ann")) == list(straight.history("ann"))
    for log in (reverse, one_by_one):
        taken = [log.item_ids[item] for item in log.sequences().items]
        assert taken == [row[1] for row in rows]


def test_a_row_without_a_time_follows_the_row_before_it() -> None:
    log = Interactions.from_rows(
        [("ann", "b", 1.0, NOW + 2), ("ann", "c"), ("ann", "a", 1.0, NOW + 1), ("bob", "x"), ("bob", "y", 1.0, NOW)]
    )
    assert list(log.history("ann")) == ["a", "b", "c"]
    assert list(log.history("bob")) == ["x", "y"]
    assert list(Interactions.from_rows([("ann", "b"), ("ann", "a")]).history("ann")) == ["b", "a"]


@given(pairs, pairs, st.sets(st.integers(0, 6)))
def test_an_append_that_is_undone_has_never_been(
    rows: list[tuple[int, int, int]], more: list[tuple[int, int, int]], gone: set[int]
) -> None:
    log, plain = Interactions.from_rows(rows), Interactions.from_rows(rows)
    for user in sorted(gone):
        log.discard(user)
        plain.discard(user)
    log.undo(log.append([(*row, NOW + number) for number, row in enumerate(more)]))
    for known in (log, plain):
        known.append([(9, 9, 0.5), (8, 3, 0.25)])
    assert (log.user_ids, log.item_ids, log.rows, log.newest) == (
        plain.user_ids,
        plain.item_ids,
        plain.rows,
        plain.newest,
    )
    assert np.array_equal(dense(log), dense(plain))
    assert log.popularity().tobytes() == plain.popularity().tobytes()
    assert log.strength() == plain.strength()
    items = np.arange(log.items, dtype=np.int32)
    assert np.array_equal(log.rows_of_items(items).toarray(), plain.rows_of_items(items).toarray())
