"""The command that makes the event database: `init-db`."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.settings import Settings
from app.store.errors import StoreError
from app.store.store import Store


def register(app: Flask) -> None:
    """Add the commands of this folder to `flask`."""
    app.cli.add_command(init_db_command)


@click.command("init-db")
@with_appcontext
def init_db_command() -> None:
    """Make the event database, or bring its schema up to date; nothing that is stored is lost."""
    settings: Settings = current_app.config["SETTINGS"]
    try:
        Store.create(settings.event_database).close()
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"the event database {settings.event_database} is ready")
