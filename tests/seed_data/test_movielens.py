"""Reading MovieLens in both layouts, and saying what is wrong with a folder."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from seed_data.artwork import artwork_svg
from seed_data.movielens import MovieLensError, genre_slug, natural_title, read_movielens

GENRES = [
    "unknown",
    "Action",
    "Adventure",
    "Animation",
    "Children's",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
]


def film_line(number: int, title: str, released: str, *genres: str) -> str:
    flags = "|".join("1" if genre in genres else "0" for genre in GENRES)
    return f"{number}|{title}|{released}||http://example.org/{number}|{flags}"


@pytest.fixture
def grouplens(tmp_path: Path) -> Path:
    folder = tmp_path / "ml-100k"
    folder.mkdir()
    films = [
        film_line(1, "Shawshank Redemption, The (1994)", "01-Jan-1994", "Drama"),
        film_line(2, "Cité des enfants perdus, La (1995)", "01-Jan-1995", "Comedy", "Sci-Fi"),
        film_line(3, "unknown", "", "unknown"),
    ]
    (folder / "u.item").write_text("\n".join(films) + "\n", encoding="latin-1")
    (folder / "u.genre").write_text("\n".join(f"{genre}|{place}" for place, genre in enumerate(GENRES)), "latin-1")
    (folder / "u.data").write_text("7\t2\t5\t881250949\n8\t1\t3\t881250900\n7\t1\t4\t881251000\n", "ascii")
    return folder


def write_csv(path: Path, text: str) -> None:
    path.write_bytes(gzip.compress(text.encode()))


@pytest.fixture
def gzipped(tmp_path: Path) -> Path:
    folder = tmp_path / "csv"
    folder.mkdir()
    write_csv(
        folder / "items.csv.gz",
        'item_id,title,year,genres\n1,"Piano, The",1993,Drama|Romance\n2,Heat,1995,Action|Crime\n9,Lost,,\n',
    )
    write_csv(folder / "interactions.csv.gz", "user_id,item_id,value,timestamp\n5,2,4,200\n6,1,5,100\n")
    return folder


def test_the_grouplens_layout_gives_films_and_rows_in_time_order(grouplens: Path) -> None:
    data = read_movielens(grouplens)
    assert data.timed
    assert [row[:2] for row in data.rows] == [("8", "film-1"), ("7", "film-2"), ("7", "film-1")]
    assert data.rows[0][2:] == (3.0, 881250900.0)
    first, second, third = data.items
    assert (first.item_id, first.title, first.year, first.type, first.style) == (
        "film-1",
        "The Shawshank Redemption",
        1994,
        "drama",
        "1990s",
    )
    assert second.title == "La Cité des enfants perdus"
    assert second.type == "sci-fi"
    assert second.tags == ("comedy", "sci-fi")
    assert first.added_at == 881250900.0
    assert third.tags == ("unknown",)
    assert third.year is not None


def test_the_csv_layout_gives_the_same_kind_of_thing(gzipped: Path) -> None:
    data = read_movielens(str(gzipped))
    assert [item.title for item in data.items] == ["The Piano", "Heat", "Lost"]
    assert data.items[0].tags == ("drama", "romance")
    assert data.rows == [("6", "film-1", 5.0, 100.0), ("5", "film-2", 4.0, 200.0)]


def test_pairs_without_timestamps_keep_the_order_of_their_file(gzipped: Path) -> None:
    write_csv(gzipped / "interactions.csv.gz", "user_id,item_id\n5,2\n5,1\n4,2\n")
    data = read_movielens(gzipped)
    assert not data.timed
    assert data.rows == [("5", "film-2", 1.0, 0.0), ("5", "film-1", 1.0, 1.0), ("4", "film-2", 1.0, 2.0)]
    assert data.items[1].added_at == 788918400.0  # 1995


def test_reading_twice_gives_the_same(grouplens: Path) -> None:
    assert read_movielens(grouplens) == read_movielens(grouplens)


@pytest.mark.parametrize(
    ("given", "spoken"),
    [
        ("Shawshank Redemption, The", "The Shawshank Redemption"),
        ("American in Paris, An", "An American in Paris"),
        ("Hate (Haine, La)", "Hate (La Haine)"),
        ("Umbrellas of Cherbourg, The (Parapluies, Les)", "The Umbrellas of Cherbourg (Les Parapluies)"),
        ("Star Maker, The (Uomo delle stelle, L')", "The Star Maker (L'Uomo delle stelle)"),
        ("Sex, Lies, and Videotape", "Sex, Lies, and Videotape"),
        ("Seven (Se7en)", "Seven (Se7en)"),
        ("", ""),
    ],
)
def test_titles_are_put_as_they_are_spoken(given: str, spoken: str) -> None:
    assert natural_title(given) == spoken


def test_genres_become_slugs() -> None:
    assert [genre_slug(genre) for genre in ("Children's", "Sci-Fi", "(no genres listed)")] == [
        "childrens",
        "sci-fi",
        "no-genres-listed",
    ]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MovieLensError, match=r"nowhere is not a folder"):
        read_movielens(tmp_path / "nowhere")


def test_a_folder_of_something_else_is_named(tmp_path: Path) -> None:
    with pytest.raises(MovieLensError, match=r"neither u\.item"):
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


def ratings(*rows: str) -> str:
    return "user_id,item_id,value,timestamp\n" + "".join(f"{row}\n" for row in rows)


def test_of_two_ratings_of_one_film_the_newest_wins_and_the_other_is_counted(gzipped: Path) -> None:
    write_csv(gzipped / "interactions.csv.gz", ratings("5,2,4,300", "5,2,1,200", "6,2,2,250", "5,1,3,260"))
    data = read_movielens(gzipped)
    assert data.rows == [("6", "film-2", 2.0, 250.0), ("5", "film-1", 3.0, 260.0), ("5", "film-2", 4.0, 300.0)]
    assert (data.replaced, data.undated, data.merged) == (1, 0, 0)


def test_of_two_ratings_at_one_time_or_without_times_the_later_line_wins(gzipped: Path) -> None:
    write_csv(gzipped / "interactions.csv.gz", ratings("5,2,4,300", "5,2,1,300"))
    assert read_movielens(gzipped).rows == [("5", "film-2", 1.0, 300.0)]
    write_csv(gzipped / "interactions.csv.gz", "user_id,item_id,value\n5,2,4\n5,1,2\n5,2,1\n")
    assert read_movielens(gzipped).rows == [("5", "film-1", 2.0, 1.0), ("5", "film-2", 1.0, 2.0)]


def test_one_missing_time_leaves_the_others_and_is_the_oldest(gzipped: Path) -> None:
    write_csv(gzipped / "interactions.csv.gz", ratings("5,2,4,300", "6,1,5,", "5,1,3,200", "5,2,1,"))
    data = read_movielens(gzipped)
    assert data.timed
    assert data.rows == [("6", "film-1", 5.0, 200.0), ("5", "film-1", 3.0, 200.0), ("5", "film-2", 4.0, 300.0)]
    assert (data.undated, data.replaced) == (2, 1)


def test_times_in_milliseconds_are_read_as_what_they_are(gzipped: Path) -> None:
    write_csv(gzipped / "interactions.csv.gz", ratings("5,2,4,1700000000500", "6,1,5,1699999999000"))
    data = read_movielens(gzipped)
    assert [row[3] for row in data.rows] == [1_699_999_999.0, 1_700_000_000.5]
    assert data.items[1].added_at == 1_700_000_000.5


def test_a_time_to_come_is_refused_by_who_knows_the_time(gzipped: Path) -> None:
    with pytest.raises(MovieLensError, match=r"line 2: time '200' lies ahead of now; correct the clock"):
        read_movielens(gzipped, latest=150.0)


def test_films_of_one_title_and_year_are_one_film_with_the_ratings_of_both(gzipped: Path) -> None:
    write_csv(
        gzipped / "items.csv.gz",
        "item_id,title,year,genres\n1,Heat,1995,Action\n2,Heat,1995,Action|Crime\n3,Heat,1986,Action\n",
    )
    write_csv(gzipped / "interactions.csv.gz", ratings("5,1,4,100", "5,2,2,200", "6,2,5,300", "6,3,1,400"))
    data = read_movielens(gzipped)
    assert [(item.item_id, item.year, item.tags) for item in data.items] == [
        ("film-1", 1995, ("action", "crime")),
        ("film-3", 1986, ("action",)),
    ]
    assert data.rows == [("5", "film-1", 2.0, 200.0), ("6", "film-1", 5.0, 300.0), ("6", "film-3", 1.0, 400.0)]
    assert (data.merged, data.replaced) == (1, 1)


def test_the_mark_of_utf_8_at_the_head_of_a_file_is_no_part_of_it(gzipped: Path, grouplens: Path) -> None:
    plain = read_movielens(gzipped), read_movielens(grouplens)
    for name in ("items.csv.gz", "interactions.csv.gz"):
        raw = gzip.decompress((gzipped / name).read_bytes())
        (gzipped / name).write_bytes(gzip.compress(b"\xef\xbb\xbf" + raw))
    for name in ("u.item", "u.data", "u.genre"):
        text = (grouplens / name).read_bytes().decode("latin-1")
        (grouplens / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert (read_movielens(gzipped), read_movielens(grouplens)) == plain


def test_a_year_that_no_film_can_be_of_stays_in_the_title(grouplens: Path) -> None:
    (grouplens / "u.item").write_text(
        "\n".join(film_line(n, title, "01-Jan-1994", "Drama") for n, title in ((1, "Zero (0000)"), (2, "Far (9999)"))),
        "latin-1",
    )
    (grouplens / "u.data").write_text("7\t1\t5\t1\n", "ascii")
    assert [(item.title, item.year) for item in read_movielens(grouplens).items] == [
        ("Zero (0000)", 1994),
        ("Far (9999)", 1994),
    ]


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
def test_a_film_that_cannot_be_is_refused_with_line_field_and_mend(gzipped: Path, text: str, complaint: str) -> None:
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
def test_a_rating_that_cannot_be_is_refused_with_line_field_and_mend(gzipped: Path, row: str, complaint: str) -> None:
    write_csv(gzipped / "interactions.csv.gz", ratings("5,1,4,100", row))
    with pytest.raises(MovieLensError, match=complaint):
        read_movielens(gzipped)


def test_a_file_that_unpacks_without_end_is_refused(gzipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seed_data.movielens.files.MAX_BYTES", 40)
    with pytest.raises(MovieLensError, match=r"items\.csv\.gz unpacks to more than 40 bytes"):
        read_movielens(gzipped)


def test_the_error_is_a_value_error() -> None:
    assert issubclass(MovieLensError, ValueError)


@pytest.mark.realdata
def test_the_real_ml_100k_reads_whole_and_can_be_drawn() -> None:
    datasets = os.environ.get("FLYWHEEL_DATASETS")
    if not datasets:
        pytest.skip("FLYWHEEL_DATASETS is not set")
    data = read_movielens(Path(datasets) / "ml-100k")
    assert (len(data.items), data.merged) == (1664, 18)
    assert len(data.rows) + data.replaced == 100_000
    assert len({(item.title, item.year) for item in data.items}) == len(data.items)
    assert all(earlier[3] <= later[3] for earlier, later in zip(data.rows, data.rows[1:], strict=False))
    assert "The Shawshank Redemption" in {item.title for item in data.items}
    assert all(artwork_svg(item).endswith("</svg>") for item in data.items[:100])
