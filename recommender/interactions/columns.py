"""Whole columns of a log: ids numbered, weights and times checked; from rows, or without a loop over rows from a sparse
matrix or a frame.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from recommender.interactions.checks import LARGEST_WEIGHT, ItemId, UserId, check_id, check_ids, shown
from recommender.interactions.rows import Row, check_row, too_late

_MISSING = frozenset({"NAType", "NaTType"})
"""Names of the kinds of pandas' own values for what is missing; comparing one of them says neither yes nor no."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Rows as columns: users and items int32 (n,) count in user_ids and item_ids, which are distinct; weights float32
    and times float64 seconds or NaN (n,).
    """

    user_ids: Sequence[UserId]
    item_ids: Sequence[ItemId]
    users: NDArray[np.int32]
    items: NDArray[np.int32]
    weights: NDArray[np.float32]
    times: NDArray[np.float64]


def columns_of_rows(rows: Iterable[Row], horizon: float) -> Columns:
    """Rows as `Interactions.append` takes them; ValueError, naming the row, for a bad one or a time after `horizon`."""
    checked = [check_row(row, number, horizon) for number, row in enumerate(rows)]
    count = len(checked)
    users, user_ids = _in_order([row[0] for row in checked])
    items, item_ids = _in_order([row[1] for row in checked])
    weights = np.fromiter((row[2] for row in checked), dtype=np.float32, count=count)
    times = np.fromiter((row[3] for row in checked), dtype=np.float64, count=count)
    return Columns(user_ids, item_ids, users, items, weights, times)


def columns_of_matrix(matrix: Any, user_ids: Sequence[UserId] | None, item_ids: Sequence[ItemId] | None) -> Columns:
    """The entries of a sparse matrix (users, items), row by row; ValueError, naming what is wrong, for a bad one.

    Ids left out are the numbers of rows and columns. Every column is an item, also an empty one, so that number i of
    the catalog is column i; a row without entries is nobody. Entries of zero say nothing and are left out.
    """
    shape: tuple[int, ...] = getattr(matrix, "shape", ())
    if not scipy.sparse.issparse(matrix) or len(shape) != 2:
        raise ValueError(
            f"matrix must be a SciPy sparse matrix of users x items, got {type(matrix).__name__}; "
            "wrap a dense one: scipy.sparse.csr_matrix(array)"
        )
    rows, columns = shape
    for name, ids, size in (("user_ids", user_ids, rows), ("item_ids", item_ids, columns)):
        if ids is not None and len(ids) != size:
            raise ValueError(f"{name} must hold {size} ids, one a line of the matrix {shape}; got {len(ids)}")
    by_row = cast(Any, matrix).tocsr()
    weights = _checked_weights(by_row.data, "the entries of the matrix")
    numbers = np.repeat(np.arange(rows, dtype=np.int32), np.diff(by_row.indptr))
    said = weights != 0
    present, users = np.unique(numbers[said], return_inverse=True)
    names = range(rows) if user_ids is None else check_ids(user_ids, "user_ids")
    return Columns(
        user_ids=[names[row] for row in present.tolist()],
        item_ids=range(columns) if item_ids is None else check_ids(item_ids, "item_ids"),
        users=users.astype(np.int32),
        items=by_row.indices[said].astype(np.int32),
        weights=weights[said],
        times=np.full(int(said.sum()), math.nan),
    )


def columns_of_frame(
    frame: Any, user: str, item: str, weight: str | None, timestamp: str | None, horizon: float
) -> Columns:
    """The columns of these names of a frame: pandas, polars, an Arrow table, or a mapping of names to arrays.

    Raises ValueError for a name that is not there, columns of different lengths, missing ids, weights that a log
    refuses, and timestamps that are neither numbers (seconds) nor dates, or after `horizon`.
    """
    users, user_ids = _numbered(_column(frame, user), f"column {user!r}")
    items, item_ids = _numbered(_column(frame, item), f"column {item!r}")
    count = len(users)
    weights, times = np.ones(count, dtype=np.float32), np.full(count, math.nan)
    if weight is not None:
        weights = _checked_weights(_array(_column(frame, weight), f"column {weight!r}"), f"column {weight!r}")
    if timestamp is not None:
        times = _seconds(_array(_column(frame, timestamp), f"column {timestamp!r}"), f"column {timestamp!r}")
        late = np.flatnonzero(times > horizon)
        if len(late):
            raise ValueError(too_late(f"number {late[0]} of column {timestamp!r}", times[late[0]].item(), horizon))
    lengths = {count, len(items), len(weights), len(times)}
    if len(lengths) > 1:
        raise ValueError(f"the columns of a frame must be of one length, got lengths {sorted(lengths)}")
    return Columns(user_ids, item_ids, users, items, weights, times)


def _column(frame: Any, name: str) -> Any:
    """A column of a frame; ValueError, with the names that are there, for one that is not."""
    names = getattr(frame, "column_names", None)
    if names is None:
        names = getattr(frame, "columns", frame.keys() if hasattr(frame, "keys") else None)
    if names is None:
        raise ValueError(
            f"frame must be a pandas or polars frame, an Arrow table or a mapping of names to arrays, "
            f"got {type(frame).__name__}"
        )
    if name not in list(names):
        raise ValueError(f"the frame has no column {name!r}; it has {list(names)}: name yours, as in user='visitor'")
    return frame[name]


def _array(column: Any, what: str) -> NDArray[Any]:
    """A column as an array (n,); ValueError for anything else."""
    if np.ma.is_masked(column):
        raise ValueError(f"{what} has values that are masked; leave such rows out, as in column[~mask]")
    # Dates of a zone are UTC in an array that pandas makes of them when asked, and objects otherwise.
    zoned = {"dtype": "datetime64[us]"} if getattr(getattr(column, "dtype", None), "tz", None) is not None else {}
    array = np.asarray(column.to_numpy(**zoned) if hasattr(column, "to_numpy") else column)
    if array.ndim != 1:
        raise ValueError(f"{what} must be one column of values, got shape {array.shape}")
    return array


def _numbered(column: Any, what: str) -> tuple[NDArray[np.int32], list[Any]]:
    """Numbers int32 (n,) of ids by first appearance, and the ids as str and int; ValueError for any other kind.

    A frame that can number its values itself (pandas, Arrow) is asked to; whole numbers are looked up in a table.
    """
    if hasattr(column, "dictionary_encode") and not hasattr(getattr(column, "type", None), "index_type"):
        encoded = column.combine_chunks().dictionary_encode()
        if not encoded.indices.null_count:
            return encoded.indices.to_numpy().astype(np.int32), _checked_ids(encoded.dictionary.to_pylist(), what)
    elif hasattr(column, "factorize"):
        numbers, distinct = column.factorize()
        if (numbers >= 0).all():
            return numbers.astype(np.int32), _checked_ids(distinct.tolist(), what)
    values = _array(column, what)
    if values.dtype.kind in "iu" and len(values):
        lowest, highest = int(values.min()), int(values.max())
        if highest - lowest < 4 * len(values) + 1024:
            return _looked_up(values, lowest, highest)
    given = values.tolist()
    return _in_order(_checked_ids(given, what))


def _checked_ids(ids: list[Any], what: str) -> list[Any]:
    """Ids as str and int; ValueError, naming the first, for one of another kind, such as a missing one."""
    if set(map(type, ids)) <= {str, int}:
        return ids
    missing = next((number for number, value in enumerate(ids) if _is_missing(value)), None)
    if missing is not None:
        fix = f"leave such rows out, as in frame.dropna(subset=[{what.removeprefix('column ')}])"
        raise ValueError(f"{what} has a missing id, number {missing} is {ids[missing]!r}; {fix}")
    try:
        return [check_id(value, f"each id of {what}") for value in ids]
    except ValueError as error:
        raise ValueError(f"{error}; convert them, as in .astype('int64') or .astype(str)") from None


def _is_missing(value: Any) -> bool:
    """Whether a value is what a frame has where nothing is: None, NaN, or a kind of pandas' own."""
    return value is None or type(value).__name__ in _MISSING or (isinstance(value, float) and math.isnan(value))


def _looked_up(values: NDArray[Any], lowest: int, highest: int) -> tuple[NDArray[np.int32], list[int]]:
    """Numbers by first appearance of whole numbers that lie close together, and the distinct ones in that order."""
    offsets = (values - lowest).astype(np.int64)
    first = np.full(highest - lowest + 1, -1, dtype=np.int64)
    first[offsets[::-1]] = np.arange(len(offsets) - 1, -1, -1)
    present = np.flatnonzero(first >= 0)
    present = present[np.argsort(first[present])]
    first[present] = np.arange(len(present))
    return first[offsets].astype(np.int32), (present + lowest).tolist()


def _in_order(ids: list[Any]) -> tuple[NDArray[np.int32], list[Any]]:
    """Numbers int32 (n,) by first appearance, and the distinct ids in that order."""
    distinct = list(dict.fromkeys(ids))
    number_of = dict(zip(distinct, range(len(distinct)), strict=True))
    return np.fromiter(map(number_of.__getitem__, ids), np.int32, len(ids)), distinct


def _checked_weights(values: NDArray[Any], what: str) -> NDArray[np.float32]:
    """Weights as float32 (n,); ValueError, naming the first, for one that is no number or larger than a log takes."""
    weights = _numbers(values, what)
    wrong = np.flatnonzero(~(np.abs(weights) <= LARGEST_WEIGHT))
    if len(wrong):
        raise ValueError(
            f"{what} must be weights: finite numbers of at most {LARGEST_WEIGHT:g} in size; "
            f"number {wrong[0]} is {shown(_plain(values[wrong[0]]))}"
        )
    return weights.astype(np.float32)


def _seconds(values: NDArray[Any], what: str) -> NDArray[np.float64]:
    """Times float64 (n,) in seconds since 1970, NaN where none is given, of numbers or of dates (UTC where none says
    otherwise).
    """
    if values.dtype == object and any(isinstance(value, date) for value in values):
        return np.array([_moment(value, f"number {number} of {what}") for number, value in enumerate(values)])
    if values.dtype.kind == "M":
        seconds = values.astype("datetime64[us]").astype(np.int64) / 1e6
        return np.where(np.isnat(values), math.nan, seconds)
    times = _numbers(values, what)
    wrong = np.flatnonzero(np.isinf(times))
    if len(wrong):
        raise ValueError(
            f"{what} must be finite times in seconds; number {wrong[0]} is {shown(_plain(values[wrong[0]]))}"
        )
    return times


def _moment(value: Any, what: str) -> float:
    """A date in seconds since 1970, UTC where it tells no zone; NaN where none is given."""
    if _is_missing(value):
        return math.nan
    if not isinstance(value, date):
        kind = type(value).__name__
        raise ValueError(f"{what} is {shown(value)} of type {kind} beside dates; make dates, or numbers, of all")
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _numbers(values: NDArray[Any], what: str) -> NDArray[np.float64]:
    """Values as float64; ValueError, naming the first, for one that is no number."""
    if values.dtype.kind in "iuf":
        return values.astype(np.float64)
    if values.dtype == object and not any(isinstance(value, str | bytes | bool) for value in values):
        try:
            return np.array([_number(value) for value in values], dtype=np.float64)
        except (TypeError, ValueError):
            pass
    raise ValueError(
        f"{what} must hold numbers, got values such as {values[:1].tolist()} of type {values.dtype}; convert them, "
        "as in .astype('float32'), and texts of dates by pandas.to_datetime"
    )


def _number(value: Any) -> float:
    """A value of a column of objects as float: NaN for None, and without end where float64 does not reach."""
    try:
        return math.nan if value is None else float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _plain(value: Any) -> Any:
    """A value as Python's own kind."""
    return value.item() if isinstance(value, np.generic) else value
