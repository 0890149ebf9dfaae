"""How each section of the dashboard is computed, read from computed.toml and shown beside the section."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Flask

from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Computed:
    """words: the definition. code: file that computes it. tables: what it reads. sections: of board.json.

    sql: a query to check the figures with. postgres: the same where a server has to be asked in other words. database:
    which one it is for, ``events`` or ``registry``.
    """

    words: str
    code: str
    sections: list[str]
    tables: str = ""
    sql: str = ""
    postgres: str = ""
    database: str = "events"


def explanations(on_postgres: bool = False) -> dict[str, Computed]:
    """Every explanation by the name that templates use, with queries for the database in use."""
    stated = tomllib.loads((Path(__file__).parent / "computed.toml").read_text(encoding="utf-8"))
    found = {name: Computed(**row) for name, row in stated.items()}
    return {name: replace(row, sql=row.postgres or row.sql) for name, row in found.items()} if on_postgres else found


def register(app: Flask) -> None:
    """Give the templates these explanations."""
    settings: Settings = app.config["SETTINGS"]
    app.jinja_env.globals.update(computed=explanations(bool(settings.database_url)))
