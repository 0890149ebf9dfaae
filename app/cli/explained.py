"""Commands that end with a sentence, never with a traceback: for an error of ours, and for an argument that cannot be
stored or computed with.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import click

from app.models.errors import LearnError
from app.settings import SettingError
from app.store import StoreError
from recommender import ArtifactError

OUR_ERRORS = (StoreError, LearnError, ArtifactError, SettingError)
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


def explained(command: click.Command) -> click.Command:
    """The same command, or group with all its commands, which says our errors in words and ends with exit code 1."""
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            command.commands[name] = explained(inner)
        return command
    callback = command.callback
    assert callback is not None, f"{command.name} does nothing"

    @functools.wraps(callback)
    def say(*values: Any, **options: Any) -> Any:
        try:
            return callback(*values, **options)
        except OUR_ERRORS as error:
            raise click.ClickException(str(error)) from error

    command.callback = say
    return command
