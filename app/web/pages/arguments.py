"""Numbers in the address of a page."""

from __future__ import annotations

from flask import request


def whole_number(name: str, minimum: int, maximum: int) -> int | None:
    """A parameter of the address as a number within its bounds; None where it is missing or anything else."""
    text = request.args.get(name, "")
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    return value if value is not None and minimum <= value <= maximum else None
