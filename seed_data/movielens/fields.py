"""One field of one line: an id, a title, a year, a rating or a time, each with its bounds."""

from __future__ import annotations

import re
from importlib.resources.abc import Traversable

from seed_data.movielens.errors import bad_field

FIRST_YEAR, LAST_YEAR = 1870, 2100
"""The oldest film that survives is of 1888; a year outside these is a slip."""

LARGEST_RATING = 100.0
"""Stars go up to 5 or 10, percentages to 100."""

LATEST_TIME = 4_102_444_800.0
"""The year 2100 in Unix seconds; what is larger is no time in seconds."""

_MILLISECONDS_FROM = 1e11
_MOST_ID_CHARACTERS = 64
_MOST_TITLE_CHARACTERS = 300
# float() also takes "nan", "infinity", "1_000" and digits of other scripts, none of which a data set means.
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{0,20})?(?:[eE][+-]?[0-9]{1,2})?")


def read_id(path: Traversable, line: int, field: str, text: str) -> str:
    """An id: at most 64 printable characters without spaces."""
    given = text.strip()
    if not given:
        raise bad_field(path, line, field, text, "is empty", "give every line its id")
    if len(given) > _MOST_ID_CHARACTERS or not given.isprintable() or " " in given:
        fix = f"use at most {_MOST_ID_CHARACTERS} printable characters without spaces"
        raise bad_field(path, line, field, given, "is no id", fix)
    return given


def read_title(path: Traversable, line: int, text: str) -> str:
    """A title: its words with one space between, at most 300 printable characters."""
    given = " ".join(text.split())
    if not given:
        raise bad_field(path, line, "title", text, "is empty", "give the film its title")
    if len(given) > _MOST_TITLE_CHARACTERS or not given.isprintable():
        fix = f"use at most {_MOST_TITLE_CHARACTERS} printable characters"
        raise bad_field(path, line, "title", given, "is no title", fix)
    return given


def read_year(path: Traversable, line: int, field: str, text: str) -> int | None:
    """A release year, None for an empty field."""
    given = text.strip()
    if not given:
        return None
    year = _number(given)
    if year is None or year != int(year) or not is_year(int(year)):
        fix = f"write a year from {FIRST_YEAR} to {LAST_YEAR}, or leave the field empty"
        raise bad_field(path, line, field, given, "is no year of a film", fix)
    return int(year)


def is_year(number: int) -> bool:
    """Whether a film can be of that year."""
    return FIRST_YEAR <= number <= LAST_YEAR


def read_rating(path: Traversable, line: int, field: str, text: str) -> float:
    """A rating; 1 for an empty field, which says only that the film was seen."""
    given = text.strip()
    if not given:
        return 1.0
    rating = _number(given)
    if rating is None or not 0 <= rating <= LARGEST_RATING:
        fix = f"write a number from 0 to {LARGEST_RATING:g}, or leave the field empty"
        raise bad_field(path, line, field, given, "is not a number that rates", fix)
    return rating


def read_time(path: Traversable, line: int, field: str, text: str) -> tuple[float, bool] | None:
    """A time in Unix seconds and whether it was written in milliseconds; None for an empty field."""
    given = text.strip()
    if not given:
        return None
    time = _number(given)
    seconds = time / 1000 if time is not None and time >= _MILLISECONDS_FROM else time
    if seconds is None or not 0 <= seconds <= LATEST_TIME:
        fix = "write Unix seconds (or milliseconds) of a time from 1970 to 2100, or leave the field empty"
        raise bad_field(path, line, field, given, "is not a number that tells a time", fix)
    return seconds, seconds != time


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None
