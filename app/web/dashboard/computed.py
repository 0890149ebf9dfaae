"""How each section of the dashboard is computed, read from computed.toml and shown beside the section."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from flask import Flask


@dataclass(frozen=True, slots=True)
class Computed:
    """words: the definition. code: file that computes it. tables: what it reads. sections: of board.json.

    sql: a query to check the figures with. database: which file it is for, ``events`` or ``registry``.
    """

    words: str
    code: str
    sections: list[str]
    tables: str = ""
    sql: str = ""
    database: str = "events"


def explanations() -> dict[str, Computed]:
    """Every explanation by the name that templates use."""
    stated = tomllib.loads((Path(__file__).parent / "computed.toml").read_text(encoding="utf-8"))
    return {name: Computed(**row) for name, row in stated.items()}


def register(app: Flask) -> None:
    """Give the templates these explanations."""
    app.jinja_env.globals.update(computed=explanations())
