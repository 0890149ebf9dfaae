"""Counts in words."""

from __future__ import annotations


def counted(number: float, one: str, many: str = "") -> str:
    """A count with what is counted: "1 visitor", "2,400 visitors". many: where it is not `one` with an s."""
    return f"{number:,.0f} {one if round(number) == 1 else many or one + 's'}"
