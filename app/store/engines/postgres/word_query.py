"""What is looked for in the full-text index, as PostgreSQL's query.

`baseline` builds the index: every column of an item begins with a mark, its words follow one by one, stemmed as FTS5
stems them (Porter's algorithm, no stop words), and words of the title have a label of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.store.engines.connection import Connection
from app.store.engines.dialect import WordMatch
from app.values.words import folded_words

START = "^"
"""Stands before the first word of a column; no word is one."""
TITLE = "A"
"""Label of the words of a title."""


def word_query(conn: Connection, match: WordMatch) -> str:
    """The query as a text that can be cast to a tsquery; empty where there is no word to look for."""
    wanted = [(folded_words(phrase), False) for phrase in match.phrases]
    if match.beginning is not None:
        wanted.append((folded_words(match.beginning), True))
    stems = _stems(conn, {word for words, _ in wanted for word in words})
    label = TITLE if match.in_title else ""
    phrases = [
        _phrase([stems[word] for word in words], label, match.at_start, begins) for words, begins in wanted if words
    ]
    return " | ".join(f"({phrase})" for phrase in phrases)


def _phrase(stems: Sequence[str], label: str, at_start: bool, begins: bool) -> str:
    marks = [f"'{stem}':{label}" if label else f"'{stem}'" for stem in stems]
    if begins:
        marks[-1] = f"'{stems[-1]}':*{label}"
    if at_start:
        marks.insert(0, f"'{START}':{label}" if label else f"'{START}'")
    return " <-> ".join(marks)


def _stems(conn: Connection, words: Iterable[str]) -> dict[str, str]:
    """Words without their endings, as the server's dictionary takes these off."""
    asked = sorted(words)
    rows = conn.execute(
        "SELECT flywheel_stem(word) FROM unnest(CAST(? AS text[])) WITH ORDINALITY AS t(word, place) ORDER BY place",
        [asked],
    )
    return dict(zip(asked, (row[0] for row in rows), strict=True))
