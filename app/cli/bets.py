"""Commands about bets: `portfolio` and `hypothesis file|judge|list`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.explained import FiniteFloat
from app.cli.output import to_json
from app.measure.evaluation.evidence import EvidenceError, read_evidence
from app.measure.evaluation.portfolio import Champion, Portfolio, run_portfolio
from app.measure.experiment.lifts import measured_lifts
from app.measure.governance.hypotheses import ClaimError, ClaimMeasurement, check_claim, judge_claim
from app.models.registry import Registry
from app.models.storage import load_published
from app.settings import Settings
from app.store import Store, StoreError
from app.store.items import all_items
from app.store.measures.hypotheses import Claim, Hypothesis, all_hypotheses, file_claims, record_judgement
from app.store.measures.portfolio import PortfolioRow, insert_portfolio
from recommender import ArtifactError


@click.command("portfolio")
@with_appcontext
def portfolio_command() -> None:
    """Make every kind of model from the events at hand, judge all by the same holdout, and store quality and cost."""
    settings: Settings = current_app.config["SETTINGS"]
    try:
        with Store(settings.database) as store, store.open_writer(settings.queue_size) as writer:
            found = _run(store, settings)
            writer.run(lambda db: insert_portfolio(db, found.rows))
    except (StoreError, EvidenceError, ArtifactError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(table(found.rows))


@click.group("hypothesis")
def hypothesis_group() -> None:
    """File claims before there is evidence, have them judged, and list them, failures too."""


@hypothesis_group.command("file")
@click.option("--statement", required=True, help="The claim in a sentence.")
@click.option("--model", required=True, help="A name of `flask portfolio`, or site.")
@click.option("--data", required=True, help="'site events', 'real visitors' or 'simulated visitors'.")
@click.option("--metric", required=True, help="'rank gain', 'rank gain over MODEL' or 'click-through over control'.")
@click.option("--threshold", required=True, type=FiniteFloat(-1e6, 1e6), help="The least value claimed.")
@click.option(
    "--by", "deadline", type=click.DateTime(["%Y-%m-%d"]), help="Date of proof (UTC); in 30 days if not given."
)
@click.option("--max-train-s", type=FiniteFloat(min=0, min_open=True), help="Most seconds that training may take.")
@click.option("--filed-by", default="the command line", show_default=True, help="Whose claim it is.")
@with_appcontext
def file_command(
    statement: str,
    model: str,
    data: str,
    metric: str,
    threshold: float,
    deadline: datetime | None,
    max_train_s: float | None,
    filed_by: str,
) -> None:
    """File a claim; it stays as it is worded."""
    settings: Settings = current_app.config["SETTINGS"]
    now = time.time()
    day: date = deadline.date() if deadline else (datetime.now(UTC) + timedelta(days=30)).date()
    ends = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() + 86_400.0
    try:
        claim = check_claim(Claim(now, filed_by, statement, model, data, metric, threshold, ends, max_train_s))
        with Store(settings.database) as store, store.open_writer(settings.queue_size) as writer:
            (number,) = writer.run(lambda db: file_claims(db, [claim]))
    except (StoreError, ClaimError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"filed as hypothesis {number}; `flask hypothesis judge` measures it")


@hypothesis_group.command("judge")
@with_appcontext
def judge_command() -> None:
    """Measure the portfolio and judge every claim that is open."""
    settings: Settings = current_app.config["SETTINGS"]
    now = time.time()
    try:
        with Store(settings.database) as store, store.open_writer(settings.queue_size) as writer:
            waiting = [found for found in all_hypotheses(store.reader()) if not found.is_settled]
            if not waiting:
                click.echo("no claim is open; file one with `flask hypothesis file`")
                return
            measured = ClaimMeasurement(_run(store, settings), measured_lifts(store, settings))
            assert measured.portfolio is not None
            rows = measured.portfolio.rows
            writer.run(lambda db: insert_portfolio(db, rows))
            for found in waiting:
                judgement = judge_claim(found.claim, measured, now)
                writer.run(lambda db, n=found.number, j=judgement: record_judgement(db, n, j))  # type: ignore[misc]
            for settled in all_hypotheses(store.reader()):
                if settled.number in {found.number for found in waiting}:
                    click.echo(_line(settled))
    except (StoreError, EvidenceError, ArtifactError) as error:
        raise click.ClickException(str(error)) from error


@hypothesis_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with the evidence.")
@with_appcontext
def list_command(as_json: bool) -> None:
    """List every claim with its verdict, oldest first."""
    settings: Settings = current_app.config["SETTINGS"]
    try:
        with Store(settings.database) as store:
            found = all_hypotheses(store.reader())
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(to_json([asdict(hypothesis) for hypothesis in found]))
        return
    if not found:
        click.echo("no claim was filed yet; file one with `flask hypothesis file`")
    for hypothesis in found:
        click.echo(_line(hypothesis))


def table(rows: Sequence[PortfolioRow]) -> str:
    """A run as lines of text with a heading."""
    lines = [f"{'model':<15}{rows[0].metric if rows else '':>10}{'low':>8}{'high':>8}{'train s':>9}{'us':>7}  verdict"]
    lines += [
        f"{row.model:<15}{row.value:>10.4f}{row.low:>8.4f}{row.high:>8.4f}{row.train_s:>9.2f}{row.recommend_us:>7.0f}"
        f"  {row.verdict}"
        for row in rows
    ]
    return "\n".join(lines)


def _run(store: Store, settings: Settings) -> Portfolio:
    evidence, items = read_evidence(store, settings), all_items(store.reader())
    published = load_published(Registry(settings, store.reader).storage)
    champion = None if published is None else Champion(published[0].version, published[1])
    return run_portfolio(evidence, items, settings, time.time(), champion)


def _line(hypothesis: Hypothesis) -> str:
    claim, judgement = hypothesis.claim, hypothesis.judgement
    verdict = "not judged" if judgement is None else judgement.verdict
    note = "" if judgement is None else f"\n      {judgement.note}"
    return f"{hypothesis.number:>3}  {verdict:<10}  {claim.statement}{note}"
