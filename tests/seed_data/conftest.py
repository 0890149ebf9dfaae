"""A small MovieLens folder in each layout."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.seed_data.movielens_folders import GENRES, film_line, write_csv


@pytest.fixture
def grouplens(tmp_path: Path) -> Path:
    """A folder of three films and three ratings as GroupLens publishes them."""
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


@pytest.fixture
def gzipped(tmp_path: Path) -> Path:
    """A folder of three films and two ratings as compressed tables."""
    folder = tmp_path / "csv"
    folder.mkdir()
    write_csv(
        folder / "items.csv.gz",
        'item_id,title,year,genres\n1,"Piano, The",1993,Drama|Romance\n2,Heat,1995,Action|Crime\n9,Lost,,\n',
    )
    write_csv(folder / "interactions.csv.gz", "user_id,item_id,value,timestamp\n5,2,4,200\n6,1,5,100\n")
    return folder
