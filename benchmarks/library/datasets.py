"""Real data sets to measure on, from the folder that FLYWHEEL_DATASETS names. None is part of this repository."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

VARIABLE = "FLYWHEEL_DATASETS"
Event = tuple[int, int, float, float]


class DatasetsMissingError(RuntimeError):
    """The folder of data sets is not there; the message says how to name it."""


def datasets_folder() -> Path:
    """The folder of data sets. Raises DatasetsMissingError when the environment names none, or none that exists."""
    named = os.environ.get(VARIABLE, "")
    if not named:
        raise DatasetsMissingError(
            f"set {VARIABLE} to the folder that holds ml-100k/, ml-1m-m1/, gowalla/ and globo/ (csv.gz files)"
        )
    folder = Path(named)
    if not folder.is_dir():
        raise DatasetsMissingError(f"{VARIABLE} names {folder}, which is not a folder")
    return folder


def movielens_100k() -> list[Event]:
    """100,000 ratings as (user, item, 1.0, Unix seconds), in order of time; every rating counts, whatever its stars.

    Ratings of one second come in an order drawn by chance: the file lists them by item id, so that whatever reads their
    order learns that the next id is larger.
    """
    rows = _read(datasets_folder() / "ml-100k" / "interactions.csv.gz")
    return shuffled_ties([(int(row[0]), int(row[1]), 1.0, float(row[3])) for row in rows])


def shuffled_ties(events: list[Event], seed: int = 7) -> list[Event]:
    """Events in order of time, those of one time in an order drawn by chance."""
    drawn = np.random.default_rng(seed).permutation(len(events)).tolist()
    return [events[place] for place in sorted(drawn, key=lambda place: events[place][3])]


def globo() -> list[Event]:
    """2.6 million clicks on news as (user, item, 1.0, Unix seconds), in order of time."""
    rows = _read(datasets_folder() / "globo" / "interactions.csv.gz")
    return [(int(row[0]), int(row[1]), 1.0, int(row[2]) / 1000.0) for row in rows]


def movielens_1m(part: str = "train") -> list[tuple[int, int]]:
    """The ml-1m-m1 split of MovieLens 1M as (user, item) pairs, without times; part is 'train' or 'test'."""
    return [(int(row[0]), int(row[1])) for row in _read(datasets_folder() / "ml-1m-m1" / f"{part}.csv.gz")]


def movielens_1m_all() -> list[tuple[int, int]]:
    """All ratings of MovieLens 1M as (user, item) pairs, without times."""
    return [(int(row[0]), int(row[1])) for row in _read(datasets_folder() / "ml-1m" / "interactions.csv.gz")]


def coat() -> list[tuple[int, int]]:
    """Coats that shoppers chose to rate with 4 or 5, as (user, item) pairs, without times."""
    rows = _read(datasets_folder() / "coat" / "train.csv.gz")
    return [(int(row[0]), int(row[1])) for row in rows if float(row[2]) >= 4]


def movielens_100k_attributes() -> dict[int, list[str]]:
    """Genres and decade of each film of ml-100k, as `Interactions.describe` takes them."""
    found = {}
    for item_id, _title, year, genres in _read(datasets_folder() / "ml-100k" / "items.csv.gz"):
        decade = [f"decade={int(year) // 10 * 10}"] if year else []
        found[int(item_id)] = [*(f"genre={genre}" for genre in genres.split("|") if genre), *decade]
    return found


def gowalla(part: str = "train") -> list[tuple[int, int]]:
    """Check-ins of Gowalla as (user, item) pairs, without times; part is 'train' or 'test'."""
    return [(int(row[0]), int(row[1])) for row in _read(datasets_folder() / "gowalla" / f"{part}.csv.gz")]


def _read(path: Path) -> Iterator[list[str]]:
    if not path.is_file():
        raise DatasetsMissingError(f"{path} is not there; {VARIABLE} must name a folder that holds it")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        next(reader)
        yield from reader
