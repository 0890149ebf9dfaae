"""Kinds of arguments that commands take: a number of a row, a number that is one, a text that can be stored."""

from __future__ import annotations

import math
from typing import Any

import click

ROW_NUMBER = click.IntRange(0, 2**63 - 1)
"""Number of a version, a rule or another row: SQLite counts no further."""
MANY_ROWS = click.IntRange(1, 1_000_000)
"""How many rows of a list are shown at most."""


class FiniteFloat(click.FloatRange):
    """A number within bounds. NaN, which is beyond no bound, is refused, and so is a number without end."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """See `click.ParamType.convert`."""
        if not math.isfinite(click.FLOAT.convert(value, param, ctx)):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return float(super().convert(value, param, ctx))


class StoredText(click.ParamType[str]):
    """A text that a database can hold: bytes of a terminal that are no UTF-8 are not."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """See `click.ParamType.convert`."""
        text = str(value)
        if any("\ud800" <= character <= "\udfff" for character in text):
            self.fail(f"{text!r} is no text in UTF-8.", param, ctx)
        return text


STORED_TEXT = StoredText()
