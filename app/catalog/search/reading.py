"""What a term of a search was taken for."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalog.search.matching import Quality
from app.catalog.search.terms import Term


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What one term was taken for. text: the words meant. unfinished: whether it may be the beginning of a word.
    literal: whether items have the very words, and not synonyms only.
    """

    term: Term
    quality: Quality
    text: str
    corrected: bool = False
    unfinished: bool = False
    literal: bool = True


def may_begin(term: Term) -> bool:
    """Whether a term is taken as the beginning of a word: one letter of an alphabet says too little."""
    return term.is_word and (len(term.text) >= 2 or not term.text.isascii())
