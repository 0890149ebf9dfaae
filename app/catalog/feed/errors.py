"""What is said when a feed, or one field of it, cannot be read."""

from __future__ import annotations

_MOST_SHOWN = 60


class FeedError(ValueError):
    """A feed cannot be read as a whole; the message names the file, the line where one is at fault, and the fix."""


class FieldError(ValueError):
    """The value of one field cannot be taken: what is wrong with it, and what would be right."""

    def __init__(self, value: object, complaint: str, fix: str) -> None:
        self.value = shown(value)
        self.complaint = complaint
        self.fix = fix
        super().__init__(f"{self.value} {complaint}; {fix}")


def shown(value: object) -> str:
    """A value as a message shows it: in quotes, and no longer than a line."""
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"


def printable(name: str) -> str:
    """The name of a column as a terminal can show it: one with other characters in quotes, these escaped."""
    return name if name.isprintable() else shown(name)
