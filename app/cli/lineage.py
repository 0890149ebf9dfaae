"""The command `lineage`: where a recommendation came from."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.cli.explained import STORED_TEXT
from app.measure.governance.lineage import EntryLineage, LineageError, SlateLineage, lineage
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store, StoreError

_SHOWN_SHARES = 5
_SHOWN_PARENTS = 10


def register(app: Flask) -> None:
    """Add the command to `flask`."""
    app.cli.add_command(lineage_command)


@click.command("lineage")
@click.argument("slate_id", type=STORED_TEXT)
@click.option("--position", type=click.IntRange(1), help="Only the entry at this place, from 1.")
@with_appcontext
def lineage_command(slate_id: str, position: int | None) -> None:
    """Follow SLATE_ID back to the model, the data and the verdict behind each of its entries."""
    settings: Settings = current_app.config["SETTINGS"]
    try:
        with Store(settings.database) as store:
            found = lineage(store, Registry(settings), settings, slate_id, position)
    except (StoreError, LineageError) as error:
        raise click.ClickException(str(error)) from error
    slate = found.slate
    served = datetime.fromtimestamp(slate.served_at, UTC).isoformat(timespec="seconds")
    click.echo(f"slate {slate.slate_id}: {slate.shelf} by {slate.policy}, {slate.arm}, {slate.origin}, served {served}")
    for entry in found.entries:
        for line in _entry_lines(entry):
            click.echo(line)
    for row in found.rules:
        click.echo(f"rule {row.rule.rule_id} by {row.made_by}: {row.rule.words}")
    for line in _model_lines(found):
        click.echo(line)


def _entry_lines(entry: EntryLineage) -> list[str]:
    score = "" if entry.score is None else f", score {entry.score:.4f}"
    team = "" if entry.team is None else f", for the {entry.team}"
    lines = [f"{entry.position:>4}  {entry.item_id}: {entry.source}, chance {entry.propensity:.4g}{score}{team}"]
    lines += [
        f"        {row.share:+.4f}  {row.item_id or row.cause or 'the trend'}" for row in entry.shares[:_SHOWN_SHARES]
    ]
    return lines if entry.shares else [*lines, f"        {entry.without_shares}"]


def _model_lines(found: SlateLineage) -> list[str]:
    model = found.model
    if model is None:
        return ["no model took part, or its row is lost"]
    facts = {name: model.metrics.get(name) for name in ("erasures", "curation", "excluded_visitors", "excluded_rows")}
    parents = ", ".join(str(parent.version) for parent in found.parents[:_SHOWN_PARENTS]) or "none"
    return [
        f"model {model.version}, {model.kind}, {model.state}: events up to {model.watermark:,}, {model.rows:,} rows of "
        f"{model.users:,} visitors and {model.items:,} items",
        "  " + ", ".join(f"{name} {value}" for name, value in facts.items()),
        f"  config {model.config_hash}, code {model.code_version}, parents {parents}",
        f"  {json.dumps(dict(model.config), sort_keys=True)}",
        f"  {model.verdict}",
        *(f"  {step.step} by {step.by}: {step.sentence}" for step in found.steps),
    ]
