"""How well each item of a catalog has one word, phrase, property or year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import copy

import numpy as np
from numpy.typing import NDArray

from app.catalog.facets import Facets
from app.catalog.search.spelling import Vocabulary
from app.catalog.search.terms import Term
from app.store.search import (
    Places,
    Reader,
    all_words,
    places_beginning,
    places_titled,
    places_with,
    words_beginning,
)
from app.values.kept import keep_answers
from app.values.words import folded_words

Quality = NDArray[np.float32]
"""How well each item matches, float32 (items,): 0 for not at all, 1 for its very type, style or colour."""

IN_PROPERTY, IN_PART_OF_PROPERTY, IN_TITLE, ANYWHERE = 1.0, 0.95, 0.9, 0.7
_PROPERTIES = ("type", "style", "palette")
_SYNONYM, _UNFINISHED = 0.95, 0.75
_KEPT = 512


class Matcher:
    """Looks words up in the index of one catalog, and keeps what was asked most recently.

    facets: of the catalog in editorial order; index arrays and masks follow that order.
    """

    def __init__(self, facets: Facets, reader: Reader, synonyms: Iterable[str]) -> None:
        self._facets = facets
        self._reader = reader
        self._places = facets.positions
        self._properties = self._words_of_properties()
        self._synonyms = tuple(phrase for phrase in synonyms if " " not in phrase)
        self._vocabulary: Vocabulary | None = None
        self._keep_answers()

    def with_changes(self, facets: Facets, words: Iterable[str]) -> Matcher:
        """The matcher of the next catalog, of which changed items have these words."""
        after = copy(self)
        after._facets, after._places = facets, facets.positions
        if any(facets[name].code_of is not self._facets[name].code_of for name in _PROPERTIES):
            after._properties = after._words_of_properties()
        if self._vocabulary is not None:
            after._vocabulary = self._vocabulary.with_words(words)
        after._keep_answers()
        return after

    def _keep_answers(self) -> None:
        self._with = keep_answers(self._look_up, _KEPT)

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of the catalog and those with a synonym, which may be mistyped as well; read when first needed."""
        if self._vocabulary is None:
            self._vocabulary = Vocabulary(sorted({*all_words(self._reader()), *self._synonyms}))
        return self._vocabulary

    def term(self, term: Term) -> Quality:
        """How well items have a term as it is typed, a synonym of it, or its year."""
        quality = self.phrase(term.text)
        for meant in term.means:
            np.maximum(quality, _SYNONYM * self._meant(meant), out=quality)
        if term.years is not None:
            first, last = term.years
            years = self._facets.years
            quality[(years >= first) & (years <= last)] = IN_PROPERTY
        return quality

    def phrase(self, phrase: str) -> Quality:
        """How well items have the words of a phrase, one after the other."""
        quality = self._nothing()
        quality[self._with(places_with, phrase, False)] = ANYWHERE
        quality[self._with(places_with, phrase, True)] = IN_TITLE  # "retro" is rather a style than a word of a title
        for facet, slug, worth in self._properties.get(phrase, ()):
            rows = self._facets[facet].rows(slug)
            quality[rows] = np.maximum(quality[rows], worth)
        return quality

    def beginning(self, beginning: str) -> Quality:
        """How well items have a word that begins so."""
        quality = self._nothing()
        quality[self._with(places_beginning, beginning, False)] = ANYWHERE * _UNFINISHED
        quality[self._with(places_beginning, beginning, True)] = IN_TITLE * _UNFINISHED
        return quality

    def titled(self, phrase: str) -> Places:
        """Indices of the items whose title begins with the words of a phrase."""
        return self._with(places_titled, phrase, True)

    def words_beginning(self, beginning: str, limit: int) -> list[str]:
        """At most `limit` longer words of the catalog that begin so."""
        return words_beginning(self._reader(), beginning, limit)

    def _meant(self, meant: str) -> Quality:
        name, colon, slug = meant.partition(":")
        if not colon:
            return self.phrase(meant)
        quality = self._nothing()
        quality[self._facets[name].rows(slug)] = IN_PROPERTY
        return quality

    def _nothing(self) -> Quality:
        return np.zeros(len(self._places), dtype=np.float32)

    def _look_up(self, ask: Callable[..., Places], words: str, in_title: bool) -> Places:
        """Indices of items by what the index answers; places that came since this catalog was read are left out."""
        found = ask(self._reader(), words, in_title=in_title)
        indices = np.searchsorted(self._places, found)
        indices[indices == len(self._places)] = 0
        known: Places = indices[self._places[indices] == found]
        return known

    def _words_of_properties(self) -> dict[str, list[tuple[str, str, float]]]:
        """Facet, slug and quality by the words that name a property: its whole name, or a word of it."""
        named: dict[str, list[tuple[str, str, float]]] = defaultdict(list)
        for name in _PROPERTIES:
            for slug in self._facets[name].code_of:
                words = folded_words(slug)
                named[" ".join(words)].append((name, slug, IN_PROPERTY))
                for word in dict.fromkeys(words if len(words) > 1 else ()):
                    named[word].append((name, slug, IN_PART_OF_PROPERTY))
        return dict(named)
