"""Read MovieLens ratings, as GroupLens publishes them or as gzipped CSV, into films and time-ordered interactions.

Nothing of MovieLens is kept in this repository: its terms allow research use but no redistribution.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.values.item import Item
from seed_data.movielens.fields import LATEST_TIME
from seed_data.movielens.files import existing
from seed_data.movielens.films import film_items, read_keywords
from seed_data.movielens.layouts import find_layout
from seed_data.movielens.ratings import Row, newest_ratings, settle_ratings


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


def read_movielens(path: Path | str, latest: float = LATEST_TIME, newest: int | None = None) -> MovieLens:
    """Read a MovieLens data set, a folder or a zip file, in any of GroupLens' layouts; see `LAYOUTS`.

    latest: Unix seconds that no time of a rating may lie ahead of. newest: the most ratings to take, the newest ones.
    Raises MovieLensError, naming file, line, field and fix, when the folder or a file is missing, a column is absent,
    or a row does not fit.
    """
    folder, layout = find_layout(Path(path))
    films = layout.read_films(folder if layout.whole_folder else folder / layout.films)
    rated = existing(folder / layout.ratings)
    read = partial(layout.read_ratings, rated)
    ratings = settle_ratings(rated, read() if newest is None else newest_ratings(read, newest), films.same, latest)
    tags = folder / layout.tags if layout.tags else None
    keywords = read_keywords(tags, films) if tags is not None and tags.is_file() else {}
    first_rated: dict[str, float] = {}
    for _, number, _, at in ratings.rows if ratings.timed else ():
        first_rated.setdefault(number, at)
    return MovieLens(
        items=film_items(films.films, first_rated, keywords),
        rows=[(user, f"film-{number}", value, at) for user, number, value, at in ratings.rows],
        timed=ratings.timed,
        merged=films.merged,
        replaced=ratings.replaced,
        undated=ratings.undated,
    )
