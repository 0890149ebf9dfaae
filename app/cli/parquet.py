"""The command `export-parquet`."""

from __future__ import annotations

import time
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.cli.explained import explained
from app.cli.shop.feeds import progress
from app.export import export_parquet
from app.settings import Settings
from app.store import Store


def register(app: Flask) -> None:
    """Add the command of this file to `flask`."""
    app.cli.add_command(explained(export_parquet_command))


@click.command("export-parquet")
@click.argument("folder", type=click.Path(path_type=Path))
@with_appcontext
def export_parquet_command(folder: Path) -> None:
    """Write interactions, items and visitors to FOLDER as Parquet files, or what is new of them; the site may run.

    Interactions are the folded rows that models learn from, a million numbers a file. A file is written again only when
    its rows changed: run this again after an erasure, and nothing of the visitor is left in FOLDER. Excluded visitors
    are left out. A call that is cut leaves whole files; the next one goes on. FOLDER names visitors: keep it as you
    keep the database.
    """
    settings: Settings = current_app.config["SETTINGS"]
    started = time.perf_counter()
    with Store(settings.database) as store, progress("Exporting") as on_progress:
        done = export_parquet(settings, store, folder, now=time.time(), on_progress=on_progress)
    manifest = done.manifest
    click.echo(
        f"{manifest.rows('interactions'):,} interactions up to event {manifest.watermark:,}, "
        f"{manifest.rows('items'):,} items and {manifest.rows('visitors'):,} visitors are in {folder}: "
        f"{done.written:,} files written, {done.kept:,} as they were, {done.removed:,} removed "
        f"(in {time.perf_counter() - started:.1f} s)"
    )
    if manifest.excluded_visitors:
        click.echo(
            f"{manifest.excluded_visitors:,} excluded visitors with {manifest.excluded_rows:,} rows are left out"
        )
