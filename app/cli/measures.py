"""Commands about what is measured: `baseline` and `usecase check|sign|power`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.cli import curation as curation_commands
from app.cli import lineage as lineage_commands
from app.cli import risks as risk_commands
from app.cli.bets import hypothesis_group, portfolio_command
from app.cli.explained import FiniteFloat
from app.cli.report import report_command
from app.measure.evaluation.baseline import measure_baselines
from app.measure.evaluation.evidence import EvidenceError
from app.measure.experiment.ledger import open_ledger
from app.measure.experiment.power import Power, past_moments, visitors_needed
from app.measure.governance.signing import ROLES, sign, sign_off_states, use_case_problems
from app.measure.governance.usecase import UseCaseError, load_use_case, use_case_metrics
from app.settings import Settings
from app.store import Store, StoreError
from app.store.measures.baselines import BaselineRow, insert_baselines
from app.store.measures.experiments import exposures_per_day
from app.values.origin import LIVE_ORIGINS
from recommender import ArtifactError


def register(app: Flask) -> None:
    """Add the commands of this folder to `flask`."""
    app.cli.add_command(baseline_command)
    app.cli.add_command(usecase_group)
    risk_commands.register(app)
    curation_commands.register(app)
    lineage_commands.register(app)
    app.cli.add_command(portfolio_command)
    app.cli.add_command(report_command)
    app.cli.add_command(hypothesis_group)


@click.command("baseline")
@with_appcontext
def baseline_command() -> None:
    """Measure popularity, random and the site as it is, and store the result; no model is published before that."""
    settings: Settings = current_app.config["SETTINGS"]
    try:
        use_case = load_use_case(settings.use_case_file)
        with Store(settings.database) as store, store.open_writer(settings.queue_size) as writer:
            rows = measure_baselines(store, settings, use_case.content_hash, time.time())
            writer.run(lambda db: insert_baselines(db, rows))
    except (StoreError, EvidenceError, UseCaseError, ArtifactError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Baseline of “{use_case.name}”, 95 % intervals over visitors:")
    click.echo(table(rows))


@click.group("usecase")
def usecase_group() -> None:
    """Check and sign what the recommender is for."""


@usecase_group.command("check")
@with_appcontext
def check_command() -> None:
    """Say whether the use case is signed as it stands and the settings agree with it; exit code 1 if not."""
    settings: Settings = current_app.config["SETTINGS"]
    try:
        use_case = load_use_case(settings.use_case_file)
    except UseCaseError as error:
        raise click.ClickException(str(error)) from error
    for state in sign_off_states(use_case):
        if state.signed_on is not None and not state.sentence:
            click.echo(f"Signed by {state.role} on {state.signed_on.isoformat()}: {state.signs}.")
    problems = use_case_problems(use_case, settings.control_share)
    for sentence in problems:
        click.echo(sentence)
    if problems:
        raise SystemExit(1)
    click.echo(f"“{use_case.name}” ({use_case.content_hash}) stands.")


@usecase_group.command("sign")
@click.option("--role", type=click.Choice(sorted(ROLES)), required=True, help="In whose name.")
@with_appcontext
def sign_command(role: str) -> None:
    """Sign the use case as it stands, by writing today's date and its hash into its file."""
    settings: Settings = current_app.config["SETTINGS"]
    try:
        use_case = sign(settings.use_case_file, role, datetime.now(UTC).date())
    except UseCaseError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Signed by {role}: “{use_case.name}” ({use_case.content_hash}).")


@usecase_group.command("power")
@click.option(
    "--lift",
    default=5.0,
    type=FiniteFloat(-100, 1e6),
    show_default=True,
    help="Lift to be found, in per cent; may be below 0.",
)
@click.option("--visitors-per-day", type=FiniteFloat(min=0.01), help="New visitors a day; measured if not given.")
@with_appcontext
def power_command(lift: float, visitors_per_day: float | None) -> None:
    """Say how many visitors, and how many days at your traffic, it takes to find a lift of the success metric.

    The spread between visitors is that of the visitors so far; before there are any, that of the imported history, in
    which what a customer did in all stands for what a visitor will do.
    """
    settings: Settings = current_app.config["SETTINGS"]
    try:
        use_case = load_use_case(settings.use_case_file)
        metric, plan = use_case_metrics(use_case)[0], use_case.experiment
        with Store(settings.database) as store:
            state = open_ledger(store, settings).follow()
            live = [arm.moments for arm in state.arms if arm.origin in LIVE_ORIGINS and arm.moments.count]
            of_past = not any(moments.total(metric.acts) for moments in live)
            moments = past_moments(store.reader(), metric) if of_past else sum(live[1:], live[0])
            daily = visitors_per_day or exposures_per_day(store.reader())
        found = visitors_needed(
            moments,
            metric,
            lift / 100,
            control_share=settings.control_share,
            confidence=plan.confidence,
            expected_visitors=plan.expected_visitors,
        )
    except (StoreError, UseCaseError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    if found is None:
        raise click.ClickException(
            f"nobody did yet what {metric.name!r} counts, so nothing tells how far visitors differ; "
            "import a history with `flask import-history FILE`"
        )
    if of_past:
        click.echo("Of the imported history: no visitor of this site did yet what the metric counts.")
    click.echo(Power(metric.name, lift / 100, found, found / daily if daily else None).sentence)


def table(rows: Sequence[BaselineRow]) -> str:
    """The rows as lines of text with a heading."""
    lines = [f"{'model':<12}{'metric':<14}{'value':>8}{'low':>9}{'high':>9}{'cases':>8}{'visitors':>10}  origin, of"]
    lines += [
        f"{row.model:<12}{row.metric:<14}{row.value:>8.4f}{row.low:>9.4f}{row.high:>9.4f}"
        f"{row.cases:>8}{row.visitors:>10}  {row.origin}{', ' if row.detail else ''}{row.detail}"
        for row in rows
    ]
    return "\n".join(lines)
