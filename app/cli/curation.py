"""Commands about the data: `quality`, `quarantine list|release|drop` and `exclusions list|apply|add|lift`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.cli.explained import MANY_ROWS, ROW_NUMBER, STORED_TEXT
from app.measure.governance.data_quality import data_quality
from app.measure.governance.suspects import find_suspects
from app.record.release import release
from app.settings import Settings
from app.store import Database, Store, StoreError, WriterBusyError
from app.store.measures.exclusions import NewExclusion, exclude, excluded_visitors, lift, read_exclusions
from app.store.measures.quarantine import STATES, drop, read_quarantine
from app.values.counted import counted

BY = "a command"
BY_HAND = "by hand"
T = TypeVar("T")


def register(app: Flask) -> None:
    """Add the commands of this file to `flask`."""
    for command in (quality_command, quarantine_group, exclusions_group):
        app.cli.add_command(command)


@click.command("quality")
@with_appcontext
def quality_command() -> None:
    """Say what was recorded, sent twice or refused, who is suspected, and what is never shown or clicked."""
    settings = _settings()
    with _store(settings) as store:
        found = data_quality(store, settings, time.time())
    for day in found.days[:28]:
        click.echo(f"{day.day}  {day.origin:<10}{day.kind:<9}{day.events:>9,}")
    click.echo(f"duplicates received: {found.duplicates:,}; released from quarantine: {found.released:,}")
    for reason in found.quarantined:
        click.echo(f"quarantine: {reason.events:,} {reason.state}, {reason.field}: for example, {reason.example}")
    for row in found.suspects:
        click.echo(f"suspected: {row.visitor_id} by {row.rule}: {row.reason}")
    click.echo(f"excluded now: {counted(len(found.exclusions), 'visitor')}")
    click.echo(f"never on screen: {found.never_shown:,} of {found.items:,} items")
    for shelf in found.dead_shelves:
        click.echo(f"dead shelf: {shelf.shelf}, seen {shelf.seen:,} times, never clicked (p = {shelf.p_value:.2g})")


@click.group("quarantine")
def quarantine_group() -> None:
    """See events that could not be believed, and decide about them."""


@quarantine_group.command("list")
@click.option("--state", type=click.Choice([*STATES, "all"]), default="held", help="Which to show.")
@click.option("--limit", type=MANY_ROWS, default=50, help="Most rows.")
@with_appcontext
def list_quarantine(state: str, limit: int) -> None:
    """List quarantined events with their reasons, newest first."""
    with _store(_settings()) as store:
        rows = read_quarantine(store.reader(), None if state == "all" else state, limit)
    for row in rows:
        settled = f" ({row.state} by {row.settled_by}: {row.settled_reason})" if row.settled_by else ""
        click.echo(f"{row.id:>6}  {_time(row.received_at)}  {row.field}: {row.reason}{settled}")


@quarantine_group.command("release")
@click.argument("quarantine_id", type=ROW_NUMBER)
@click.option("--reason", type=STORED_TEXT, required=True, help="Why it is believed after all; kept with the event.")
@with_appcontext
def release_command(quarantine_id: int, reason: str) -> None:
    """Record a quarantined event after all, marked, and as an answer to no slate."""
    stored = _write(partial(release, quarantine_id=quarantine_id, reason=_said(reason), by=BY, at=time.time()))
    click.echo(f"Event {quarantine_id} is recorded as number {stored.seq}.")


@quarantine_group.command("drop")
@click.argument("quarantine_id", type=ROW_NUMBER)
@click.option("--reason", type=STORED_TEXT, required=True, help="Why it stays out; kept with the event.")
@with_appcontext
def drop_command(quarantine_id: int, reason: str) -> None:
    """Decide that a quarantined event stays out; its row is kept."""
    _write(partial(drop, quarantine_id=quarantine_id, reason=_said(reason), by=BY, at=time.time()))
    click.echo(f"Event {quarantine_id} stays out.")


@click.group("exclusions")
def exclusions_group() -> None:
    """Leave visitors out of models and figures, on record, and take it back."""


@exclusions_group.command("list")
@click.option("--suspects", is_flag=True, help="Show whom the rules find and who is not excluded, with the evidence.")
@with_appcontext
def list_exclusions(suspects: bool) -> None:
    """List exclusions, those that were lifted too, newest first."""
    settings = _settings()
    with _store(settings) as store:
        if suspects:
            excluded = excluded_visitors(store.reader())
            for found in find_suspects(store, settings):
                if found.visitor_id not in excluded:
                    click.echo(f"{found.visitor_id}  {found.rule}: {found.reason}")
            return
        rows = read_exclusions(store.reader())
    for row in rows:
        end = (
            "" if row.lifted_at is None else f"; lifted {_time(row.lifted_at)} by {row.lifted_by}: {row.lifted_reason}"
        )
        click.echo(f"{row.id:>6}  {_time(row.made_at)}  {row.visitor_id}  {row.rule} by {row.by}: {row.reason}{end}")


@exclusions_group.command("apply")
@with_appcontext
def apply_command() -> None:
    """Find suspected visitors by the rules in all events, and exclude them."""
    settings = _settings()
    with _store(settings) as store:
        found = find_suspects(store, settings)
    made = _write(partial(exclude, found=found, by=BY, at=time.time()))
    click.echo(f"{counted(len(found), 'visitor is', 'visitors are')} suspected; {len(made)} newly excluded.")


@exclusions_group.command("add")
@click.argument("visitor_id", type=STORED_TEXT)
@click.option("--reason", type=STORED_TEXT, required=True, help="Why; kept with the exclusion.")
@with_appcontext
def add_command(visitor_id: str, reason: str) -> None:
    """Exclude VISITOR_ID by hand."""
    found = [NewExclusion(visitor_id, BY_HAND, _said(reason), {})]
    made = _write(partial(exclude, found=found, by=BY, at=time.time()))
    click.echo(f"{visitor_id} is excluded." if made else f"{visitor_id} was excluded before.")


@exclusions_group.command("lift")
@click.argument("exclusion_id", type=ROW_NUMBER)
@click.option("--reason", type=STORED_TEXT, required=True, help="Why; kept with the exclusion.")
@with_appcontext
def lift_command(exclusion_id: int, reason: str) -> None:
    """End an exclusion: the visitor counts again, in the next model too."""
    lifted = _write(partial(lift, exclusion_id=exclusion_id, reason=_said(reason), by=BY, at=time.time()))
    click.echo(f"{lifted.visitor_id} counts again.")


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _said(reason: str) -> str:
    if not reason.strip():
        raise click.UsageError("--reason is empty; say why")
    return reason.strip()


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


@contextmanager
def _store(settings: Settings) -> Iterator[Store]:
    try:
        with Store(settings.database) as store:
            store.reader()
            yield store
    except WriterBusyError as error:
        raise click.ClickException(
            f"the site is running (process {error.pid or 'unknown'}) and writes the database; "
            "stop it, or use the buttons of /flywheel instead"
        ) from error
    except StoreError as error:
        raise click.ClickException(str(error)) from error


def _write(task: Callable[[Database], T]) -> T:
    settings = _settings()
    with _store(settings) as store, store.open_writer(settings.queue_size) as writer:
        return writer.run(task, 60.0)
