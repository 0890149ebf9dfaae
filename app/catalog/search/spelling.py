"""Words of the catalog that a mistyped word may mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy

import numpy as np
from numpy.typing import NDArray

LONGEST = 24
"""Letters of a word that are compared; a longer word is too rare to be mistyped twice."""
_SHORTEST = 3
_TWO_SLIPS_FROM = 7
_MORE_SHARE = 0.1
_FAR = np.int8(100)


class Vocabulary:
    """The words of a catalog, compared with a mistyped word all at once.

    letters: uint32 (LONGEST, words), the letters of a word in a column, so that one step of the comparison reads the
    same letter of all words side by side. more: words that came later.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._more: Vocabulary | None = None
        self.words = [word for word in words if len(word) <= LONGEST]
        self._known = frozenset(self.words)
        self._lengths = np.array([len(word) for word in self.words], dtype=np.int16)
        columns = np.array(self.words, dtype=f"U{LONGEST}").view(np.uint32).reshape(len(self.words), LONGEST)
        self._letters: NDArray[np.uint32] = np.ascontiguousarray(columns.T)

    def with_words(self, words: Iterable[str]) -> Vocabulary:
        """The vocabulary and further words. They are compared by themselves until they are a tenth of all: the letters
        of a million words take seconds to lay out.
        """
        more = dict.fromkeys(() if self._more is None else self._more.words)
        more |= {word: None for word in words if word not in self._known}
        if len(more) > _MORE_SHARE * len(self.words):
            return Vocabulary(sorted([*self.words, *more]))
        after = copy(self)
        after._more = Vocabulary(list(more)) if more else None
        return after

    def __contains__(self, word: object) -> bool:
        return word in self._known or (self._more is not None and word in self._more)

    def splits(self, word: str) -> list[tuple[str, str]]:
        """Two words of the catalog that make up `word`, the most even split first; of single letters none."""
        cuts = sorted(range(2, len(word) - 1), key=lambda cut: abs(len(word) - 2 * cut))
        return [(word[:cut], word[cut:]) for cut in cuts if word[:cut] in self and word[cut:] in self]

    def near(self, word: str, *, unfinished: bool = False) -> list[tuple[str, int]]:
        """Words that differ from `word` by a slip or two, with their number, fewest first.

        A slip is a letter too many, missing, wrong, or swapped with its neighbour (Damerau and Levenshtein, as optimal
        string alignment). Three letters and more may have one, seven and more two. With `unfinished`, `word` is
        compared with the beginnings of words.
        """
        if not _SHORTEST <= len(word) <= LONGEST - 2:
            return []
        found = self._within(word, 2 if len(word) >= _TWO_SLIPS_FROM else 1, unfinished)
        first = word[0]
        if len(word) == _SHORTEST:  # of three letters one slip is a third: the first letter at least is sure
            found = [(other, slip) for other, slip in found if other[0] == first]
        return sorted(found, key=lambda pair: (pair[1], pair[0][0] != first, abs(len(pair[0]) - len(word)), pair[0]))

    def _within(self, word: str, slips: int, unfinished: bool) -> list[tuple[str, int]]:
        """Words with at most so many slips, each with their number."""
        found = [] if self._more is None else self._more._within(word, slips, unfinished)
        if self.words:
            distances = self._distances(word, slips, unfinished)
            close = np.flatnonzero(distances <= slips)
            found += [(self.words[index], int(distances[index])) for index in close.tolist()]
        return found

    def _distances(self, word: str, slips: int, unfinished: bool) -> NDArray[np.int8]:
        """Slips between `word` and each word, int8 (words,); more than `slips` where there are more."""
        fits = self._lengths >= len(word) - slips
        if not unfinished:
            fits &= self._lengths <= len(word) + slips
        chosen = np.flatnonzero(fits)
        rows = min(len(word) + slips, LONGEST)
        letters = self._letters[:rows, chosen]
        lengths = np.minimum(self._lengths[chosen], rows)
        codes = [ord(letter) for letter in word]
        before: NDArray[np.int8] = np.empty(0, dtype=np.int8)
        last = np.repeat(np.arange(rows + 1, dtype=np.int8)[:, None], len(chosen), axis=1)
        for place, code in enumerate(codes, start=1):
            now = np.full_like(last, _FAR)
            now[0] = place
            for row in range(max(1, place - slips), min(rows, place + slips) + 1):
                step = last[row - 1] + (letters[row - 1] != code)
                np.minimum(step, np.minimum(last[row], now[row - 1]) + 1, out=step)
                if place > 1 and row > 1:
                    swapped = (letters[row - 1] == codes[place - 2]) & (letters[row - 2] == code)
                    step = np.where(swapped, np.minimum(step, before[row - 2] + 1), step)
                now[row] = step
            before, last = last, now
        distances = np.full(len(self.words), _FAR, dtype=np.int8)
        if unfinished:
            last = np.where(np.arange(rows + 1)[:, None] <= lengths, last, _FAR)
            distances[chosen] = last.min(axis=0)
        else:
            distances[chosen] = last[lengths, np.arange(len(chosen))]
        return distances
