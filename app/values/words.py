"""Words of a text as the search index folds them, so that what is typed meets what is written."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")


def folded_words(text: str) -> list[str]:
    """The words of `text`: lower case, without accents, split at everything that is no letter or digit."""
    if text.isascii():
        return _WORD.findall(text.lower())
    # A lone surrogate, which JSON can smuggle in, cannot be encoded for SQLite.
    clean = text.encode("utf-8", "ignore").decode("utf-8").lower()
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", clean) if not unicodedata.combining(letter))
    return _WORD.findall(unicodedata.normalize("NFC", bare))
