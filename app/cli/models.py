"""Commands about learning: `trainer`, `models list|show|promote|rollback`, `challenge` and `trial status|end`.

`models submit` is in `elsewhere`.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import NoReturn

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.cli.explained import MANY_ROWS, ROW_NUMBER, FiniteFloat, explained
from app.cli.output import to_json
from app.learn.challenge import challenge, champion_settings, tuned_settings
from app.learn.loop import run_trainer
from app.learn.progress import fit_progress
from app.learn.trial import end_by_hand
from app.logs import STANDARD_ERROR
from app.measure.evaluation.gate import SignOff
from app.measure.evaluation.trial_rule import read_trial
from app.measure.governance.signing import unsigned_reason
from app.measure.governance.usecase import UseCaseError, load_use_case
from app.models.errors import LearnError, VersionError
from app.models.lineage import changed
from app.models.publish import promote, rollback
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion
from app.settings import SettingError, Settings
from app.store import Store, StoreError
from app.store.measures.trials import trial_visitors

UNKNOWN_VERSION = 2
"""Exit code when the version that was asked for cannot be had."""


def register(app: Flask) -> None:
    """Add the commands of this folder to `flask`."""
    app.cli.add_command(explained(trainer_command))
    app.cli.add_command(explained(models_group))
    app.cli.add_command(explained(challenge_command))
    app.cli.add_command(explained(trial_group))


@click.command("trainer")
@click.option("--once", is_flag=True, help="Learn everything there is, put it before the gate, and end.")
@click.option(
    "--until-watermark",
    type=click.IntRange(0),
    metavar="N",
    help="End when everything up to event N was before the gate.",
)
@click.option(
    "--force-unsigned", metavar="REASON", help="Publish though the use case is not signed; kept with the model."
)
@click.option("--standby", is_flag=True, help="Where another trainer is at work, wait and take over when it ends.")
@with_appcontext
def trainer_command(once: bool, until_watermark: int | None, force_unsigned: str | None, standby: bool) -> None:
    """Follow the event database, learn from it, and publish the models that pass the gate; Ctrl-C ends it."""
    if force_unsigned is not None and not force_unsigned.strip():
        raise click.UsageError("--force-unsigned is empty; say why a model may be published without signatures")
    settings = _settings()
    if not once:
        _step_back(settings.trainer_nice)
    try:
        report = run_trainer(
            settings,
            once=once,
            until_watermark=until_watermark,
            standby=standby,
            on_progress=fit_progress(STANDARD_ERROR),
            sign_off=lambda: sign_off_of(settings, force_unsigned),
        )
    except (LearnError, StoreError, SettingError, UseCaseError) as error:
        raise click.ClickException(str(error)) from error
    if once and report is not None:
        version = report.candidate
        said = f"version {version.version}: {version.verdict}" if version else "nothing new to learn from"
        click.echo(f"{report.rows} rows up to event {report.watermark}; {said}")


def _step_back(niceness: int) -> None:
    """Let the site have the processor first: visitors wait for pages, nobody for a model. Windows has no such thing."""
    if hasattr(os, "nice"):
        os.nice(niceness)


@click.group("models")
def models_group() -> None:
    """List the model versions, and choose which one the site uses."""


@models_group.command("list")
@click.option("--limit", type=MANY_ROWS, default=20, show_default=True, help="How many, newest first.")
@with_appcontext
def list_command(limit: int) -> None:
    """List model versions, newest first."""
    versions = Registry(_settings()).versions(limit)
    if not versions:
        click.echo("no model was made yet; run `flask trainer --once`")
        return
    click.echo(
        f"{'version':>7}  {'state':<9} {'kind':<6} {'made (UTC)':<19} {'watermark':>9} {'rows':>9} {'quality':>8}"
    )
    for version in versions:
        measured = version.metrics.get("candidate")
        click.echo(
            f"{version.version:>7}  {version.state:<9} {version.kind:<6} {_date(version.created_at):<19} "
            f"{version.watermark:>9} {version.rows:>9} {format(measured['mean'], '.4f') if measured else '-':>8}"
        )


@models_group.command("show")
@click.argument("version", type=ROW_NUMBER)
@with_appcontext
def show_command(version: int) -> None:
    """Write everything that is known about model VERSION as JSON."""
    found = Registry(_settings()).get(version)
    if found is None:
        _fail(f"there is no model version {version}; see `flask models list`")
    click.echo(to_json(asdict(found)))


@models_group.command("promote")
@click.argument("version", type=ROW_NUMBER)
@click.option("--reason", default="", help="Why; kept with the version.")
@with_appcontext
def promote_command(version: int, reason: str) -> None:
    """Make the site use model VERSION, whatever the gate said of it; kept until a newer candidate passes the gate."""
    settings = _settings()
    registry = Registry(settings)
    before = registry.champion()
    try:
        _tell(promote(settings, registry, version, reason=reason), before)
    except VersionError as error:
        _fail(str(error))


@models_group.command("rollback")
@click.option("--reason", default="", help="Why; kept with the version.")
@with_appcontext
def rollback_command(reason: str) -> None:
    """Make the site use the published version before the present one; a second time goes one further back."""
    settings = _settings()
    registry = Registry(settings)
    before = registry.champion()
    try:
        _tell(rollback(settings, registry, reason=reason), before)
    except VersionError as error:
        _fail(str(error))


@click.command("challenge")
@click.option(
    "--set", "assignments", metavar="NAME=VALUE", multiple=True, help="A setting that is other than the champion's."
)
@click.option("--note", default="", help="Why it is tried; kept with the version.")
@click.option(
    "--tune",
    "tune_s",
    type=FiniteFloat(min=0, min_open=True),
    metavar="SECONDS",
    help="Search so long on the site's own past for the settings, after an import, say.",
)
@with_appcontext
def challenge_command(assignments: tuple[str, ...], note: str, tune_s: float | None) -> None:
    """Fit a model with other settings, put it before the gate and, if it passes, on trial beside the champion."""
    settings = _settings()
    registry = Registry(settings)
    given = dict(assignment.partition("=")[::2] for assignment in assignments)
    try:
        own = champion_settings(settings, registry)
        tried = own if tune_s and not given else changed(own, given)
        with Store(settings.database) as store:
            if tune_s:
                tried, said = tuned_settings(tried, store, tune_s)
                click.echo("\n".join(said))
                if tried == own:
                    click.echo("nothing better than the champion's settings was found; no challenger was made")
                    return
            version = challenge(
                tried,
                store,
                registry,
                by="flask challenge",
                note=note,
                on_progress=fit_progress(STANDARD_ERROR),
                sign_off=sign_off_of(settings, None),
            )
    except VersionError as error:
        _fail(str(error))
    except (StoreError, SettingError, UseCaseError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"version {version.version}: {version.verdict}")
    if version.state == "challenger":
        click.echo("it is on trial; the trainer decides, and `flask trial status` tells how it stands")


@click.group("trial")
def trial_group() -> None:
    """Follow or end the trial of a challenger."""


@trial_group.command("status")
@with_appcontext
def trial_status_command() -> None:
    """Say how the trial stands, or how the last one ended."""
    settings = _settings()
    registry = Registry(settings)
    challenger = registry.challenger()
    if challenger is None:
        ended = next((step for step in registry.steps() if step.step == "started"), None)
        last = None if ended is None else registry.get(ended.version)
        click.echo("no version is on trial" + (f"; the last was {last.version}: {last.verdict}" if last else ""))
        return
    for step in reversed(registry.steps(challenger.version)):
        if step.step != "reading":
            click.echo(f"{_date(step.at)}  {step.step:<8} {step.sentence}")
    with Store(settings.database) as store:
        readings = read_trial(trial_visitors(store.reader(), challenger.version))
    for reading in readings:
        click.echo(f"now: {reading.sentence}")
    if not readings:
        click.echo("now: nobody was asked yet")


@trial_group.command("end")
@click.option("--reason", default="", help="Why; kept with the version.")
@with_appcontext
def trial_end_command(reason: str) -> None:
    """End the trial without a decision; the champion stays."""
    settings = _settings()
    try:
        version = end_by_hand(settings, Registry(settings), reason, time.time())
    except VersionError as error:
        _fail(str(error))
    click.echo(f"the trial of version {version.version} is over; the champion stays")


def sign_off_of(settings: Settings, forced: str | None) -> SignOff:
    """Whether the use case is signed; forced: why a model may be published though it is not."""
    return SignOff(unsigned_reason(load_use_case(settings.use_case_file)), forced)


def _tell(version: ModelVersion, before: ModelVersion | None) -> None:
    instead = f" instead of version {before.version}" if before else ""
    click.echo(
        f"the site uses version {version.version}{instead}, "
        f"made {_date(version.created_at)} UTC from {version.rows} rows up to event {version.watermark}"
    )


def _fail(message: str) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    sys.exit(UNKNOWN_VERSION)


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
