"""What commands write: text to a file, replaced whole, or to the screen; and values as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from app.files import write_file

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


def write_output(output: Path, text: str) -> None:
    """Write `text` to the screen or make it the whole of a file; what was there stays when that fails."""
    if output == SCREEN:
        click.echo(text, nl=False)
        return
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
