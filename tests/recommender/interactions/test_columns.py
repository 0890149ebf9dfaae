"""Whole columns: a matrix or a frame makes the log that its rows would make, and what is wrong with it is named."""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from recommender import ALSTrainer, Interactions, config_for, train, tune

pd = pytest.importorskip("pandas")
pa = pytest.importorskip("pyarrow")

ROWS = [("ann", "tea", 1.0, 30.0), ("bob", "ale", 2.0, 20.0), ("ann", "ale", -1.0, 10.0), ("cy", "tea", 0.5, 40.0)]
NAMES = ["user_id", "item_id", "w", "t"]
ROME = datetime.timezone(datetime.timedelta(hours=2))


def columns(rows: list[tuple[Any, ...]] = ROWS) -> dict[str, list[Any]]:
    return dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True))


def same(log: Interactions, expected: Interactions) -> bool:
    return (
        (log.user_ids, log.item_ids, log.rows, log.ordered)
        == (expected.user_ids, expected.item_ids, expected.rows, expected.ordered)
        and np.array_equal(log.to_csr().toarray(), expected.to_csr().toarray())
        and [log.history(user) for user in log.user_ids] == [expected.history(user) for user in expected.user_ids]  # type: ignore[arg-type]
        and all(map(np.array_equal, sequence(log), sequence(expected)))
    )


def sequence(log: Interactions) -> tuple[Any, ...]:
    found = log.sequences()
    return found.indptr, found.items, np.nan_to_num(found.times), log.popularity()


@pytest.mark.parametrize("make", [dict, pd.DataFrame, pa.table], ids=["mapping", "pandas", "arrow"])
def test_a_frame_is_the_log_of_its_rows(make: Any) -> None:
    log = Interactions.from_frame(make(columns()), weight="w", timestamp="t")
    assert same(log, Interactions.from_rows(ROWS))
    plain = Interactions.from_frame(make(columns()))
    assert same(plain, Interactions.from_rows([row[:2] for row in ROWS]))


@given(st.lists(st.tuples(st.integers(-3, 9), st.integers(0, 10**12)), max_size=40))
def test_ids_of_any_size_are_numbered_by_first_appearance(pairs: list[tuple[int, int]]) -> None:
    users, items = np.array([pair[0] for pair in pairs], np.int64), np.array([pair[1] for pair in pairs], np.int64)
    expected = Interactions.from_rows(pairs)
    assert same(Interactions.from_frame({"user_id": users, "item_id": items}), expected)
    assert same(Interactions.from_frame(pd.DataFrame({"user_id": users, "item_id": items})), expected)


def test_times_may_be_dates() -> None:
    noon = datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC)
    seconds = noon.timestamp()
    for times in (
        [noon, noon + datetime.timedelta(seconds=1.5)],
        np.array(["2024-05-01T12:00:00", "2024-05-01T12:00:01.5"], "datetime64[ms]"),
        pd.Series(pd.to_datetime(["2024-05-01 12:00:00.0", "2024-05-01 12:00:01.5"])),
        pd.Series([noon, noon + datetime.timedelta(seconds=1.5)]),
    ):
        log = Interactions.from_frame({"user_id": ["a", "a"], "item_id": [1, 2], "t": times}, timestamp="t")
        assert log.sequences().times.tolist() == [seconds, seconds + 1.5]


@pytest.mark.parametrize("missing_at", [0, 1])
@pytest.mark.parametrize("zone", ["", "+02:00"])
def test_a_date_that_is_missing_is_a_row_without_time(missing_at: int, zone: str) -> None:
    texts: list[str | None] = [f"2024-05-0{day}T12:00:00{zone}" for day in (1, 2, 3)]
    texts[missing_at] = None
    expected = [math.nan if text is None else pd.Timestamp(text).timestamp() for text in texts]
    parsed = pd.Series(pd.to_datetime(texts))
    for times in (parsed, parsed.astype(object), [None if value is pd.NaT else value for value in parsed]):
        log = Interactions.from_frame({"user_id": [1, 1, 1], "item_id": [1, 2, 3], "t": times}, timestamp="t")
        found = dict(zip(log.sequences().items.tolist(), log.sequences().times.tolist(), strict=True))
        assert [found[item] for item in range(3)] == pytest.approx(expected, nan_ok=True)


def test_days_of_python_and_dates_of_several_zones_are_times() -> None:
    noon = datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC)
    mixed = [datetime.date(2024, 5, 1), datetime.datetime(2024, 5, 1, 12), noon.astimezone(ROME)]
    log = Interactions.from_frame({"user_id": [1, 1, 1], "item_id": [1, 2, 3], "t": mixed}, timestamp="t")
    assert sorted(log.sequences().times.tolist()) == [noon.timestamp() - 43_200, noon.timestamp(), noon.timestamp()]


def test_a_matrix_is_the_log_of_its_entries() -> None:
    matrix = scipy.sparse.csr_matrix(np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 0.0], [1.0, -1.0, 0.0]], dtype=np.float32))
    log = Interactions.from_matrix(matrix)
    assert (log.user_ids, log.item_ids) == ((0, 2), (0, 1, 2))
    assert np.array_equal(log.to_csr().toarray(), matrix.toarray()[[0, 2]])
    assert not log.ordered
    named = Interactions.from_matrix(matrix.tocoo(), ["ann", "bob", "cy"], ["tea", "ale", "jam"])
    assert named.history("cy") == {"tea": 1.0, "ale": -1.0}
    log.append([("new", 7)])
    assert log.item_ids == (0, 1, 2, 7)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Interactions.from_matrix(np.ones((2, 2))), "must be a SciPy sparse matrix .*got ndarray"),
        (lambda: Interactions.from_matrix(scipy.sparse.eye(3).tocsr(), user_ids=["a"]), "user_ids must hold 3 ids"),
        (lambda: Interactions.from_matrix(scipy.sparse.eye(2), item_ids=["a", "a"]), "'a' occurs twice"),
        (lambda: Interactions.from_matrix(scipy.sparse.eye(2) * math.nan), "number 0 is nan"),
        (lambda: Interactions.from_frame([1, 2]), "frame must be a pandas"),
        (lambda: Interactions.from_frame(columns(), user="visitor"), "no column 'visitor'; it has .*'user_id'"),
        (lambda: Interactions.from_frame({"user_id": [1, 2], "item_id": [1]}), r"one length, got lengths \[1, 2\]"),
        *(
            (
                lambda users=users: Interactions.from_frame({"user_id": users, "item_id": [1, 2]}),
                r"column 'user_id' has a missing id, number 1 is .*leave such rows out.*dropna",
            )
            for users in ([1, None], pd.Series([1, None]), pd.Series([1, None], dtype="Int64"), pd.Series(["a", None]))
        ),
        (
            lambda: Interactions.from_frame(pd.DataFrame({"user_id": [1.0, 2.0], "item_id": [1, 2]})),
            r"'user_id' must be a str or an int, got 1.0 of type float; .*astype\('int64'\)",
        ),
        (
            lambda: Interactions.from_frame({"user_id": np.ma.array([1, 2], mask=[False, True]), "item_id": [1, 2]}),
            "column 'user_id' has values that are masked",
        ),
        (
            lambda: Interactions.from_frame(columns() | {"t": ["2024-05-01"] * 4}, timestamp="t"),
            r"column 't' must hold numbers.*pandas.to_datetime",
        ),
        (lambda: Interactions.from_matrix(scipy.sparse.eye(2).astype(bool)), r"hold numbers.*astype\('float32'\)"),
        (lambda: train(pd.DataFrame(columns())), r"log must be Interactions, got DataFrame; .*Interactions.from_frame"),
        (lambda: tune(ROWS, seconds=1), r"log must be Interactions, got list; .*Interactions.from_rows"),  # type: ignore[arg-type]
        (lambda: ALSTrainer().fit(scipy.sparse.eye(2)), r"log must be Interactions, got dia_matrix"),  # type: ignore[arg-type]
        (lambda: config_for(ROWS), "log must be Interactions, got list"),  # type: ignore[arg-type]
        (lambda: Interactions.from_frame(columns() | {"w": [1, 2, 3, 1e9]}, weight="w"), "number 3 is 1000000000.0"),
        (lambda: Interactions.from_frame(columns() | {"w": list("abcd")}, weight="w"), "column 'w' must hold numbers"),
        (lambda: Interactions.from_frame(columns() | {"t": [1e12] * 4}, timestamp="t"), "divide milliseconds by 1000"),
        *(
            (lambda bad=bad: Interactions.from_frame(columns() | {"w": [1, 2, 3, bad]}, weight="w"), message)
            for bad, message in (
                (10**400, r"number 3 is 1000.*\(401 characters\)"),
                (-(10**5000), "number 3 is a number of 16610 bits"),
                (None, "number 3 is None"),
                (Decimal("1e39"), "number 3 is Decimal"),
            )
        ),
        *(
            (
                lambda bad=bad: Interactions.from_frame(columns() | {"w": np.array(bad, object)}, weight="w"),
                "column 'w' must hold numbers",
            )
            for bad in ([1, 2, 3, "4"], [1, 2, 3, True], [1, 2, 3, b"4"])
        ),
        (lambda: Interactions.from_frame(columns() | {"t": [1, 2, 3, 10**400]}, timestamp="t"), "number 3 is 1000"),
        (lambda: Interactions.from_rows([("a", 1)], ordered="yes"), "ordered must be True, False or None"),  # type: ignore[arg-type]
    ],
)
def test_what_is_wrong_is_named(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
