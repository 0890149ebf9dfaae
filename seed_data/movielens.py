"""Read MovieLens ratings, as GroupLens publishes them or as gzipped CSV, into films and time-ordered interactions.

Nothing of MovieLens is kept in this repository: its terms allow research use but no redistribution.
"""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.values.item import Item
from seed_data.artwork.draw import FILM_SIZE
from seed_data.artwork.palettes import PALETTES

Row = tuple[str, str, float, float]
"""user_id, item_id, value, timestamp."""

FILM_LAYOUTS = ("full", "band", "frame")
_ARTICLE = re.compile(r"^(?P<rest>.+), (?P<article>The|A|An|Les|Le|La|Los|Las|El|Il|L'|Das|Der|Die|Det|Den|O|Un|Une)$")
_TITLE_YEAR = re.compile(r"^(?P<title>.*?)\s*\((?P<year>\d{4})\)\s*$")
_GENRES_100K = 19


class MovieLensError(ValueError):
    """A MovieLens folder cannot be read; the message names the file, the line and the mend."""


@dataclass(frozen=True, slots=True)
class MovieLens:
    """Films in the order of their file, and interactions in time order.

    Where a source has no timestamps (the ml-1m pairs), its own order stands in for time: `timestamp` is then the row's
    number in the file, and `timed` is False; a missing value counts as 1.
    """

    items: list[Item]
    rows: list[Row]
    timed: bool


@dataclass(frozen=True, slots=True)
class _Film:
    number: str
    title: str
    year: int | None
    genres: tuple[str, ...]


def read_movielens(path: Path | str) -> MovieLens:
    """Read the folder at `path`: `u.item` and `u.data` of ml-100k, or `items.csv.gz` and `interactions.csv.gz`.

    Raises MovieLensError when the folder or a file is missing, a column is absent, or a row does not fit.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise MovieLensError(f"{folder} is not a folder; give the unpacked ml-100k folder, or one with items.csv.gz")
    if (folder / "u.item").is_file():
        films, rows, timed = _read_films_100k(folder), list(_read_ratings_100k(_existing(folder / "u.data"))), True
    elif (folder / "items.csv.gz").is_file():
        films = _read_films_csv(folder / "items.csv.gz")
        rows, timed = _read_ratings_csv(_existing(folder / "interactions.csv.gz"))
    else:
        raise MovieLensError(
            f"{folder} holds neither u.item (GroupLens' ml-100k) nor items.csv.gz; is it another folder?"
        )
    known = {film.number for film in films}
    for _, number, _, _ in rows:
        if number not in known:
            raise MovieLensError(f"{folder}: film {number!r} is rated but not listed among the films")
    if timed:
        rows.sort(key=lambda row: row[3])
    items = _items(films, rows, timed)
    return MovieLens(items, [(user, f"film-{number}", value, at) for user, number, value, at in rows], timed)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise MovieLensError(f"{path} is missing; copy the whole folder")
    return path


def _read_films_100k(folder: Path) -> list[_Film]:
    genre_file = _existing(folder / "u.genre")
    genres = [line.split("|")[0] for line in genre_file.read_text("latin-1").splitlines() if line.strip()]
    if len(genres) != _GENRES_100K:
        raise MovieLensError(f"{genre_file} lists {len(genres)} genres, ml-100k has {_GENRES_100K}")
    films = []
    path = folder / "u.item"
    for line, text in _lines(path, "latin-1"):
        cells = text.split("|")
        if len(cells) != 5 + _GENRES_100K:
            raise _bad_row(path, line, f"{len(cells)} fields between bars, {5 + _GENRES_100K} are expected")
        marked = tuple(genre for genre, flag in zip(genres, cells[5:], strict=True) if flag == "1")
        released = re.search(r"\d{4}", cells[2])
        title, year = _split_year(cells[1], int(released[0]) if released else None)
        films.append(_Film(cells[0], title, year, marked))
    return films


def _read_ratings_100k(path: Path) -> Iterator[Row]:
    for line, text in _lines(path, "ascii"):
        cells = text.split("\t")
        if len(cells) != 4:
            raise _bad_row(path, line, f"{len(cells)} fields between tabs; user, film, rating and time are expected")
        yield cells[0], cells[1], _number(path, line, "rating", cells[2]), _number(path, line, "time", cells[3])


def _read_films_csv(path: Path) -> list[_Film]:
    films = []
    for line, row in _csv_rows(path, ("item_id", "title", "year", "genres")):
        given = row["year"].strip()
        title, year = _split_year(row["title"], int(_number(path, line, "year", given)) if given else None)
        films.append(_Film(row["item_id"], title, year, tuple(genre for genre in row["genres"].split("|") if genre)))
    return films


def _read_ratings_csv(path: Path) -> tuple[list[Row], bool]:
    rows: list[Row] = []
    timed = True
    for line, row in _csv_rows(path, ("user_id", "item_id")):
        value, at = row.get("value") or "", row.get("timestamp") or ""
        timed = timed and bool(at)
        rows.append(
            (
                row["user_id"],
                row["item_id"],
                _number(path, line, "value", value) if value else 1.0,
                _number(path, line, "timestamp", at) if at else 0.0,
            )
        )
    if not timed:
        rows = [(user, item, value, float(place)) for place, (user, item, value, _) in enumerate(rows)]
    return rows, timed


def _csv_rows(path: Path, columns: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, restkey="")
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise MovieLensError(f"{path} has no column {missing[0]!r}; its header is {reader.fieldnames}")
            for row in reader:
                if "" in row or any(value is None for value in row.values()):
                    raise _bad_row(
                        path, reader.line_num, f"it does not have the {len(reader.fieldnames or ())} columns"
                    )
                yield reader.line_num, row
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise MovieLensError(f"{path} is not a readable gzip file of UTF-8 text: {error}") from error


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding=encoding) as file:
            yield from ((line, text.rstrip("\r\n")) for line, text in enumerate(file, 1) if text.strip())
    except UnicodeDecodeError as error:
        raise MovieLensError(f"{path} is not {encoding} text: {error}") from error


def _number(path: Path, line: int, name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise _bad_row(path, line, f"{name} {text!r} is not a number") from error


def _bad_row(path: Path, line: int, complaint: str) -> MovieLensError:
    return MovieLensError(f"{path}, line {line}: {complaint}")


def _split_year(title: str, year: int | None) -> tuple[str, int | None]:
    match = _TITLE_YEAR.match(title)
    return (match["title"], int(match["year"])) if match else (title.strip(), year)


def natural_title(title: str) -> str:
    """`title` as it is spoken: ``Hate (Haine, La)`` is Hate (La Haine), ``Piano, The`` is The Piano."""
    main, bracket, rest = title.partition(" (")
    if not bracket or not rest.endswith(")"):
        return _article_first(title)
    return f"{_article_first(main)} ({_article_first(rest[:-1].strip())})"


def _article_first(title: str) -> str:
    match = _ARTICLE.match(title)
    if match is None:
        return title
    article = match["article"]
    return f"{article}{'' if article.endswith(chr(39)) else ' '}{match['rest']}"


def genre_slug(genre: str) -> str:
    """``Children's`` is childrens, ``Sci-Fi`` sci-fi, ``(no genres listed)`` no-genres-listed."""
    return re.sub(r"[^a-z0-9]+", "-", genre.lower().replace("'", "")).strip("-")


def _items(films: list[_Film], rows: list[Row], timed: bool) -> list[Item]:
    first_rated: dict[str, float] = {}
    if timed:
        for _, number, _, at in rows:
            first_rated.setdefault(number, at)
    known_years = sorted(film.year for film in films if film.year)
    usual = known_years[len(known_years) // 2] if known_years else 1995
    palettes = sorted(PALETTES)
    items = []
    for position, film in enumerate(films):
        year = film.year or usual
        draw = zlib.crc32(f"{film.number} {film.title}".encode())
        tags = tuple(genre_slug(genre) for genre in film.genres) or ("unknown",)
        items.append(
            Item(
                item_id=f"film-{film.number}",
                position=position,
                title=natural_title(film.title),
                type=_primary(tags),
                style=f"{year // 10 * 10}s",
                palette=palettes[draw % len(palettes)],
                layout=FILM_LAYOUTS[draw // 64 % len(FILM_LAYOUTS)],
                tags=tags,
                added_at=first_rated.get(film.number, datetime(year, 1, 1, tzinfo=UTC).timestamp()),
                seed=draw,
                year=year,
                image_width=FILM_SIZE[0],
                image_height=FILM_SIZE[1],
            )
        )
    return items


_TELLING = (
    "film-noir",
    "documentary",
    "animation",
    "western",
    "musical",
    "war",
    "sci-fi",
    "horror",
    "childrens",
    "fantasy",
)


def _primary(tags: tuple[str, ...]) -> str:
    """The genre that says most about a film: a telling one before drama or comedy, else the first that is listed."""
    return next((genre for genre in _TELLING if genre in tags), tags[0])
