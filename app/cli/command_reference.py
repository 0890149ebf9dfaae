"""The reference of all commands as Markdown, made from their own help: the text of docs/commands.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from flask import Flask

from app.cli.settings_reference import settings_table

# Flask's own commands are documented by Flask.
_NOT_OURS = {"run", "shell", "routes"}


def command_reference(site: Flask) -> str:
    """Every command of ours with its usage, help and options. Raises ValueError for one that has no help."""
    lines = [
        "# Commands",
        "",
        "Run as `.venv/bin/flask --app app COMMAND`; settings come from the environment (see settings.md). `make help`",
        "lists the targets of the Makefile.",
        "",
    ]
    for name, command in _commands(site.cli.commands, ""):
        lines += _section(name, command)
    return "\n".join(lines)


def _commands(commands: Mapping[str, click.Command], prefix: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(commands.items()):
        if not prefix and name in _NOT_OURS:
            continue
        if isinstance(command, click.Group):
            yield from _commands(command.commands, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def _section(name: str, command: click.Command) -> list[str]:
    if not command.help:
        raise ValueError(f"the command {name!r} has no help; write it as the docstring of its function")
    context = click.Context(command, info_name=name)
    usage = " ".join(["flask", name, *command.collect_usage_pieces(context)])
    lines = [f"## `{usage}`", "", *(line.strip() for line in command.help.strip().splitlines()), ""]
    records = [
        parameter.get_help_record(context) for parameter in command.params if isinstance(parameter, click.Option)
    ]
    options = [f"- `{record[0]}`: {record[1]}" for record in records if record]
    return lines + ([*options, ""] if options else [])


def main() -> None:
    """Write docs/commands.md and docs/settings.md of this checkout."""
    from app import create_app

    docs = Path(__file__).resolve().parents[2] / "docs"
    (docs / "commands.md").write_text(command_reference(create_app()), encoding="utf-8")
    (docs / "settings.md").write_text(settings_table(), encoding="utf-8")


if __name__ == "__main__":
    main()
