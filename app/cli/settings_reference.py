"""The reference of all settings: the rows that `flask settings` lists, and the Markdown of docs/settings.md."""

from __future__ import annotations

from dataclasses import MISSING, fields

from app.settings import ENVIRONMENT_PREFIX, Settings


def describe_settings() -> list[dict[str, str]]:
    """The table of settings as plain text, for pages, help and docs: name, environment, default, unit, help."""
    rows = []
    for row in fields(Settings):
        default = "" if row.default in (None, MISSING, "") else str(row.default)
        rows.append(
            {
                "name": row.name,
                "environment": ENVIRONMENT_PREFIX + row.name.upper(),
                "default": default,
                "unit": row.metadata["unit"],
                "help": row.metadata["help"],
            }
        )
    return rows


def settings_table() -> str:
    """The table of settings as Markdown: the text of docs/settings.md, which a test compares with it."""
    lines = [
        "# Settings",
        "",
        "Each is read from the environment variable, else from the TOML file named by `FLYWHEEL_CONFIG` (there in "
        "lower case",
        "and without the prefix), else it has its default. `flask settings` shows the values in force.",
        "",
        "| variable | default | unit | meaning |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{row['environment']}` | {row['default']} | {row['unit']} | {row['help']} |" for row in describe_settings()
    ]
    return "\n".join(lines) + "\n"
