"""Finding items by a text: every term must be there, and what is not is corrected or, at last, left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.catalog.facets import Facets
from app.catalog.search.matching import Matcher, Quality
from app.catalog.search.reading import Reading, may_begin
from app.catalog.search.synonyms import bundled_synonyms
from app.catalog.search.terms import Term, read_terms
from app.store.items import words_of
from app.store.search import Reader
from app.values.item import Item
from app.values.kept import keep_answers
from app.values.words import folded_words

EXACT_TITLE, TITLE_BEGINS = 10.0, 0.25
"""What a title adds that is the text, or begins with it. Nothing else lifts an item above an exact title."""
_CORRECTED, _JOINED = 0.9, 0.95
_CANDIDATES = 12
_TITLES_COMPARED = 400
_KEPT = 128
_COMPLETIONS, _COMPLETIONS_LOOKED_AT = 3, 24


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a text finds.

    indices: of items in the catalog's order, int32 (found,); relevance: float32 (found,), about 0 to 1, above 10 for an
    item whose title is the text. meant: the text as it was read, None where that is what was typed. left_out: words
    that no item has together with the others.
    """

    indices: NDArray[np.int32]
    relevance: NDArray[np.float32]
    meant: str | None = None
    left_out: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.indices)


@dataclass(frozen=True, slots=True, eq=False)
class Suggestions:
    """What somebody who is still typing may want. texts: whole texts that begin so. found: items, as for `Found`."""

    texts: tuple[str, ...]
    found: Found


class CatalogSearch:
    """Searches one catalog. Safe between threads: what it keeps is never changed after it was made.

    `reader` gives the calling thread a connection to the database whose index holds the items.
    """

    def __init__(
        self,
        items: Sequence[Item],
        facets: Facets,
        reader: Reader,
        synonyms: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self._items = items
        self._synonyms = bundled_synonyms() if synonyms is None else synonyms
        self._matcher = Matcher(facets, reader, self._synonyms)
        self._keep_answers()

    def with_changes(self, items: Sequence[Item], facets: Facets, changed: Iterable[Item]) -> CatalogSearch:
        """Searches the next catalog, in which some items were written."""
        after = copy(self)
        after._items = items
        after._matcher = self._matcher.with_changes(facets, words_of(changed))
        after._keep_answers()
        return after

    def _keep_answers(self) -> None:
        self._find = keep_answers(self._read_and_find, _KEPT)
        self._suggest = keep_answers(self._read_and_suggest, _KEPT)

    def find(self, text: str) -> Found:
        """The items that a text finds. A text without a word finds nothing."""
        return self._find(text.strip().lower())

    def suggest(self, text: str) -> Suggestions:
        """What the beginning of a text may become; its last word is taken as unfinished."""
        return self._suggest(text.strip().lower())

    def _read_and_find(self, text: str) -> Found:
        readings = self._read(read_terms(text, self._synonyms), self._end_of)
        return self._found(readings)

    def _read_and_suggest(self, text: str) -> Suggestions:
        terms = read_terms(text, self._synonyms)
        found = self._found(self._read(terms, self._beginning_of))
        return Suggestions(self._completions(terms, found), found)

    # Reading: which items each term means.

    def _read(self, terms: list[Term], end: Callable[[Term], Reading]) -> list[Reading]:
        """A reading of every term; `end` reads the last one, which may be unfinished."""
        if not terms:
            return []
        readings = [self._plain(term) for term in terms[:-1]]
        readings.append(end(terms[-1]))
        self._add_joined(readings)
        for at in range(len(readings)):
            reading = readings[at]
            if reading.quality.any() or not reading.term.text.isalpha() or reading.term.filler:
                continue
            if not self._mend_joined(readings, at):
                readings[at] = self._corrected(reading, [other for other in readings if other is not reading])
        return readings

    def _plain(self, term: Term) -> Reading:
        literal = not term.means or bool(self._matcher.phrase(term.text).any())
        return Reading(term, self._matcher.term(term), term.text, literal=literal)

    def _end_of(self, term: Term) -> Reading:
        """The last term of a finished text: only a word that nothing has is taken as unfinished."""
        plain = self._plain(term)
        if plain.quality.any() or not may_begin(term):
            return plain
        return replace(plain, quality=self._matcher.beginning(term.text))

    def _beginning_of(self, term: Term) -> Reading:
        plain = self._plain(term)
        if not may_begin(term):
            return plain
        return replace(plain, quality=np.maximum(plain.quality, self._matcher.beginning(term.text)), unfinished=True)

    def _add_joined(self, readings: list[Reading]) -> None:
        """Two words that stand in the catalog as one: "super man" means Superman as well."""
        for at in range(len(readings) - 1):
            one, other = readings[at : at + 2]
            if not (one.term.is_word and other.term.is_word) or one.term.filler:
                continue
            quality = _JOINED * self._matcher.phrase(one.term.text + other.term.text)
            if quality.any():
                readings[at] = replace(one, quality=np.maximum(one.quality, quality))
                readings[at + 1] = replace(other, quality=np.maximum(other.quality, quality))

    def _mend_joined(self, readings: list[Reading], at: int) -> bool:
        """Take a word that nothing has, and the word beside it, for one word that was mistyped: "gost busters"."""
        for other in (at + 1, at - 1):
            if not 0 <= other < len(readings) or not readings[other].term.text.isalpha():
                continue
            first, second = sorted((at, other))
            parts = readings[first].term.text, readings[second].term.text
            for near, _ in self._matcher.vocabulary.near("".join(parts))[:1]:
                if len(near) < max(map(len, parts)) + 2:  # it is one of them, and the other a slip
                    continue
                quality = _CORRECTED * _JOINED * self._matcher.phrase(near)
                if quality.any():
                    readings[first] = replace(readings[first], quality=quality, text=near, corrected=True)
                    readings[second] = replace(readings[second], quality=quality, text="", corrected=True)
                    return True
        return False

    def _corrected(self, reading: Reading, others: Iterable[Reading]) -> Reading:
        """What a word that nothing has may mean: two words without a space, or one that was mistyped.

        Of words that differ by as little, the one is meant that most items have together with the other terms.
        """
        word = reading.term.text
        rest = _together([other.quality for other in others if other.quality.any() and not other.term.filler])
        best: tuple[float, Reading] | None = None
        for text, cost, quality in self._readings_of(word, reading.unfinished):
            count = np.count_nonzero(quality if rest is None else quality * rest)
            alone = np.count_nonzero(quality)
            worth = 4.0 * (count > 0) + float(np.log10(1 + alone)) - 3.0 * cost
            if alone and (best is None or worth > best[0]):
                best = worth, replace(reading, quality=_CORRECTED * quality, text=text, corrected=True)
        return reading if best is None else best[1]

    def _corrected_together(self, needed: Sequence[Reading]) -> dict[Term, Reading] | None:
        """A word that items have, but none with the other words, is taken for a near one that they do have: "forest
        gump". None where no single change helps.
        """
        best: tuple[tuple[float, int], dict[Term, Reading]] | None = None
        for reading in needed:
            if reading.corrected or not reading.literal or not reading.term.text.isalpha():
                continue
            rest = _together([other.quality for other in needed if other is not reading])
            if rest is None or not rest.any():
                continue
            for near, slips in self._matcher.vocabulary.near(reading.term.text)[:_CANDIDATES]:
                quality = self._matcher.phrase(near)
                count = int(np.count_nonzero(quality * rest))
                cost = slips + 0.5 * (near[0] != reading.term.text[0])
                if slips and count and (best is None or (cost, -count) < best[0]):
                    corrected = replace(reading, quality=_CORRECTED * quality, text=near, corrected=True)
                    best = (cost, -count), {reading.term: corrected}
        return None if best is None else best[1]

    def _readings_of(self, word: str, unfinished: bool) -> Iterable[tuple[str, float, Quality]]:
        """Texts that a word may mean, each with what speaks against it, and the items that have it."""
        vocabulary = self._matcher.vocabulary
        for one, other in vocabulary.splits(word)[:_CANDIDATES]:
            both = _together([self._matcher.phrase(one), self._matcher.phrase(other)])
            if both is not None:
                yield f"{one} {other}", 0.5, both
        for near, slips in vocabulary.near(word, unfinished=unfinished)[:_CANDIDATES]:
            yield near, slips + 0.5 * (near[0] != word[0]), self._matcher.term(self._term_of(near))

    def _term_of(self, word: str) -> Term:
        return read_terms(word, self._synonyms)[0]

    # Finding: the items that all terms mean.

    def _found(self, readings: list[Reading]) -> Found:
        needed = [reading for reading in readings if not reading.term.filler]
        left_out = [reading for reading in needed if not reading.quality.any()]
        needed = [reading for reading in needed if reading.quality.any()]
        all_terms = _together([reading.quality for reading in needed])
        if all_terms is not None and not all_terms.any() and (known := self._corrected_together(needed)) is not None:
            readings = [known.get(reading.term, reading) for reading in readings]
            needed = [known.get(reading.term, reading) for reading in needed]
            all_terms = _together([reading.quality for reading in needed])
        while all_terms is not None and not all_terms.any():
            # A synonym may be far-fetched, so what only synonyms stand for goes before words that items have.
            rarest = min(needed, key=lambda reading: (reading.literal, np.count_nonzero(reading.quality)))
            needed.remove(rarest)
            left_out.append(rarest)
            all_terms = _together([reading.quality for reading in needed])
        if all_terms is None:
            return Found(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32))
        indices = np.flatnonzero(all_terms).astype(np.int32)
        relevance = np.zeros(len(indices), dtype=np.float32)
        for reading in needed:
            relevance += reading.quality[indices] / np.float32(len(needed))
        kept = [reading for reading in readings if reading not in left_out]
        self._lift_titles(" ".join(reading.text for reading in kept if reading.text), indices, relevance)
        corrected = any(reading.corrected for reading in kept)
        meant = " ".join(reading.text for reading in kept if reading.text) if corrected else None
        words = tuple(reading.term.text for reading in readings if reading in left_out)
        return Found(indices, relevance, meant, words)

    def _lift_titles(self, text: str, indices: NDArray[np.int32], relevance: NDArray[np.float32]) -> None:
        """Add to the relevance of titles that begin with the text, and most to those that are the text."""
        words = folded_words(text)
        titled = self._matcher.titled(text)
        places = np.searchsorted(indices, titled)
        places = places[places < len(indices)]
        places = places[np.isin(indices[places], titled)]
        relevance[places] += TITLE_BEGINS
        # Titles of so many words can only be compared one by one; a common beginning says little anyway.
        for place in places[:_TITLES_COMPARED].tolist():
            if folded_words(self._items[indices[place]].title) == words:
                relevance[place] += EXACT_TITLE

    def _completions(self, terms: list[Term], found: Found) -> tuple[str, ...]:
        """Texts that begin as typed, the one that most items have first."""
        if not terms or not may_begin(terms[-1]) or not len(found):
            return ()
        *_, last = terms
        before = " ".join(term.text for term in terms[:-1])
        rest = _together([self._matcher.term(term) for term in terms[:-1] if not term.filler])
        counted = []
        itself = [last.text] if last.text in self._matcher.vocabulary else []
        for word in [*itself, *self._matcher.words_beginning(last.text, _COMPLETIONS_LOOKED_AT)]:
            quality = self._matcher.phrase(word)
            count = int(np.count_nonzero(quality if rest is None else quality * rest))
            if count:
                counted.append((count, word))
        counted.sort(key=lambda pair: (-pair[0], pair[1]))
        words = [
            word
            for place, (count, word) in enumerate(counted)  # "weddings" finds what "wedding" does
            if not any(word.startswith(other) for known, other in counted[:place] if known == count)
        ]
        return tuple(f"{before} {word}".strip() for word in words[:_COMPLETIONS])


def _together(qualities: Sequence[Quality]) -> Quality | None:
    """The least of the qualities, so that it is 0 where one is; None for none."""
    if not qualities:
        return None
    least = qualities[0]
    for quality in qualities[1:]:
        least = np.minimum(least, quality)
    return least
