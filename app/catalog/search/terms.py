"""What a typed text asks for, term by term."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.catalog.search.synonyms import LONGEST_PHRASE
from app.values.words import folded_words

MAX_CHARACTERS, MAX_WORDS = 200, 12
"""What is read of a search text; what comes after it is not looked at."""

_FILLERS = frozenset(
    {"a", "an", "and", "at", "by", "das", "der", "die", "for", "from", "in", "la", "le", "les", "of", "on", "or", "the"}
    | {"to", "und", "with"}
)
_YEAR = re.compile(r"(?:18|19|20)[0-9]{2}")
_DECADE = re.compile(r"(?P<century>18|19|20)?(?P<ten>[0-9])0s")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that is asked for: a word, or several that have a synonym together.

    text: the words as typed, folded. means: its synonyms, phrases or ``facet:slug``. years: first and last year that it
    may stand for. filler: whether an item need not have it, as in "invitation for a wedding".
    """

    text: str
    means: tuple[str, ...] = ()
    years: tuple[int, int] | None = None
    filler: bool = False

    @property
    def is_word(self) -> bool:
        """Whether it is a single word, which may be mistyped."""
        return " " not in self.text


def read_terms(text: str, synonyms: Mapping[str, tuple[str, ...]]) -> list[Term]:
    """The terms of a search text, in its order; the longest synonym is taken first."""
    words = folded_words(text[:MAX_CHARACTERS])[:MAX_WORDS]
    terms: list[Term] = []
    at = 0
    while at < len(words):
        length = next(
            (n for n in range(min(LONGEST_PHRASE, len(words) - at), 1, -1) if " ".join(words[at : at + n]) in synonyms),
            1,
        )
        terms.append(_term(words[at : at + length], synonyms))
        at += length
    if all(term.filler for term in terms):  # a title may be nothing else
        terms = [Term(term.text, term.means, term.years) for term in terms]
    return terms


def _term(words: Sequence[str], synonyms: Mapping[str, tuple[str, ...]]) -> Term:
    text = " ".join(words)
    return Term(text, synonyms.get(text, ()), _years(text), text in _FILLERS)


def _years(text: str) -> tuple[int, int] | None:
    """1995 is that year, 1990s and 90s are ten years; 10s and 20s are of this century."""
    if _YEAR.fullmatch(text):
        return int(text), int(text)
    decade = _DECADE.fullmatch(text)
    if decade is None:
        return None
    century = decade["century"] or ("20" if decade["ten"] in "012" else "19")
    first = int(f"{century}{decade['ten']}0")
    return first, first + 9
