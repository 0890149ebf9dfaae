"""Deals pictures out to films one after another, so that films that stand together do not look alike."""

from __future__ import annotations

from seed_data.artwork.film.pictures import picture_name, thing_name

_TRIED = 48
"""Seeds that are tried for a film: near the best, whatever the number of pictures, and quick for 90,000 films."""


class DealtPictures:
    """Remembers, by genre, when each thing was last drawn. A film's picture depends on those before it in the list, so
    that films which are added at its end change no poster.
    """

    def __init__(self) -> None:
        self._dealt = 0
        self._last: dict[str, int] = {}

    def seed(self, genre: str, year: int, first: int) -> int:
        """A seed from `first` on whose thing, and whose picture, was not drawn for longest."""
        self._dealt += 1
        seed = min(range(first, first + _TRIED), key=lambda seed: self._age(picture_name(genre, year + seed)))
        picture = picture_name(genre, year + seed)
        self._last[picture] = self._last[thing_name(picture)] = self._dealt
        return seed

    def _age(self, picture: str) -> tuple[int, int]:
        return self._last.get(thing_name(picture), 0), self._last.get(picture, 0)
