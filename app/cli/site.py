"""Commands about the whole installation: `doctor` and `settings`."""

from __future__ import annotations

import platform
from collections.abc import Callable
from importlib.metadata import version

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.models.publish import load_current
from app.settings import SECRETS, Settings, describe_settings
from app.store import Store, StoreError
from app.store.health import check_integrity
from recommender import ArtifactError

_PACKAGES = ("flask", "implicit", "numba", "numpy", "scipy", "sqlite-utils")


def register(app: Flask) -> None:
    """Add the commands of this file to `flask`."""
    app.cli.add_command(doctor_command)
    app.cli.add_command(settings_command)


@click.command("settings")
@with_appcontext
def settings_command() -> None:
    """List every setting with its value, unit and meaning; each is set by an environment variable or in TOML."""
    settings: Settings = current_app.config["SETTINGS"]
    for row in describe_settings():
        value = "(secret)" if row["name"] in SECRETS else getattr(settings, row["name"])
        click.echo(f"{row['environment']}={value}  [{row['unit'] or 'number'}]  {row['help']}")


@click.command("doctor")
@with_appcontext
def doctor_command() -> None:
    """Check database and published model; of each, say what is wrong and what to do. Exit code 1 if anything is."""
    settings: Settings = current_app.config["SETTINGS"]
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    click.echo(f"Python {platform.python_version()} on {platform.system()}, {packages}")
    checks: tuple[tuple[str, Callable[[Settings], str]], ...] = (("database", _database), ("model", _model))
    ill = False
    for name, check in checks:
        try:
            click.echo(f"ok    {name}: {check(settings)}")
        except (StoreError, ArtifactError) as error:
            ill = True
            click.echo(f"ill   {name}: {error}")
    if ill:
        raise SystemExit(1)


def _database(settings: Settings) -> str:
    with Store(settings.event_database) as store:
        return check_integrity(store.reader())


def _model(settings: Settings) -> str:
    loaded = load_current(settings.models_folder)
    if loaded is None:
        raise ArtifactError(f"no model is published in {settings.models_folder}; run `flask trainer --once`")
    current, model = loaded
    return f"version {current.version} with {len(model.item_ids):,} items, learned up to event {current.watermark:,}"
