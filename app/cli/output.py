"""What commands write: text to a file, replaced whole, or to the screen; and values as JSON.

A file that somebody names replaces what lies there, so that of the site's own files, and of those that a command reads,
none may be named.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from app.backup.taking import SECRET_FILES
from app.files import write_file
from app.settings import Settings

SCREEN = Path("-")


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--output FILE` to a command; it gets the argument `output` for `write_output`."""
    return click.option(
        "--output",
        type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
        default=str(SCREEN),
        metavar="FILE",
        help="File to write, readable by its owner only if it is new; the screen if not given.",
    )(command)


def check_output(output: Path, settings: Settings, *read: Path) -> None:
    """ClickException when `output` is a file that the site lives on, or one of those that the command reads."""
    place = output.resolve()
    if any(place == path.resolve() for path in read):
        raise click.ClickException(f"{output} is what is read, and would be lost; name another file to write")
    folders = (settings.models_folder, settings.images_folder)
    in_folder = any(place.is_relative_to(folder.resolve()) for folder in folders)
    databases = (settings.event_database.name, settings.registry_database.name)
    in_var = place.parent == settings.var.resolve()
    if in_folder or (in_var and (place.name.startswith(databases) or place.name in SECRET_FILES)):
        raise click.ClickException(f"{output} is a file of the site itself, and would be lost; name another place")


def write_output(output: Path, text: str, settings: Settings) -> None:
    """Write `text` to the screen or make it the whole of a file; what was there stays when that fails."""
    if output == SCREEN:
        click.echo(text, nl=False)
        return
    check_output(output, settings)
    try:
        write_file(output, text)
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from error


def to_json(value: Any) -> str:
    """Values as JSON that every reader takes: a number that is none (NaN, an endless bound) becomes null."""
    return json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return value
