"""Commands about business rules: `rules list`, `rules preview`, `rules add` and `rules end`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.catalog import Catalog
from app.cli.explained import ROW_NUMBER
from app.models.registry import Registry
from app.models.storage import load_published
from app.serve.popularity import PopularityBoard
from app.serve.rankers import LearnedRanker, OrderRanker, Ranker
from app.serve.rules.applied import AppliedRules
from app.serve.rules.checks import check_rule
from app.settings import Settings
from app.store import Store, StoreError, WriterBusyError
from app.store.items import all_items
from app.store.rules import add_rule, end_rule, read_rules
from app.values.counted import counted
from app.values.rule import ACTIONS, Rule, RuleError
from app.visitors.contribution import contribution_rules
from recommender import ArtifactError

BY = "a command"


def register(app: Flask) -> None:
    """Add the commands of this file to `flask`."""
    app.cli.add_command(rules_group)


@click.group("rules")
def rules_group() -> None:
    """Decide about lists, whatever a model says: hide, pin, boost, cap, leave out what was bought."""


def rule_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What states a rule."""
    for option in (
        click.argument("action", type=click.Choice(ACTIONS)),
        click.option("--field", default="", help="category, type, style, tag, palette, item_id or an attribute."),
        click.option("--value", default="", help="Value of the field; id of the item to pin; kind of what was bought."),
        click.option("--number", default=0.0, help="Place of a pin, spreads of a boost, most items of a cap."),
    ):
        command = option(command)
    return command


@rules_group.command("list")
@with_appcontext
def list_command() -> None:
    """List the rules in force, the oldest first."""
    with _words(), Store(_settings().database) as store:
        rows = read_rules(store.reader())
    for row in rows:
        made = datetime.fromtimestamp(row.made_at, UTC).isoformat(timespec="seconds")
        click.echo(f"{row.rule.rule_id:>4}  {row.rule.words}, made by {row.made_by} {made}")
    if not rows:
        click.echo("no rule is in force; `flask rules add` makes one")


@rules_group.command("preview")
@rule_options
@click.option("--history", default="", help="Ids of items separated by commas, newest last; without, a newcomer.")
@click.option("--k", default=10, type=click.IntRange(1, 100), help="How many items.")
@with_appcontext
def preview_command(history: str, k: int, **stated: Any) -> None:
    """Say what a rule would change of what a history gets; nothing is made, and the site may run."""
    settings = _settings()
    with _words(), Store(settings.database) as store:
        catalog = Catalog.from_items(all_items(store.reader()))
        rule = check_rule(Rule(**stated), settings.kinds(), catalog)
        in_force = [row.rule for row in read_rules(store.reader())]
        ranker = _ranker(settings, store, catalog)
        opened = [item_id for item_id in history.split(",") if item_id]
        rules = AppliedRules.of(in_force, catalog), AppliedRules.of([*in_force, rule], catalog)
        before, after = (applied.recommend(ranker, opened, k) for applied in rules)
    hidden = counted(len(rules[1].hidden - rules[0].hidden), "item is", "items are")
    click.echo(f"{rule.words}: {hidden} on no list any more")
    was = {choice.item_id: place for place, choice in enumerate(before, start=1)}
    for place, choice in enumerate(after, start=1):
        item = catalog[choice.item_id]
        moved = f"was {was[item.item_id]}" if item.item_id in was else "new"
        click.echo(
            f"{place:>4}  {item.item_id}  {item.title}" + ("" if was.get(item.item_id) == place else f" ({moved})")
        )
    for choice in before:
        if choice.item_id not in {kept.item_id for kept in after}:
            click.echo(f"   -  {choice.item_id}  {catalog[choice.item_id].title}")


@rules_group.command("add")
@rule_options
@with_appcontext
def add_command(**stated: Any) -> None:
    """Let a rule be in force, while the site does not run; while it runs, POST /api/v1/rules does."""
    settings = _settings()
    with _words(), Store(settings.database) as store, store.open_writer() as writer:
        catalog = Catalog.from_items(all_items(store.reader()))
        rule = check_rule(Rule(**stated), settings.kinds(), catalog)
        number = writer.run(partial(add_rule, rule=rule, by=BY, at=time.time()))
    click.echo(f"rule {number}: {rule.words}")


@rules_group.command("end")
@click.argument("rule_id", type=ROW_NUMBER)
@with_appcontext
def end_command(rule_id: int) -> None:
    """End rule RULE_ID, while the site does not run; it stays on record, because slates name it."""
    with _words(), Store(_settings().database) as store, store.open_writer() as writer:
        row = writer.run(partial(end_rule, rule_id=rule_id, by=BY, at=time.time()))
    click.echo(f"rule {rule_id} has ended: {row.rule.words}")


def _ranker(settings: Settings, store: Store, catalog: Catalog) -> Ranker:
    """What ranks pages: the published model, popularity without one."""
    board = PopularityBoard(store, catalog, contribution_rules(settings), epoch=time.time())
    baseline = OrderRanker(board.order(), "popularity")
    try:
        published = load_published(Registry(settings, store.reader).storage)
    except ArtifactError:
        published = None
    return baseline if published is None else LearnedRanker(published[1], "als", catalog, baseline)


@contextmanager
def _words() -> Iterator[None]:
    """What goes wrong, in words."""
    try:
        yield
    except WriterBusyError as error:
        raise click.ClickException(
            f"the site is running (process {error.pid or 'unknown'}) and writes the database; "
            "stop it, or use /api/v1/rules instead"
        ) from error
    except (RuleError, StoreError) as error:
        raise click.ClickException(str(error)) from error


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
