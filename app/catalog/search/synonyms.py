"""Other words for what a catalog holds, read from a file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from app.values.words import folded_words

LONGEST_PHRASE = 3
"""Words on the left side of a synonym."""


class SynonymError(ValueError):
    """The file of synonyms cannot be used; the message names the entry and the fix."""


def parse_synonyms(text: str) -> dict[str, tuple[str, ...]]:
    """Synonyms by phrase (folded, words with one space between): phrases or ``facet:slug``.

    Raises SynonymError for a text that is no TOML, a phrase of none or more than three words, and values that are no
    list of texts.
    """
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SynonymError(f"synonyms are no TOML: {error}") from error
    found = {}
    for phrase, meant in entries.items():
        words = folded_words(phrase)
        if not 1 <= len(words) <= LONGEST_PHRASE:
            raise SynonymError(f"synonym {phrase!r} has {len(words)} words; write one to {LONGEST_PHRASE}")
        if not isinstance(meant, list) or not meant or not all(isinstance(each, str) and each for each in meant):
            raise SynonymError(f'synonym {phrase!r} = {meant!r} must be a list of texts, such as ["poster"]')
        found[" ".join(words)] = tuple(each if ":" in each else " ".join(folded_words(each)) for each in meant)
    return found


@cache
def bundled_synonyms() -> Mapping[str, tuple[str, ...]]:
    """The synonyms that come with the application."""
    return parse_synonyms(files(__package__).joinpath("synonyms.toml").read_text(encoding="utf-8"))
