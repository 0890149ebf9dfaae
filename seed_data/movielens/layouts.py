"""In which of GroupLens' layouts a folder or zip file is, and what is read of it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from seed_data.movielens.errors import MovieLensError
from seed_data.movielens.films import (
    Films,
    read_films_100k,
    read_films_csv,
    read_films_dat,
    read_films_latest,
)
from seed_data.movielens.ratings import (
    Rating,
    read_ratings_100k,
    read_ratings_csv,
    read_ratings_dat,
    read_ratings_latest,
)


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which films and ratings are published. films, ratings, tags: names of files; tags may be missing."""

    films: str
    ratings: str
    read_films: Callable[[Traversable], Films]
    read_ratings: Callable[[Traversable], Iterator[Rating]]
    tags: str | None = None
    whole_folder: bool = False
    """Whether `read_films` takes the folder, because films are in more than one file."""


LAYOUTS = (
    Layout("u.item", "u.data", read_films_100k, read_ratings_100k, whole_folder=True),
    Layout("movies.dat", "ratings.dat", read_films_dat, read_ratings_dat, tags="tags.dat"),
    Layout("movies.csv", "ratings.csv", read_films_latest, read_ratings_latest, tags="tags.csv"),
    Layout("items.csv.gz", "interactions.csv.gz", read_films_csv, read_ratings_csv),
)
"""ml-100k; ml-1m and ml-10m; ml-latest, -latest-small, -20m, -25m and -32m; gzipped CSV of any data set."""


def find_layout(path: Path) -> tuple[Traversable, Layout]:
    """The folder that holds the films, on disk or in a zip file, and its layout.

    A zip file of GroupLens holds one folder, and so may the folder that it was unpacked into. Raises MovieLensError
    when there is neither, with what is looked for.
    """
    root = _opened(path)
    for folder in (root, *_folders(root)):
        for layout in LAYOUTS:
            if (folder / layout.films).is_file():
                return folder, layout
    wanted = ", ".join(f"{layout.films} with {layout.ratings}" for layout in LAYOUTS)
    raise MovieLensError(f"{path} holds no films; one of these pairs is looked for: {wanted}; is it another folder?")


def _opened(path: Path) -> Traversable:
    if path.is_dir():
        return path
    if not path.is_file():
        raise MovieLensError(f"{path} does not exist; give the folder or the zip file of a MovieLens data set")
    if path.name in {layout.films for layout in LAYOUTS}:
        return path.parent
    try:
        return zipfile.Path(path)
    except (zipfile.BadZipFile, OSError) as error:
        fix = "give the folder or the zip file of a MovieLens data set"
        raise MovieLensError(f"{path} is neither a folder nor a zip file ({error}); {fix}") from error


def _folders(root: Traversable) -> list[Traversable]:
    """Folders right inside, in order of their names."""
    try:
        inside = [each for each in root.iterdir() if each.is_dir()]
    except OSError as error:
        raise MovieLensError(f"{root} cannot be read: {error.strerror}; see who owns it") from error
    return sorted(inside, key=lambda each: each.name)
