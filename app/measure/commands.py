"""The command that measures what doing nothing is worth: `baseline`."""

from __future__ import annotations

import time
from collections.abc import Sequence

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.measure.baseline import BaselineError, measure_baselines
from app.measure.usecase import UseCaseError, load_use_case
from app.settings import Settings
from app.store import Store, StoreError
from app.store.baselines import BaselineRow, insert_baselines


def register(app: Flask) -> None:
    """Add the commands of this folder to `flask`."""
    app.cli.add_command(baseline_command)


@click.command("baseline")
@with_appcontext
def baseline_command() -> None:
    """Measure popularity and random on the data at hand and store the result; no model is published before that."""
    settings: Settings = current_app.config["SETTINGS"]
    try:
        use_case = load_use_case()
        with Store(settings.event_database) as store, store.open_writer(settings.queue_size) as writer:
            rows = measure_baselines(store, settings, use_case.content_hash, time.time())
            writer.run(lambda db: insert_baselines(db, rows))
    except (StoreError, BaselineError, UseCaseError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Baseline of “{use_case.name}”, 95 % intervals over visitors:")
    click.echo(table(rows))


def table(rows: Sequence[BaselineRow]) -> str:
    """The rows as lines of text with a heading."""
    lines = [f"{'model':<12}{'metric':<10}{'value':>8}{'low':>9}{'high':>9}{'cases':>8}{'visitors':>10}  origin"]
    lines += [
        f"{row.model:<12}{row.metric:<10}{row.value:>8.4f}{row.low:>9.4f}{row.high:>9.4f}"
        f"{row.cases:>8}{row.visitors:>10}  {row.origin}"
        for row in rows
    ]
    return "\n".join(lines)
