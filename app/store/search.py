"""The full-text index of the items: which places of the catalog have a word, and which words there are.

A match is read as one text of numbers: a row for each of a hundred thousand matches took seven times as long, and
ranking them by `bm25` twenty times as long.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Reader = Callable[[], sqlite3.Connection]
"""Gives the calling thread its connection to the database that holds the items."""

Places = NDArray[np.int64]
"""Places of items in the catalog (`items.position`), sorted, int64 (matches,)."""

_LAST = chr(0x10FFFF)
_MOST_COMPLETIONS = 50


def places_with(conn: sqlite3.Connection, phrase: str, *, in_title: bool = False) -> Places:
    """Places of the items that have the words of `phrase`, stemmed, one after the other; anywhere or in the title."""
    return _places(conn, _quoted(phrase), in_title)


def places_beginning(conn: sqlite3.Connection, beginning: str, *, in_title: bool = False) -> Places:
    """Places of the items that have a word which begins so; anywhere or in the title.

    The index holds stems, and "weddi" is no beginning of the stem "wed". So the beginning also stands for the words of
    the catalog that it may become.
    """
    words = words_beginning(conn, beginning, _MOST_COMPLETIONS)
    choices = " OR ".join([f"{_quoted(beginning)}*", *map(_quoted, words)])
    return _places(conn, f"({choices})", in_title)


def places_titled(conn: sqlite3.Connection, phrase: str, *, in_title: bool = True) -> Places:
    """Places of the items that begin with the words of `phrase`, stemmed; the title alone, or any column."""
    return _places(conn, f"^ {_quoted(phrase)}", in_title)


def count_with(conn: sqlite3.Connection, word: str) -> int:
    """How many items have a word, stemmed."""
    count: int = conn.execute("SELECT count(*) FROM items_fts WHERE items_fts MATCH ?", [_quoted(word)]).fetchone()[0]
    return count


def all_words(conn: sqlite3.Connection) -> list[str]:
    """Every word that an item of the catalog has or had, folded, in order of their letters."""
    return [row[0] for row in conn.execute("SELECT word FROM words ORDER BY word")]


def words_beginning(conn: sqlite3.Connection, beginning: str, limit: int) -> list[str]:
    """At most `limit` words that begin so, in order of their letters; the word itself is not among them."""
    rows = conn.execute(
        "SELECT word FROM words WHERE word > ? AND word < ? ORDER BY word LIMIT ?",
        (beginning, beginning + _LAST, limit),
    )
    return [row[0] for row in rows]


def _places(conn: sqlite3.Connection, match: str, in_title: bool) -> Places:
    expression = f"title : {match}" if in_title else match
    text = conn.execute("SELECT group_concat(rowid) FROM items_fts WHERE items_fts MATCH ?", [expression]).fetchone()[0]
    if not text:
        return np.empty(0, dtype=np.int64)
    return np.fromstring(text, dtype=np.int64, sep=",")


def _quoted(phrase: str) -> str:
    """A phrase as a text of the query language, in which nothing is an operator."""
    return '"' + phrase.replace('"', '""') + '"'
