"""Commands about the event database as a whole: `init-db`, `export-events` and `import-events`."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.cli.output import check_output
from app.record.backfill import upgrade_database
from app.settings import Settings
from app.store.archives.archive import export_events, import_events
from app.store.errors import StoreError
from app.store.store import Store


def register(app: Flask) -> None:
    """Add the commands of this folder to `flask`."""
    app.cli.add_command(init_db_command)
    app.cli.add_command(export_events_command)
    app.cli.add_command(import_events_command)


@click.command("init-db")
@with_appcontext
def init_db_command() -> None:
    """Make the event database, or bring its schema up to date; nothing that is stored is lost.

    Events from before there were interactions are folded, in chunks; when this is interrupted, the next call goes on.
    """
    settings: Settings = current_app.config["SETTINGS"]
    try:
        done = None
        if settings.database_url:
            Store.create(settings.database).close()
        else:
            done = upgrade_database(settings.event_database, _show_progress)
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    for sentence in done.sentences if done else ():
        click.echo(sentence)
    click.echo(f"the event database {settings.database} is ready")


@click.command("export-events")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def export_events_command(file: Path) -> None:
    """Write items, visitors, slates, events and what was curated to FILE (JSON lines in gzip, with a checksum)."""
    settings: Settings = current_app.config["SETTINGS"]
    check_output(file, settings)
    try:
        with Store(settings.database) as store:
            counts = export_events(store, file)
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{_counted(counts)} are in {file}")


@click.command("import-events")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@with_appcontext
def import_events_command(file: Path) -> None:
    """Read FILE, which `export-events` wrote, into an empty event database: all of it or nothing."""
    settings: Settings = current_app.config["SETTINGS"]
    try:
        with Store.create(settings.database) as store:
            counts = import_events(store, file)
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{_counted(counts)} are in {settings.database}")


def _show_progress(done: int, waiting: int) -> None:
    click.echo(f"{done:,} of {waiting:,} events are folded")


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {table}" for table, count in counts.items())
