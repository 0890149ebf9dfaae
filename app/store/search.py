"""The full-text index of the items: which places of the catalog have a word, and which words there are.

A match is read as one text of numbers: a row for each of a hundred thousand matches took seven times as long, and
ranking them by `bm25` twenty times as long.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.store.engines import Connection, WordMatch, dialect_of

Reader = Callable[[], Connection]
"""Gives the calling thread its connection to the database that holds the items."""

Places = NDArray[np.int64]
"""Places of items in the catalog (`items.position`), sorted, int64 (matches,)."""

_LAST = chr(0x10FFFF)
_MOST_COMPLETIONS = 50


def places_with(conn: Connection, phrase: str, *, in_title: bool = False) -> Places:
    """Places of the items that have the words of `phrase`, stemmed, one after the other; anywhere or in the title."""
    return _places(conn, WordMatch((phrase,), in_title=in_title))


def places_beginning(conn: Connection, beginning: str, *, in_title: bool = False) -> Places:
    """Places of the items that have a word which begins so; anywhere or in the title.

    The index holds stems, and "weddi" is no beginning of the stem "wed". So the beginning also stands for the words of
    the catalog that it may become.
    """
    words = words_beginning(conn, beginning, _MOST_COMPLETIONS)
    return _places(conn, WordMatch(tuple(words), beginning, in_title=in_title))


def places_titled(conn: Connection, phrase: str, *, in_title: bool = True) -> Places:
    """Places of the items that begin with the words of `phrase`, stemmed; the title alone, or any column."""
    return _places(conn, WordMatch((phrase,), in_title=in_title, at_start=True))


def all_words(conn: Connection) -> list[str]:
    """Every word that an item of the catalog has or had, folded, in order of their letters."""
    return [row[0] for row in conn.execute("SELECT word FROM words ORDER BY word")]


def words_beginning(conn: Connection, beginning: str, limit: int) -> list[str]:
    """At most `limit` words that begin so, in order of their letters; the word itself is not among them."""
    rows = conn.execute(
        "SELECT word FROM words WHERE word > ? AND word < ? ORDER BY word LIMIT ?",
        (beginning, beginning + _LAST, limit),
    )
    return [row[0] for row in rows]


def _places(conn: Connection, match: WordMatch) -> Places:
    text = dialect_of(conn).places(conn, match)
    if not text:
        return np.empty(0, dtype=np.int64)
    return np.fromstring(text, dtype=np.int64, sep=",")
