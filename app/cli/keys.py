"""Commands about API keys: `keys add`, `keys list` and `keys revoke`. They work while the site runs."""

from __future__ import annotations

import time

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.keys import KEYS_FILE, SCOPES, add_key, read_keys, revoke_key
from app.secret import SecretError
from app.settings import Settings


def register(app: Flask) -> None:
    """Add the commands of this folder to `flask`."""
    app.cli.add_command(keys_group)


@click.group("keys")
def keys_group() -> None:
    """Give programs keys to the API, each for as little as it needs, and take them away."""


@keys_group.command("add")
@click.argument("name")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True, help="What it may do.")
@with_appcontext
def add_command(name: str, scopes: tuple[str, ...]) -> None:
    """Make a key called NAME and show it, once: only its hash is kept."""
    settings = _settings()
    try:
        text = add_key(settings.var, name, scopes)
    except (ValueError, SecretError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(text)
    click.echo(
        f"Send it as `Authorization: Bearer …`. It may: {', '.join(scopes)}. It is not shown again; if it is lost, "
        f"`flask keys revoke {name}` and make another.",
        err=True,
    )


@keys_group.command("list")
@with_appcontext
def list_command() -> None:
    """List the keys that were made, oldest first. The site's own key, which may do everything, is not among them."""
    settings = _settings()
    try:
        keys = read_keys(settings.var / KEYS_FILE)
    except SecretError as error:
        raise click.ClickException(str(error)) from error
    if not keys:
        click.echo("no key was made yet; make one with `flask keys add NAME --scope …`")
    for key in keys:
        made = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(key.made_at))
        click.echo(f"{key.name:<24} made {made} UTC  {', '.join(sorted(key.scopes))}")


@keys_group.command("revoke")
@click.argument("name")
@with_appcontext
def revoke_command(name: str) -> None:
    """Take the key called NAME away. Once this has ended, a running site refuses it."""
    try:
        revoke_key(_settings().var, name)
    except (ValueError, SecretError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"key {name} is revoked")


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
