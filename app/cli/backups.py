"""The commands `backup` and `restore`."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.backup import restore_backup, take_backup
from app.cli.explained import explained
from app.record.backfill import upgrade_database
from app.settings import Settings
from app.values.counted import counted


def register(app: Flask) -> None:
    """Add the commands of this file to `flask`."""
    app.cli.add_command(explained(backup_command))
    app.cli.add_command(explained(restore_command))


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_appcontext
def backup_command(folder: Path) -> None:
    """Write events, models and secrets to the new folder FOLDER; site and trainer may run.

    The folder is for its owner only and holds everything about every visitor: keep it as you keep the site itself.
    """
    settings: Settings = current_app.config["SETTINGS"]
    taken = take_backup(settings, folder, time.time())
    files, models = counted(taken.files, "file"), counted(taken.artifacts, "model")
    click.echo(f"{files} with {taken.bytes:,} bytes, {models} among them, are in {folder}")


@click.command("restore")
@click.argument("folder", type=click.Path(file_okay=False, exists=True, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def restore_command(folder: Path, yes: bool) -> None:
    """Put FOLDER, which `backup` wrote, in the place of what is there; site and trainer must not run.

    What was there is kept in a folder of its own. Visitors who were erased since the backup stay erased.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if not yes:
        click.confirm(f"Replace what is in {settings.var} by the backup {folder}?", abort=True)
    done = restore_backup(settings, folder, time.time(), upgrade_database)
    made = datetime.fromtimestamp(done.made_at, UTC)
    click.echo(f"{done.held}, as of {made:%Y-%m-%d %H:%M:%S} UTC, are in {settings.var}")
    if done.erased_again is None:
        click.echo("what was there could not be asked who was erased since; erase them again")
    elif done.erased_again:
        click.echo(f"{counted(done.erased_again, 'visitor')} erased since: erased here as well")
    if done.kept is not None:
        click.echo(f"what was there before is in {done.kept}; remove it when you need it no more, it names visitors")
