"""What is wrong with a folder of MovieLens is named with file, line, field and how to fix it."""

from __future__ import annotations

from pathlib import Path

import pytest

from seed_data.movielens import MovieLensError, read_movielens
from tests.seed_data.movielens_folders import ratings, write_csv


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MovieLensError, match=r"nowhere does not exist"):
        read_movielens(tmp_path / "nowhere")


def test_a_folder_of_something_else_is_named(tmp_path: Path) -> None:
    with pytest.raises(MovieLensError, match=r"holds no films; one of these pairs is looked for: u.item with u.data"):
        read_movielens(tmp_path)


@pytest.mark.parametrize("name", ["u.data", "u.genre"])
def test_a_missing_file_is_named(grouplens: Path, name: str) -> None:
    (grouplens / name).unlink()
    with pytest.raises(MovieLensError, match=rf"{name} is missing"):
        read_movielens(grouplens)


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("u.data", "7\t2\t5\n", r"u\.data, line 1: 3 fields"),
        ("u.data", "7\t2\t5\t1\n7\t1\tfive\t2\n", r"u\.data, line 2: rating 'five'"),
        ("u.data", "7\t99\t5\t1\n", r"film '99' is rated but not listed"),
        ("u.item", "1|Short|\n", r"u\.item, line 1: 3 fields"),
        ("u.genre", "Drama|0\n", r"u\.genre lists 1 genres"),
    ],
)
def test_a_bad_row_of_the_grouplens_layout_is_named(grouplens: Path, name: str, text: str, complaint: str) -> None:
    (grouplens / name).write_text(text, "latin-1")
    with pytest.raises(MovieLensError, match=complaint):
        read_movielens(grouplens)


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("items.csv.gz", "item_id,name\n1,Heat\n", r"items\.csv\.gz has no column 'title'"),
        ("items.csv.gz", "item_id,title,year,genres\n1,Heat,soon,\n", r"line 2: year 'soon'"),
        ("interactions.csv.gz", "user_id,item_id,value,timestamp\n5,2\n", r"line 2: it does not have the 4 columns"),
        ("interactions.csv.gz", "user_id,item_id\n5,2,9\n", r"line 2: it does not have the 2 columns"),
        ("interactions.csv.gz", "", r"has no column 'user_id'"),
    ],
)
def test_a_bad_row_of_the_csv_layout_is_named(gzipped: Path, name: str, text: str, complaint: str) -> None:
    write_csv(gzipped / name, text)
    with pytest.raises(MovieLensError, match=complaint):
        read_movielens(gzipped)


def test_a_damaged_gzip_is_named(gzipped: Path) -> None:
    (gzipped / "items.csv.gz").write_bytes(b"not gzip at all")
    with pytest.raises(MovieLensError, match=r"items\.csv\.gz is not a readable gzip"):
        read_movielens(gzipped)


def test_a_time_to_come_is_refused_by_who_knows_the_time(gzipped: Path) -> None:
    with pytest.raises(MovieLensError, match=r"line 2: time '200' lies ahead of now; correct the clock"):
        read_movielens(gzipped, latest=150.0)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        *(
            (
                f"item_id,title,year,genres\n1,Heat,1995,\n2,Lost,{year},\n",
                rf"line 3: year '{year}' is no year of a film",
            )
            for year in ("nan", "inf", "99999", "-5", "1995.5", "1e3", "１９９５")
        ),
        ('item_id,title,year,genres\n1,"Heat,1995,\n2,Lost,1990,\n', r"line 3: the quotes of a field do not fit"),
        ('item_id,title,year,genres\n1,"Heat"s,1995,\n', r"line 2: the quotes of a field do not fit"),
        ("item_id,title,year,genres\n,Heat,1995,\n", r"line 2: item_id '' is empty; give every line its id"),
        ("item_id,title,year,genres\n1, ,1995,\n", r"line 2: title ' ' is empty; give the film its title"),
        ("item_id,title,year,genres\n1,He\0at,1995,\n", r"line 2: title 'He\\x00at' is no title"),
        ("item_id,title,year,genres\n1,Heat,1995,\n1,Lost,1990,\n", r"line 3: film '1' stands on line 2 for another"),
        ("item_id,title,title,year,genres\n1,Heat,Heat,1995,\n", r"has no column 'title', or has it twice"),
        ("item_id,title,year,genres\n", r"lists no film; copy the whole file"),
    ],
)
def test_a_film_that_cannot_be_is_refused_with_line_field_and_fix(gzipped: Path, text: str, complaint: str) -> None:
    write_csv(gzipped / "items.csv.gz", text)
    with pytest.raises(MovieLensError, match=complaint):
        read_movielens(gzipped)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        *(
            (f"5,2,{value},100", rf"line 3: value '{value}' is not a number that rates; write a number from 0 to 100")
            for value in ("nan", "inf", "-inf", "-1", "1e9", "1_0", "five")
        ),
        *(
            (f"5,2,4,{time}", rf"line 3: timestamp '{time}' is not a number that tells a time; write Unix seconds")
            for time in ("nan", "inf", "-1", "1e99", "99999999999", "soon")
        ),
        ("5,2,4,1700000000000", r"line 3: the time is in milliseconds and that of line 2 in seconds; write all times"),
        ("5,99,4,100", r"line 3: film '99' is rated but not listed among the films; list it"),
        (" ,2,4,100", r"line 3: user_id ' ' is empty"),
        ("a b,2,4,100", r"line 3: user_id 'a b' is no id; use at most 64"),
        ('5,2,"4,100', r"line 3: the quotes of a field do not fit"),
    ],
)
def test_a_rating_that_cannot_be_is_refused_with_line_field_and_fix(gzipped: Path, row: str, complaint: str) -> None:
    write_csv(gzipped / "interactions.csv.gz", ratings("5,1,4,100", row))
    with pytest.raises(MovieLensError, match=complaint):
        read_movielens(gzipped)


def test_a_file_that_unpacks_without_end_is_refused(gzipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seed_data.movielens.files.MAX_BYTES", 40)
    with pytest.raises(MovieLensError, match=r"items\.csv\.gz unpacks to more than 40 bytes"):
        read_movielens(gzipped)


def test_the_error_is_a_value_error() -> None:
    assert issubclass(MovieLensError, ValueError)
