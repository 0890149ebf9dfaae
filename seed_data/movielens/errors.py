"""What is said when a data set cannot be read."""

from __future__ import annotations

from importlib.resources.abc import Traversable


class MovieLensError(ValueError):
    """A MovieLens folder cannot be read; the message names the file, the line, the field, its value and the fix."""


def bad_row(path: Traversable, line: int, complaint: str, fix: str) -> MovieLensError:
    """The error of one line, which is counted from 1."""
    return MovieLensError(f"{path}, line {line}: {complaint}; {fix}")


def bad_field(path: Traversable, line: int, field: str, text: str, complaint: str, fix: str) -> MovieLensError:
    """The error of one field, with its value as far as it is short."""
    shown = text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"
    return bad_row(path, line, f"{field} {shown!r} {complaint}", fix)


_MOST_SHOWN = 60
