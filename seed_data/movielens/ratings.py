"""Ratings of a data set: read, set in time order, and of two of one film by one user the newest kept."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from seed_data.movielens.errors import bad_field, bad_row
from seed_data.movielens.fields import read_id, read_rating, read_time
from seed_data.movielens.files import csv_rows, lines

Row = tuple[str, str, float, float]
"""user_id, item_id, value, timestamp."""


class Rating(NamedTuple):
    """One line, of which there are millions.

    at: Unix seconds, None where the line tells no time. milliseconds: whether it was written in these.
    """

    line: int
    user: str
    film: str
    value: float
    at: float | None
    milliseconds: bool


@dataclass(frozen=True, slots=True)
class Ratings:
    """Rows oldest first, one for each user and film.

    timed: whether times are known; where not, `timestamp` is the place in the file. replaced: ratings that a newer one
    of the same user and film took the place of. undated: lines without a time in a file that has times.
    """

    rows: list[Row]
    timed: bool
    replaced: int
    undated: int


def read_ratings_100k(path: Traversable) -> Iterator[Rating]:
    """Read `u.data`: user, film, rating and time with tabs between."""
    for line, text in lines(path, "ascii"):
        cells = text.split("\t")
        if len(cells) != 4:
            complaint = f"{len(cells)} fields between tabs; user, film, rating and time are expected"
            raise bad_row(path, line, complaint, "copy the line again from the data set")
        yield _rating(path, line, cells, ("user", "film", "rating", "time"))


def read_ratings_csv(path: Traversable) -> Iterator[Rating]:
    """Read `interactions.csv.gz`: user_id, item_id, and if they are there value and timestamp."""
    fields = ("user_id", "item_id", "value", "timestamp")
    for line, row in csv_rows(path, fields[:2]):
        yield _rating(path, line, [row.get(field, "") for field in fields], fields)


def read_ratings_dat(path: Traversable) -> Iterator[Rating]:
    """Read `ratings.dat`: user, film, rating and time with double colons between."""
    for line, text in lines(path, "ascii"):
        cells = text.split("::")
        if len(cells) != 4:
            complaint = f"{len(cells)} fields between double colons; user, film, rating and time are expected"
            raise bad_row(path, line, complaint, "copy the line again from the data set")
        yield _rating(path, line, cells, ("user", "film", "rating", "time"))


def read_ratings_latest(path: Traversable) -> Iterator[Rating]:
    """Read `ratings.csv`: userId, movieId, rating, timestamp."""
    fields = ("userId", "movieId", "rating", "timestamp")
    for line, row in csv_rows(path, fields):
        yield _rating(path, line, [row[field] for field in fields], fields)


def newest_ratings(read: Callable[[], Iterator[Rating]], most: int) -> Iterator[Rating]:
    """The `most` newest ratings, in the order of their file; more where several have the time of the oldest of them.

    The file is read twice, and of the first time only the times are kept: 32 million fit into a quarter of a gigabyte.
    """
    times = np.fromiter((-np.inf if rating.at is None else rating.at for rating in read()), dtype=np.float64)
    if len(times) <= most:
        yield from read()
        return
    oldest = np.partition(times, len(times) - most)[len(times) - most]
    yield from (rating for rating in read() if (-np.inf if rating.at is None else rating.at) >= oldest)


def settle_ratings(path: Traversable, ratings: Iterable[Rating], same: Mapping[str, str], latest: float) -> Ratings:
    """Put ratings into time order and keep the newest of each user and film.

    same: number of every film that is listed to the number it is kept under. latest: Unix seconds that no time may lie
    ahead of. A line without a time is older than all that have one, because nothing tells that it is newer. Raises
    MovieLensError for a film that is not listed, for times partly in milliseconds, and for a time to come.
    """
    found = list(ratings)
    _check_unit(path, found)
    for rating in found:
        if rating.film not in same:
            fix = "list it among the films or leave its ratings out"
            raise bad_field(path, rating.line, "film", rating.film, "is rated but not listed among the films", fix)
        if rating.at is not None and rating.at > latest:
            fix = "correct the clock it was taken from, or leave the field empty"
            raise bad_field(path, rating.line, "time", f"{rating.at:.0f}", "lies ahead of now", fix)
    times = [rating.at for rating in found if rating.at is not None]
    oldest = min(times, default=0.0)
    dated = [(rating, oldest if rating.at is None else rating.at) for rating in found]
    if times:
        # The sort is stable: what the file has later is newer where times do not tell.
        dated.sort(key=lambda pair: (pair[0].at is not None, pair[1]))
    newest: dict[tuple[str, str], tuple[float, float]] = {}
    for place, (rating, at) in enumerate(dated):
        key = (rating.user, same[rating.film])
        newest.pop(key, None)
        newest[key] = (rating.value, at if times else float(place))
    rows = [(user, film, value, at) for (user, film), (value, at) in newest.items()]
    rows.sort(key=itemgetter(3))
    undated = len(found) - len(times) if times else 0
    return Ratings(rows, bool(times), len(found) - len(rows), undated)


def _rating(path: Traversable, line: int, cells: list[str], fields: tuple[str, str, str, str]) -> Rating:
    user, film = (read_id(path, line, field, cell) for field, cell in zip(fields[:2], cells[:2], strict=True))
    value = read_rating(path, line, fields[2], cells[2])
    time = read_time(path, line, fields[3], cells[3])
    # One text for each user and film, not one for each of their ratings.
    user, film = sys.intern(user), sys.intern(film)
    return Rating(line, user, film, value, None if time is None else time[0], time is not None and time[1])


def _check_unit(path: Traversable, ratings: list[Rating]) -> None:
    """Seconds and milliseconds in one file cannot both be meant: one of them is a slip of a factor of a thousand."""
    timed = [rating for rating in ratings if rating.at is not None]
    other = next((rating for rating in timed if rating.milliseconds != timed[0].milliseconds), None)
    if other is not None:
        first, second = ("milliseconds", "seconds") if timed[0].milliseconds else ("seconds", "milliseconds")
        complaint = f"the time is in {second} and that of line {timed[0].line} in {first}"
        raise bad_row(path, other.line, complaint, "write all times in seconds")
