"""Letters drawn with a pen: capitals as single strokes, for hand lettering, bubble lettering and neon tubes.

A glyph is its width and a path in a box with the capital's top at y 0 and the baseline at y 10; paths use relative
commands after the first move of each stroke, so that a letter can be put anywhere by adding to the moves.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from seed_data.artwork.shapes import number

_GLYPHS: dict[str, tuple[float, str]] = {
    "A": (8, "M0 10l4-10 4 10M1.4 6.5h5.2"),
    "B": (6.6, "M0 0v10h3.4a2.8 2.8 0 0 0 0-5.5M0 0h2.8a2.25 2.25 0 0 1 0 4.5h-2.8"),
    "C": (7.6, "M7.6 2.2c-1.1-1.5-2.4-2.2-3.9-2.2-2.2 0-3.7 2-3.7 5s1.5 5 3.7 5c1.5 0 2.8-.7 3.9-2.2"),
    "D": (7.4, "M0 0v10h2.4c3.2 0 5-2 5-5s-1.8-5-5-5z"),
    "E": (5.8, "M5.8 0h-5.8v10h5.8M0 4.8h4.8"),
    "F": (5.6, "M5.6 0h-5.6v10M0 5h4.6"),
    "G": (7.6, "M7.2 2.2c-1-1.5-2.1-2.2-3.5-2.2-2.2 0-3.7 2-3.7 5s1.5 5 3.7 5c2.3 0 3.8-1.6 3.8-4.4h-3.2"),
    "H": (6.8, "M0 0v10M6.8 0v10M0 5h6.8"),
    "I": (0.8, "M.4 0v10"),
    "J": (4.8, "M4.6 0v7c0 2-.9 3-2.4 3-1.2 0-2-.7-2.2-1.9"),
    "K": (6.4, "M0 0v10M6 0l-6 6M2.3 3.8l4 6.2"),
    "L": (5.2, "M0 0v10h5.2"),
    "M": (8.8, "M0 10v-10l4.4 6.6 4.4-6.6v10"),
    "N": (7.2, "M0 10v-10l7.2 10v-10"),
    "O": (8.2, "M4.1 0c-2.5 0-4.1 2-4.1 5s1.6 5 4.1 5 4.1-2 4.1-5-1.6-5-4.1-5z"),
    "P": (6.2, "M0 10v-10h3.3a2.9 2.9 0 0 1 0 5.8h-3.3"),
    "Q": (8.2, "M4.1 0c-2.5 0-4.1 2-4.1 5s1.6 5 4.1 5 4.1-2 4.1-5-1.6-5-4.1-5zM5 7.2l3 3.2"),
    "R": (6.5, "M0 10v-10h3.3a2.9 2.9 0 0 1 0 5.8h-3.3M3.2 5.8l3.3 4.2"),
    "S": (
        6.4,
        (
            "M6 1.8c-.7-1.2-1.7-1.8-2.9-1.8-1.6 0-2.8.9-2.8 2.4 0 3.4 6.1 1.6 6.1 5 0 1.7-1.4 2.6-3.2"
            " 2.6-1.5 0-2.6-.7-3.2-2"
        ),
    ),
    "T": (7, "M0 0h7M3.5 0v10"),
    "U": (7, "M0 0v6.4c0 2.2 1.4 3.6 3.5 3.6s3.5-1.4 3.5-3.6v-6.4"),
    "V": (7.4, "M0 0l3.7 10 3.7-10"),
    "W": (10.4, "M0 0l2.6 10 2.6-8 2.6 8 2.6-10"),
    "X": (6.8, "M0 0l6.8 10M6.8 0l-6.8 10"),
    "Y": (7, "M0 0l3.5 5v5M7 0l-3.5 5"),
    "Z": (6.6, "M.2 0h6.4l-6.6 10h6.6"),
    "0": (6.8, "M3.4 0c-2.1 0-3.4 2-3.4 5s1.3 5 3.4 5 3.4-2 3.4-5-1.3-5-3.4-5z"),
    "1": (2.6, "M0 2.2l2.4-2.2v10"),
    "2": (6.4, "M.2 2.7c.2-1.7 1.4-2.7 3-2.7 1.7 0 3 1 3 2.7 0 2.4-3.4 4-6.2 7.3h6.4"),
    "3": (6.2, "M.4 0h5.2l-2.9 4c2 0 3.4 1.1 3.4 3s-1.4 3-3.2 3c-1.4 0-2.4-.6-2.9-1.8"),
    "4": (6.4, "M4.6 10v-10l-4.6 7h6.4"),
    "5": (6.2, "M5.6 0h-4.6l-.6 4.6c.6-.6 1.4-.9 2.3-.9 1.9 0 3.4 1.2 3.4 3.1s-1.4 3.2-3.3 3.2c-1.3 0-2.3-.6-2.8-1.7"),
    "6": (6.4, "M5 0c-3 1-5 3.7-5 6.7 0 2 1.3 3.3 3.2 3.3s3.2-1.3 3.2-3.1-1.3-3-3.2-3c-1.3 0-2.4.7-3 1.9"),
    "7": (6.2, "M0 0h6.2l-3.8 10"),
    "8": (
        6.4,
        (
            "M3.2 4.6c-1.5 0-2.6-.9-2.6-2.3s1.1-2.3 2.6-2.3 2.6.9 2.6 2.3-1.1 2.3-2.6 2.3c-1.9 0-3.2 1-3.2"
            " 2.7s1.3 2.7 3.2 2.7 3.2-1 3.2-2.7-1.3-2.7-3.2-2.7z"
        ),
    ),
    "9": (6.4, "M1.4 10c3-1 5-3.7 5-6.7 0-2-1.3-3.3-3.2-3.3s-3.2 1.3-3.2 3.1 1.3 3 3.2 3c1.3 0 2.4-.7 3-1.9"),
    "&": (
        7.2,
        "M7.2 10l-5.2-6.2c-1.4-1.8-.4-3.8 1.3-3.8 1.9 0 2.6 2 .6 3.4l-1.6 1.1c-2.8 1.9-2.2 5.5.7 5.5 2 0 3.6-1.4 4-4.2",
    ),
    "'": (0.8, "M.4 0v2.6"),
    "-": (3.4, "M0 5.4h3.4"),
    ".": (0.8, "M.4 9.7v.2"),
    ",": (1, "M.8 9.6l-.6 2"),
    ":": (0.8, "M.4 3.4v.2M.4 9.6v.2"),
    "!": (0.8, "M.4 0v6.8M.4 9.7v.2"),
    "?": (5.2, "M0 2.4c.2-1.5 1.2-2.4 2.6-2.4 1.6 0 2.6 1 2.6 2.5 0 2.2-2.6 2.2-2.6 4.6M2.6 9.7v.2"),
    "/": (4.4, "M0 10l4.4-10"),
    "(": (2, "M2-.6c-2.6 3.4-2.6 8 0 11.4"),
    ")": (2, "M0-.6c2.6 3.4 2.6 8 0 11.4"),
    "$": (
        6.4,
        (
            "M6 1.8c-.7-1.2-1.7-1.8-2.9-1.8-1.6 0-2.8.9-2.8 2.4 0 3.4 6.1 1.6 6.1 5 0 1.7-1.4 2.6-3.2"
            " 2.6-1.5 0-2.6-.7-3.2-2M3.2-1.4v12.8"
        ),
    ),
    "+": (5, "M2.5 2.9v5M0 5.4h5"),
    "%": (8, "M7.4 0l-6.4 10M1.8 0v.2M6.4 9.8v.2"),
}
_GAP = 2.6
_SPACE = 4.6
_MOVE = re.compile(r"M(-?[\d.]+) ?(-?[\d.]+)")


@lru_cache(maxsize=4096)
def drawable(words: str) -> str | None:
    """`words` in capitals without accents, or None where a character has no pen stroke."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().upper().replace("’", "'")
    return plain if all(letter == " " or letter in _GLYPHS for letter in plain) and plain.strip() else None


def advance(letter: str) -> float:
    """How far `letter` moves the pen, in glyph units (a capital is 10 high)."""
    return _SPACE if letter == " " else _GLYPHS.get(letter.upper(), (7.0, ""))[0] + _GAP


def stroke_path(words: str, bounce: tuple[float, ...] = (0.0,)) -> str:
    """The path of drawable `words` in glyph units, its letters moved up or down by the numbers of `bounce` in turn."""
    x = 0.0
    strokes = []
    for place, letter in enumerate(words):
        if letter == " ":
            x += _SPACE
            continue
        width, d = _GLYPHS[letter]
        strokes.append(_moved(letter, d, round(x, 1), bounce[place % len(bounce)]))
        x += width + _GAP
    return "".join(strokes)


@lru_cache(maxsize=16384)
def _moved(letter: str, d: str, dx: float, dy: float) -> str:
    return _MOVE.sub(lambda move: f"M{number(float(move[1]) + dx)} {number(float(move[2]) + dy)}", d)
