"""Commands about the whole installation: `settings`, and `doctor`, whose checks are in `app.cli.checks`."""

from __future__ import annotations

import platform
import time
from importlib.metadata import version

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.cli.checks import CHECKS
from app.cli.explained import OUR_ERRORS
from app.cli.settings_reference import describe_settings
from app.settings import SECRETS, Settings
from app.store import READ_ERRORS

_PACKAGES = ("flask", "implicit", "numba", "numpy", "scipy", "sqlite-utils")


SAID: tuple[type[Exception], ...] = (*OUR_ERRORS, *READ_ERRORS, OSError)
"""Errors that a check may end with: their sentence is the finding."""


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
    """Check the deployment: of each part, say that it is ok or what to do. Exit code 1 when anything is wrong."""
    settings: Settings = current_app.config["SETTINGS"]
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    click.echo(f"Python {platform.python_version()} on {platform.system()}, {packages}")
    failed = False
    for name, check in CHECKS.items():
        try:
            click.echo(f"ok    {name}: {check(settings, time.time())}")
        except SAID as error:
            failed = True
            click.echo(f"FAIL  {name}: {error}")
    if failed:
        raise SystemExit(1)
