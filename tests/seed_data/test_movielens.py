"""Reading MovieLens in both layouts."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from seed_data.artwork import artwork_svg
from seed_data.movielens import genre_slug, natural_title, read_movielens
from tests.seed_data.movielens_folders import film_line, ratings, write_csv


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
