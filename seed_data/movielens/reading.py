"""Read MovieLens ratings, as GroupLens publishes them or as gzipped CSV, into films and time-ordered interactions.

Nothing of MovieLens is kept in this repository: its terms allow research use but no redistribution.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.values.item import Item
from seed_data.movielens.errors import MovieLensError
from seed_data.movielens.fields import LATEST_TIME
from seed_data.movielens.files import existing
from seed_data.movielens.films import film_items, read_films_100k, read_films_csv
from seed_data.movielens.ratings import Row, read_ratings_100k, read_ratings_csv, settle_ratings


@dataclass(frozen=True, slots=True)
class MovieLens:
    """Films in the order of their file, and interactions in time order, one for each user and film.

    Where a source has no timestamps (the ml-1m pairs), its own order stands in for time: `timestamp` is then the row's
    number in the file, and `timed` is False; a missing value counts as 1. Counts of what was put together: merged films
    with the title and year of another, ratings replaced by a newer one of the same user and film, and undated ratings
    of a file with times, which count as its oldest.
    """

    items: list[Item]
    rows: list[Row]
    timed: bool
    merged: int = 0
    replaced: int = 0
    undated: int = 0


def read_movielens(path: Path | str, latest: float = LATEST_TIME) -> MovieLens:
    """Read the folder at `path`: `u.item` and `u.data` of ml-100k, or `items.csv.gz` and `interactions.csv.gz`.

    latest: Unix seconds that no time of a rating may lie ahead of. Raises MovieLensError, naming file, line, field and
    fix, when the folder or a file is missing, a column is absent, or a row does not fit.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise MovieLensError(f"{folder} is not a folder; give the unpacked ml-100k folder, or one with items.csv.gz")
    if (folder / "u.item").is_file():
        films, rated = read_films_100k(folder), existing(folder / "u.data")
        ratings = settle_ratings(rated, read_ratings_100k(rated), films.same, latest)
    elif (folder / "items.csv.gz").is_file():
        films, rated = read_films_csv(folder / "items.csv.gz"), existing(folder / "interactions.csv.gz")
        ratings = settle_ratings(rated, read_ratings_csv(rated), films.same, latest)
    else:
        raise MovieLensError(
            f"{folder} holds neither u.item (GroupLens' ml-100k) nor items.csv.gz; is it another folder?"
        )
    first_rated: dict[str, float] = {}
    for _, number, _, at in ratings.rows if ratings.timed else ():
        first_rated.setdefault(number, at)
    return MovieLens(
        items=film_items(films.films, first_rated),
        rows=[(user, f"film-{number}", value, at) for user, number, value, at in ratings.rows],
        timed=ratings.timed,
        merged=films.merged,
        replaced=ratings.replaced,
        undated=ratings.undated,
    )
