"""Commands about one visitor: `export-visitor` and `erase-visitor`."""

from __future__ import annotations

import time
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.cli.explained import STORED_TEXT
from app.cli.output import output_option, to_json, write_output
from app.settings import Settings
from app.store import Store, StoreError, WriterBusyError
from app.store.visitors import export_visitor
from app.visitors.erasure import erase


def register(app: Flask) -> None:
    """Add the commands of this folder to `flask`."""
    app.cli.add_command(export_visitor_command)
    app.cli.add_command(erase_visitor_command)


@click.command("export-visitor")
@click.argument("visitor_id", type=STORED_TEXT)
@output_option
@with_appcontext
def export_visitor_command(visitor_id: str, output: Path) -> None:
    """Write everything that is stored about VISITOR_ID as JSON."""
    settings: Settings = current_app.config["SETTINGS"]
    try:
        with Store(settings.database) as store:
            found = export_visitor(store.reader(), visitor_id)
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    if found is None:
        raise click.ClickException(f"nothing is stored about visitor {visitor_id!r}")
    write_output(output, to_json(found) + "\n", settings)


@click.command("erase-visitor")
@click.argument("visitor_id", type=STORED_TEXT)
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def erase_visitor_command(visitor_id: str, yes: bool) -> None:
    """Remove everything that is stored about VISITOR_ID. The next model has forgotten them too."""
    settings: Settings = current_app.config["SETTINGS"]
    if not yes:
        click.confirm(f"Remove everything about visitor {visitor_id}?", abort=True)
    try:
        with Store(settings.database) as store, store.open_writer(settings.queue_size) as writer:
            counts = erase(writer, visitor_id, time.time())
    except WriterBusyError as error:
        raise click.ClickException(
            f"the site is running (process {error.pid or 'unknown'}) and writes the database; "
            f"stop it, or use DELETE /api/v1/visitors/{visitor_id} instead"
        ) from error
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    if not any(counts.values()):
        raise click.ClickException(f"nothing is stored about visitor {visitor_id!r}")
    click.echo("removed " + ", ".join(f"{count} {table}" for table, count in counts.items()))
