"""Every layout that GroupLens publishes gives the same films and rows, from a folder or a zip file, in any encoding."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from seed_data.movielens import MovieLensError, read_movielens
from seed_data.movielens.films import main_genre

MOVIES = [
    ("1", "Toy Story (1995)", "Animation|Children's|Comedy"),
    ("2", "Cité des enfants perdus, La (1995)", "Adventure|Sci-Fi"),
    ("3", "Star Wars: Episode IV - A New Hope (1977)", "Action|Adventure|Fantasy|Sci-Fi|War"),
    ("7", "toy story (1995)", "Fantasy"),
]
RATINGS = [("6", "1", "4.5", "100"), ("5", "3", "0.5", "300"), ("6", "2", "3", "200"), ("9", "7", "5", "50")]
TAGS = [("6", "3", "space  opera"), ("5", "3", "Space Opera"), ("9", "3", "space opera"), ("5", "3", "x::y")]


def dat(folder: Path, encoding: str) -> None:
    """movies.dat, ratings.dat and tags.dat, as of ml-1m (Latin-1) and ml-10m (UTF-8)."""
    (folder / "movies.dat").write_bytes("".join(f"{'::'.join(row)}\n" for row in MOVIES).encode(encoding))
    (folder / "ratings.dat").write_text("".join(f"{'::'.join(row)}\r\n" for row in RATINGS), newline="")
    (folder / "tags.dat").write_bytes("".join(f"{'::'.join(row)}::1\n" for row in TAGS).encode(encoding))


def latest(folder: Path, encoding: str) -> None:
    """movies.csv, ratings.csv and tags.csv, as of ml-latest-small, 20m, 25m and 32m."""
    movies = "".join(f'{number},"{title}",{genres}\r\n' for number, title, genres in MOVIES)
    (folder / "movies.csv").write_bytes(f"movieId,title,genres\r\n{movies}".encode(encoding))
    ratings = "".join(f"{','.join(row)}\n" for row in RATINGS)
    (folder / "ratings.csv").write_text(f"userId,movieId,rating,timestamp\n{ratings}")
    tags = "".join(f'{user},{film},"{tag}",1\n' for user, film, tag in TAGS)
    (folder / "tags.csv").write_bytes(f"userId,movieId,tag,timestamp\n{tags}".encode(encoding))
    (folder / "links.csv").write_text("movieId,imdbId,tmdbId\n1,1,1\n")


Write = Callable[[Path, str], None]
LAYOUTS = [(dat, "latin-1"), (dat, "utf-8"), (latest, "utf-8"), (latest, "utf-8-sig"), (latest, "latin-1")]


@pytest.mark.parametrize(("write", "encoding"), LAYOUTS)
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_every_layout_gives_the_same_films_and_rows(tmp_path: Path, write: Write, encoding: str, packed: bool) -> None:
    folder = tmp_path / "ml-any"
    folder.mkdir()
    write(folder, encoding)
    given = folder
    if packed:
        given = tmp_path / "ml-any.zip"
        with zipfile.ZipFile(given, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in folder.iterdir():
                archive.write(file, f"ml-any/{file.name}")
    data = read_movielens(given)
    assert [(item.title, item.year, item.type) for item in data.items] == [
        ("Toy Story", 1995, "animation"),
        ("La Cité des enfants perdus", 1995, "sci-fi"),
        ("Star Wars: Episode IV - A New Hope", 1977, "sci-fi"),
    ]
    assert data.items[0].tags == ("animation", "childrens", "comedy", "fantasy")
    assert dict(data.items[2].attributes) == {"keywords": ("space opera",)}
    assert data.rows == [
        ("9", "film-1", 5.0, 50.0),
        ("6", "film-1", 4.5, 100.0),
        ("6", "film-2", 3.0, 200.0),
        ("5", "film-3", 0.5, 300.0),
    ]
    assert (data.timed, data.merged) == (True, 1)


def test_a_folder_around_the_folder_and_a_file_of_it_are_understood(tmp_path: Path) -> None:
    folder = tmp_path / "downloads" / "ml-latest-small"
    folder.mkdir(parents=True)
    latest(folder, "utf-8")
    whole = read_movielens(folder)
    assert read_movielens(folder.parent) == read_movielens(folder / "movies.csv") == whole


def test_the_newest_ratings_alone_can_be_taken(tmp_path: Path) -> None:
    latest(tmp_path, "utf-8")
    assert [row[3] for row in read_movielens(tmp_path, newest=2).rows] == [200.0, 300.0]
    assert len(read_movielens(tmp_path, newest=9).rows) == 4


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("movies.dat", "1::Toy Story (1995)\n", r"movies\.dat, line 1: 2 fields between double colons"),
        ("ratings.dat", "6::1::4\n", r"ratings\.dat, line 1: 3 fields .*; copy the line again"),
        ("ratings.dat", "6::99::4::1\n", "film '99' is rated but not listed"),
        ("tags.dat", "6::1::word\n", r"tags\.dat, line 1: 3 fields"),
    ],
)
def test_a_line_that_does_not_fit_is_named(tmp_path: Path, name: str, text: str, told: str) -> None:
    dat(tmp_path, "utf-8")
    (tmp_path / name).write_text(text)
    with pytest.raises(MovieLensError, match=told):
        read_movielens(tmp_path)


def test_a_missing_column_and_a_damaged_zip_are_named(tmp_path: Path) -> None:
    latest(tmp_path, "utf-8")
    (tmp_path / "ratings.csv").write_text("user,movieId,rating,timestamp\n1,1,1,1\n")
    with pytest.raises(MovieLensError, match=r"ratings\.csv has no column 'userId'"):
        read_movielens(tmp_path)
    packed = tmp_path / "ml.zip"
    packed.write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(MovieLensError, match=r"ml\.zip is neither a folder nor a zip file"):
        read_movielens(packed)


@pytest.mark.parametrize(
    ("genres", "main"),
    [
        (("action", "adventure", "romance", "sci-fi", "war"), "sci-fi"),
        (("comedy", "romance", "war"), "comedy"),
        (("drama", "war"), "war"),
        (("drama", "romance", "war"), "romance"),
        (("comedy", "horror"), "comedy"),
        (("film-noir", "sci-fi"), "sci-fi"),
        (("film-noir", "mystery"), "film-noir"),
        (("action", "crime", "drama"), "crime"),
        (("animation", "childrens", "comedy"), "animation"),
        (("action", "drama", "romance"), "romance"),
        (("war", "comedy", "imax"), "comedy"),
        (("imax", "drama"), "drama"),
        (("unknown",), "unknown"),
    ],
)
def test_the_main_genre_is_what_people_would_say(genres: tuple[str, ...], main: str) -> None:
    assert main_genre(genres) == main
