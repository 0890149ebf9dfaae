"""A few films that everybody knows, as items."""

from __future__ import annotations

from app.values.item import Item

_FILMS = """
Titanic (1997) drama romance
Titan A.E. (2000) animation sci-fi
Star Wars (1977) sci-fi action adventure
The Empire Strikes Back (1980) sci-fi action
Star Trek: The Motion Picture (1979) sci-fi adventure
The Godfather (1972) crime drama
The Godfather: Part II (1974) crime drama
Good Will Hunting (1997) drama
Forrest Gump (1994) comedy drama romance
The Forest (1982) horror
Toy Story (1995) animation childrens comedy
Toy Story 2 (1999) animation childrens comedy
Clueless (1995) comedy romance
Father of the Bride Part II (1995) comedy
Braveheart (1995) drama war
Heat (1995) crime thriller
Sabrina (1954) comedy romance
Ghostbusters (1984) comedy horror
Ghost (1990) romance thriller
Superman (1978) action adventure
Spider-Man (2002) action adventure
Man on the Moon (1999) comedy drama
2001: A Space Odyssey (1968) sci-fi mystery
Twelve Monkeys (1995) sci-fi drama
Monkey Business (1931) comedy
Alien (1979) horror sci-fi
Aliens (1986) action sci-fi
Alien Nation (1988) crime sci-fi
Halloween (1978) horror
Scream (1996) horror thriller
The Silence of the Lambs (1991) thriller crime
Schindler's List (1993) drama war
Jurassic Park (1993) action adventure sci-fi
The Matrix (1999) action sci-fi
Blade Runner (1982) sci-fi film-noir
Double Indemnity (1944) crime film-noir
Casablanca (1942) drama romance war
Unforgiven (1992) western
High Noon (1952) western
Rocky IV (1985) action drama
Rocky (1976) action drama
Terminator 2: Judgment Day (1991) action sci-fi
Amélie (2001) comedy romance
La Haine (1995) drama
Monty Python and the Holy Grail (1974) comedy
Back to the Future (1985) comedy sci-fi
Se7en (1995) crime thriller
The Lion King (1994) animation childrens musical
Hoop Dreams (1994) documentary
It (1990) horror
"""


def known_films() -> list[Item]:
    """Fifty films with year and genres, in the order of this file."""
    return [_film(position, line) for position, line in enumerate(_FILMS.strip().splitlines())]


def _film(position: int, line: str) -> Item:
    title, _, rest = line.rpartition(" (")
    year, genres = rest[:4], tuple(rest[5:].split())
    return Item(
        item_id=f"film-{position}",
        position=position,
        title=title,
        type=genres[0],
        style=f"{year[:3]}0s",
        palette="mono",
        layout="full",
        tags=genres,
        added_at=float(position),
        seed=position,
        year=int(year),
    )
