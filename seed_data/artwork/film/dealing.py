"""Deals pictures out to films one after another, so that films that stand together do not look alike."""

from __future__ import annotations

from collections import Counter

from seed_data.artwork.film.pictures import picture_count


class DealtPictures:
    """Remembers how many films of each genre have a picture. A film's picture depends on those before it in the list,
    so that films which are added at its end change no poster.

    The pictures of a genre go round: of films up to twice their number (938 to 2,604, by genre) no three have the same
    one, and no page can show three alike, whatever it ranks.
    """

    def __init__(self) -> None:
        self._dealt: Counter[str] = Counter()

    def seed(self, genre: str, year: int, first: int) -> int:
        """The least seed from `first` on that shows the genre's next picture on a film of this year."""
        shown = self._dealt[genre]
        self._dealt[genre] += 1
        return first + (shown - year - first) % picture_count(genre)
