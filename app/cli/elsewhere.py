"""Commands for training elsewhere: `export-parquet` and `models submit`."""

from __future__ import annotations

import time
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.cli.explained import explained
from app.cli.models import models_group, sign_off_of
from app.cli.shop.feeds import progress
from app.export import export_parquet
from app.learn.elsewhere import read_submission, submit
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store
from app.values.counted import counted


def register(app: Flask) -> None:
    """Add the commands of this file to `flask`."""
    app.cli.add_command(explained(export_parquet_command))
    models_group.add_command(explained(submit_command))


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
        f"{counted(manifest.rows('interactions'), 'interaction')} up to event {manifest.watermark:,}, "
        f"{counted(manifest.rows('items'), 'item')} and "
        f"{counted(manifest.rows('visitors'), 'visitor')} are in {folder}: "
        f"{counted(done.written, 'file')} written, {done.kept:,} as they were, {done.removed:,} removed "
        f"(in {time.perf_counter() - started:.1f} s)"
    )
    if manifest.excluded_visitors:
        click.echo(
            f"left out: {manifest.excluded_rows:,} rows of {counted(manifest.excluded_visitors, 'excluded visitor')}"
        )


@click.command("submit")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--note", default="", help="Why; kept with the version.")
@click.option("--no-trial", is_flag=True, help="Publish it when it passes, as the trainer's own models are.")
@with_appcontext
def submit_command(folder: Path, note: str, no_trial: bool) -> None:
    """Put the model in FOLDER, which was trained elsewhere on an export, before the gate and, if it passes, on trial.

    FOLDER is what `python -m recommender_spark` wrote: factors and transitions of everybody, without a second stage.
    The second stage is learned here, from the newest million events. A first model is published when it passes.
    """
    settings: Settings = current_app.config["SETTINGS"]
    registry = Registry(settings)
    with Store(settings.database) as store:
        submission = read_submission(settings, store, registry, folder)
        sign_off = sign_off_of(settings, None)
        version = submit(
            settings, store, registry, submission, by="flask models submit", note=note, trial=not no_trial,
            sign_off=sign_off,
        )  # fmt: skip
    click.echo(f"version {version.version}: {version.verdict}")
    if version.state == "challenger":
        click.echo("it is on trial; the trainer decides, and `flask trial status` tells how it stands")
    if submission.erasures_since:
        click.echo(
            f"{submission.erasures_since:,} erasures came after its export, and it still knows of them: "
            "export, train and submit again soon"
        )
