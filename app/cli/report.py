"""The command `report`."""

from __future__ import annotations

import time
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.output import output_option, write_output
from app.measure.dashboard.board import Round, take_board
from app.measure.dashboard.report import report
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store, StoreError


@click.command("report")
@output_option
@with_appcontext
def report_command(output: Path) -> None:
    """Write the state of the whole flywheel as Markdown, from the values that the page shows; the site may run."""
    settings: Settings = current_app.config["SETTINGS"]
    try:
        with Store(settings.database) as store:
            store.reader()
            board = take_board(Round(store, Registry(settings), settings, time.time()))
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    write_output(output, report(board), settings)
