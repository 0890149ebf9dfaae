"""Commands that end with the sentence of an error of ours, never with a traceback."""

from __future__ import annotations

import functools
from typing import Any

import click

from app.models.errors import LearnError
from app.settings import SettingError
from app.store import StoreError
from recommender import ArtifactError

OUR_ERRORS = (StoreError, LearnError, ArtifactError, SettingError)


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
