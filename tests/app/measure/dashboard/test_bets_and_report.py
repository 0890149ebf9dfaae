"""The portfolio is measured and stored, open claims are judged by it, and the report says all of it."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app import create_app
from app.cli import measures as commands
from app.measure.evaluation.portfolio import BASE, PORTFOLIO_MODELS, verdict
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store
from app.store.measures.portfolio import latest_portfolio
from recommender.evaluation import Interval
from tests.app.learn.versions import publish_version
from tests.app.measure.evaluation.test_baseline import fill


@pytest.fixture
def runner(settings: Settings) -> FlaskCliRunner:
    app = Flask("test")
    app.config["SETTINGS"] = settings
    commands.register(app)
    return app.test_cli_runner()


FILE = ["hypothesis", "file", "--statement", "Factors | win.", "--model", "plain-als", "--data", "site events"]


def test_every_model_is_measured_on_the_same_cases_and_kept(runner: FlaskCliRunner, store: Store, now: float) -> None:
    fill(store, now, holdout_visitors=20)
    result = runner.invoke(args=["portfolio"])
    assert result.exit_code == 0, result.output
    rows = latest_portfolio(store.reader())
    assert [row.model for row in rows] == list(PORTFOLIO_MODELS)
    assert {(row.cases, row.visitors, row.rows, row.watermark, row.origin) for row in rows} == {
        (20, 20, 90, 150, "simulated")
    }
    assert all(row.low <= row.value <= row.high and row.train_s > 0 and row.recommend_us > 0 for row in rows)
    assert rows[0].gain == 0, "popularity against itself"
    assert {(row.champion, row.to_champion) for row in rows} == {(None, None)}


def test_every_model_is_compared_with_the_one_in_use(
    runner: FlaskCliRunner, store: Store, settings: Settings, now: float
) -> None:
    fill(store, now, holdout_visitors=20)
    publish_version(settings, Registry(settings))
    result = runner.invoke(args=["portfolio"])
    assert result.exit_code == 0, result.output
    rows = latest_portfolio(store.reader())
    assert {row.champion for row in rows} == {1}
    differences = [row.to_champion for row in rows]
    in_use = {round(row.value - difference, 9) for row, difference in zip(rows, differences, strict=True) if difference}
    assert len(in_use) == 1, "one champion, the same for all"
    for row in rows:
        assert row.to_champion is not None
        assert row.to_champion_low is not None
        assert row.to_champion_high is not None
        assert row.to_champion_low <= row.to_champion <= row.to_champion_high
    site = create_app(settings)
    try:
        assert "Against version 1, in use then" in site.test_client().get("/flywheel/bets").text
    finally:
        site.extensions["flywheel"].close()


def test_a_claim_is_filed_judged_listed_and_reported(runner: FlaskCliRunner, store: Store, now: float) -> None:
    fill(store, now, holdout_visitors=20)
    assert runner.invoke(args=[*FILE, "--metric", "rank gain", "--threshold", "0.999"]).exit_code == 0
    judged = runner.invoke(args=["hypothesis", "judge"])
    assert judged.exit_code == 0, judged.output
    assert "fails" in judged.output
    (listed,) = json.loads(runner.invoke(args=["hypothesis", "list", "--json"]).output)
    assert listed["judgement"]["verdict"] == "fails"
    written = runner.invoke(args=["report"])
    assert written.exit_code == 0, written.output
    for heading in ("Now", "Experiment", "Growth curve", "Momentum", "Portfolio", "Hypotheses"):
        assert f"\n## {heading}\n" in written.output
    assert "Factors \\| win. |" in written.output, "a bar in a cell must not end it"
    assert "Not measured" not in written.output


def test_the_report_of_an_empty_site_says_what_is_missing(runner: FlaskCliRunner, store: Store) -> None:
    written = runner.invoke(args=["report"]).output
    for sentence in ("No claim was filed yet.", "Not run yet", "Nobody has come yet."):
        assert sentence in written


def test_while_the_site_writes_a_run_is_refused_and_the_report_is_not(runner: FlaskCliRunner, store: Store) -> None:
    with store.open_writer():
        assert "the site is running" in runner.invoke(args=["portfolio"]).output
        assert runner.invoke(args=["report"]).exit_code == 0


def test_a_verdict_claims_no_more_than_the_intervals_show() -> None:
    surely, unsure, behind = Interval(0.2, 0.1, 0.3), Interval(0.0, -0.1, 0.1), Interval(-0.2, -0.3, -0.1)
    assert verdict("a", "a", surely, unsure) == "The highest mean; surely better than popularity."
    assert verdict("b", "a", unsure, behind) == "Not told apart from popularity; surely behind a."
    assert verdict(BASE, BASE, unsure, unsure) == "The baseline, and nothing beats it here."
