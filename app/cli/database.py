"""Commands about the event database as a whole: `init-db`, `migrate-to`, `export-events` and `import-events`."""

from __future__ import annotations

import time
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.cli.output import check_output
from app.record.backfill import upgrade_database
from app.setting_rows import POSTGRES_SCHEMES
from app.settings import Settings
from app.store.archives.archive import export_events, import_events
from app.store.errors import StoreError
from app.store.moving.move import Round, move_database
from app.store.store import Store
from app.values.database_address import Address, PostgresAddress

_SQLITE = "sqlite:///"
_LOOK_S = 0.5
"""How often a move looks whether the site has stopped."""


def register(app: Flask) -> None:
    """Add the commands of this folder to `flask`."""
    app.cli.add_command(init_db_command)
    app.cli.add_command(migrate_to_command)
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


@click.command("migrate-to")
@click.argument("url")
@click.option(
    "--wait/--no-wait", default=True, help="Go on until site and trainer have stopped; or end, and finish another time."
)
@with_appcontext
def migrate_to_command(url: str, wait: bool) -> None:
    """Copy everything to the database at URL while the site runs, and say how to switch to it; see docs/scale.md.

    URL is postgresql://user:password@host/database, or sqlite:/// and the file of a site on SQLite for the way back.
    Nothing may be there. All is copied as it stands, then what was written meanwhile; stop site and trainer when asked
    to, and the last rows follow. Rows and hashes of every table are compared. What the site has now is only read. A
    call that is cut leaves a copy that no site opens, and the same call goes on.
    """
    settings: Settings = current_app.config["SETTINGS"]
    address = _address(settings, url)
    started = time.perf_counter()
    try:
        with Store(settings.database) as store:
            shown = _Shown()
            waiting = shown.wait if wait else None
            done = move_database(store, address, on_progress=shown.progress, on_round=shown.round_done, wait=waiting)
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        raise click.ClickException(f"{address} is not a whole copy yet; run the same command to go on") from None
    for table in done.tables:
        click.echo(f"{table.table:<16}{table.rows:>12,} rows  sha256 {table.sha256}")
    click.echo(
        f"{done.rows:,} rows of {len(done.tables)} tables are the same in {settings.database} and {address} "
        f"(in {time.perf_counter() - started:.1f} s)"
    )
    click.echo(_how_to_switch(settings, address))


class _Shown:
    """What a move tells while it goes on."""

    def __init__(self) -> None:
        self._tenth = 0
        self._asked = False

    def progress(self, share: float) -> None:
        if int(share * 10) > self._tenth:
            self._tenth = int(share * 10)
            click.echo(f"  {self._tenth * 10} % compared")

    def round_done(self, done: Round) -> None:
        self._tenth = 0
        click.echo(f"{done.written:,} of {done.rows:,} rows were written (in {done.seconds:.1f} s)")

    def wait(self) -> None:
        if not self._asked:
            self._asked = True
            click.echo("Now stop the site and the trainer: what was written since then follows when they have ended.")
        time.sleep(_LOOK_S)


def _address(settings: Settings, url: str) -> Address:
    if url.startswith(POSTGRES_SCHEMES):
        return PostgresAddress(url, settings.var, settings.database_connections)
    own = settings.event_database
    if url.startswith(_SQLITE) and Path(url.removeprefix(_SQLITE)).absolute() == own.absolute():
        return own
    raise click.ClickException(
        f"the URL must be postgresql://user:password@host/database, or {_SQLITE}{own.absolute()}, where a site on "
        "SQLite with this FLYWHEEL_VAR has its events"
    )


def _how_to_switch(settings: Settings, address: Address) -> str:
    if isinstance(address, PostgresAddress):
        first = "Set DATABASE_URL to this URL for site and trainer, and start both."
    else:
        first = "Unset DATABASE_URL and FLYWHEEL_DATABASE_URL for site and trainer, and start both."
    if settings.database_url:
        then = f"Rename {settings.database} on its server (ALTER DATABASE … RENAME TO …)"
    else:
        then = f"Put the old file away with `mv {settings.event_database} {settings.event_database}.moved`"
    return f"{first} {then}, so that nothing writes to it by mistake."


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
