"""Small folders of MovieLens files, written line by line."""

from __future__ import annotations

import gzip
from pathlib import Path

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


def write_csv(path: Path, text: str) -> None:
    path.write_bytes(gzip.compress(text.encode()))


def ratings(*rows: str) -> str:
    return "user_id,item_id,value,timestamp\n" + "".join(f"{row}\n" for row in rows)
