"""Films of a data set: read, with what appears twice put together, and made into items."""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.resources.abc import Traversable
from types import MappingProxyType

from app.values.item import Item
from seed_data.artwork.draw import FILM_SIZE
from seed_data.artwork.film.dealing import DealtPictures
from seed_data.artwork.palettes import PALETTES
from seed_data.movielens.errors import MovieLensError, bad_field, bad_row
from seed_data.movielens.fields import read_id, read_title, read_year
from seed_data.movielens.files import csv_rows, existing, lines
from seed_data.movielens.titles import genre_slug, natural_title, split_year

FILM_LAYOUTS = ("full", "band", "frame")
_GENRES_100K = 19
_USUAL_YEAR = 1995
_LONGEST_KEYWORD, _MOST_KEYWORDS = 40, 6


NO_GENRES = genre_slug("(no genres listed)")
_NO_KEYWORDS: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Film:
    """One film. year: None when it is not known."""

    number: str
    title: str
    year: int | None
    genres: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Films:
    """Films in the order of their file.

    same: number of every line to that of the film it stands for. merged: lines that told of a film told of before.
    """

    films: list[Film]
    same: Mapping[str, str]
    merged: int


def read_films_100k(folder: Traversable) -> Films:
    """Read `u.item` with the genres of `u.genre`."""
    genre_file = existing(folder / "u.genre")
    genres = [text.split("|")[0] for _, text in lines(genre_file, "latin-1")]
    if len(genres) != _GENRES_100K:
        raise MovieLensError(
            f"{genre_file} lists {len(genres)} genres, ml-100k has {_GENRES_100K}; copy the file again"
        )
    path, fields = folder / "u.item", 5 + _GENRES_100K
    found = []
    for line, text in lines(path, "latin-1"):
        cells = text.split("|")
        if len(cells) != fields:
            complaint = f"{len(cells)} fields between bars, {fields} are expected"
            raise bad_row(path, line, complaint, "copy the line again from the data set")
        released = re.search(r"[0-9]{4,}", cells[2])
        year = read_year(path, line, "release date", released[0] if released else "")
        title, year = split_year(read_title(path, line, cells[1]), year)
        marked = tuple(genre for genre, flag in zip(genres, cells[5:], strict=True) if flag == "1")
        found.append((line, Film(read_id(path, line, "film", cells[0]), title, year, marked)))
    return _put_together(path, found)


def read_films_dat(path: Traversable) -> Films:
    """Read `movies.dat` of ml-1m and ml-10m: number, title with its year, and genres with bars between."""
    found = []
    for line, text in lines(path, "latin-1"):
        cells = text.split("::")
        if len(cells) < 3:
            complaint = f"{len(cells)} fields between double colons; number, title and genres are expected"
            raise bad_row(path, line, complaint, "copy the line again from the data set")
        found.append((line, _film(path, line, ("film", cells[0]), "::".join(cells[1:-1]), cells[-1])))
    return _put_together(path, found)


def read_films_latest(path: Traversable) -> Films:
    """Read `movies.csv` of ml-latest, ml-latest-small, ml-20m, ml-25m and ml-32m: movieId, title, genres."""
    rows = csv_rows(path, ("movieId", "title", "genres"))
    return _put_together(
        path,
        [(line, _film(path, line, ("movieId", row["movieId"]), row["title"], row["genres"])) for line, row in rows],
    )


def _film(path: Traversable, line: int, number: tuple[str, str], title: str, genres: str) -> Film:
    title, year = split_year(read_title(path, line, title), None)
    return Film(read_id(path, line, *number), title, year, tuple(genre for genre in genres.split("|") if genre))


def read_keywords(path: Traversable, films: Films) -> dict[str, tuple[str, ...]]:
    """What users call each film, by its number, the most frequent words first: `tags.csv` or `tags.dat`.

    A word counts once for each user; those that only one of many users gave are left out.
    """
    given: dict[str, Counter[str]] = defaultdict(Counter)
    seen: set[tuple[str, str, str]] = set()
    for user, number, tag in _tags(path):
        word, film = " ".join(tag.split()).casefold(), films.same.get(number)
        if film is None or not word.isprintable() or not 2 <= len(word) <= _LONGEST_KEYWORD:
            continue
        if (user, film, word) not in seen:
            seen.add((user, film, word))
            given[film][word] += 1
    found = {}
    for film, counts in given.items():
        least = 2 if max(counts.values()) > 2 else 1
        common = [word for word, count in counts.most_common(_MOST_KEYWORDS) if count >= least]
        found[film] = tuple(common)
    return found


def _tags(path: Traversable) -> Iterator[tuple[str, str, str]]:
    """User, film and tag of each line."""
    if path.name.endswith(".csv"):
        for _, row in csv_rows(path, ("userId", "movieId", "tag")):
            yield row["userId"], row["movieId"], row["tag"]
        return
    for line, text in lines(path, "latin-1"):
        cells = text.split("::")
        if len(cells) < 4:
            complaint = f"{len(cells)} fields between double colons; user, film, tag and time are expected"
            raise bad_row(path, line, complaint, "copy the line again from the data set")
        yield cells[0], cells[1], "::".join(cells[2:-1])


def read_films_csv(path: Traversable) -> Films:
    """Read `items.csv.gz`: item_id, title, year, and genres with bars between."""
    found = []
    for line, row in csv_rows(path, ("item_id", "title", "year", "genres")):
        year = read_year(path, line, "year", row["year"])
        title, year = split_year(read_title(path, line, row["title"]), year)
        genres = tuple(genre for genre in row["genres"].split("|") if genre)
        found.append((line, Film(read_id(path, line, "item_id", row["item_id"]), title, year, genres)))
    return _put_together(path, found)


def _put_together(path: Traversable, found: Iterable[tuple[int, Film]]) -> Films:
    """Lines of the same title and year are one film, which has the genres of all of them: 18 are in ml-100k."""
    films: dict[tuple[str, int | None], Film] = {}
    same: dict[str, str] = {}
    seen_at: dict[str, tuple[int, tuple[str, int | None]]] = {}
    merged = 0
    for line, film in found:
        key = (film.title.casefold(), film.year)
        known = films.get(key)
        first = film if known is None else known
        before, told = seen_at.setdefault(film.number, (line, key))
        if told != key:
            complaint = f"stands on line {before} for another title or year"
            raise bad_field(path, line, "film", film.number, complaint, "give each film an id of its own")
        merged += known is not None
        films[key] = replace(first, genres=tuple(dict.fromkeys((*first.genres, *film.genres))))
        same[film.number] = first.number
    if not films:
        raise MovieLensError(f"{path} lists no film; copy the whole file")
    return Films(list(films.values()), same, merged)


def film_items(
    films: list[Film], first_rated: Mapping[str, float], keywords: Mapping[str, tuple[str, ...]] = _NO_KEYWORDS
) -> list[Item]:
    """Items of the films. first_rated: Unix seconds by number; a film without is as old as its year.

    keywords: what users call a film, by number; it is searched, and says something of a film that nobody rated.
    """
    known_years = sorted(film.year for film in films if film.year)
    usual = known_years[len(known_years) // 2] if known_years else _USUAL_YEAR
    palettes, pictures = sorted(PALETTES), DealtPictures()
    items = []
    for position, film in enumerate(films):
        year = film.year or usual
        draw = zlib.crc32(f"{film.number} {film.title}".encode())
        slugs = dict.fromkeys(genre_slug(genre) for genre in film.genres)
        tags = tuple(slug for slug in slugs if slug and slug != NO_GENRES) or ("unknown",)
        named, main = keywords.get(film.number, ()), main_genre(tags)
        items.append(
            Item(
                item_id=f"film-{film.number}",
                position=position,
                title=natural_title(film.title),
                type=main,
                style=f"{year // 10 * 10}s",
                palette=palettes[draw % len(palettes)],
                layout=FILM_LAYOUTS[draw // 64 % len(FILM_LAYOUTS)],
                tags=tags,
                added_at=first_rated.get(film.number, datetime(year, 1, 1, tzinfo=UTC).timestamp()),
                seed=pictures.seed(main, year, draw),
                year=year,
                image_width=FILM_SIZE[0],
                image_height=FILM_SIZE[1],
                attributes=(("keywords", named),) if named else (),
            )
        )
    return items


_TELLING = (
    "documentary",
    "animation",
    "western",
    "film-noir",
    "sci-fi",
    "horror",
    "musical",
    "war",
    "childrens",
    "children",
    "fantasy",
    "crime",
    "mystery",
    "comedy",
    "romance",
    "thriller",
    "adventure",
    "action",
    "drama",
)
"""Genres, the one that tells most of a film first."""
_BESIDE = {
    "film-noir": {"sci-fi"},
    "horror": {"comedy"},
    "war": {"sci-fi", "fantasy", "comedy", "romance"},
    "musical": {"childrens", "children"},
}
"""Genres that are no film's main one beside these: Star Wars is science fiction, not war."""


def main_genre(tags: tuple[str, ...]) -> str:
    """The genre that tells most of a film, the first that is listed where none tells anything."""
    return next(
        (genre for genre in _TELLING if genre in tags and not _BESIDE.get(genre, set()) & {*tags}),
        next((tag for tag in tags if tag in _TELLING), tags[0]),
    )
