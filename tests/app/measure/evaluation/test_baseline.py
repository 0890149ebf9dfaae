"""The baseline command measures, stores, and refuses for a reason."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app.cli import measures as commands
from app.measure.governance.usecase import load_use_case
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store
from app.store.measures.baselines import BaselineRow, insert_baselines, latest_baselines
from app.store.visitors import ensure_visitor
from app.values.visitor import Visitor
from tests.app.learn.versions import publish_version
from tests.app.measure.traffic import Traffic


@pytest.fixture
def runner(settings: Settings) -> FlaskCliRunner:
    app = Flask("test")
    app.config["SETTINGS"] = settings
    commands.register(app)
    return app.test_cli_runner()


def fill(store: Store, now: float, *, holdout_visitors: int) -> None:
    """Everyone clicks item 1, then 2, then one of their own; the holdout is asked for 2 and for that one."""
    with store.open_writer() as writer:
        traffic = Traffic(writer, now)
        for number in range(30 + holdout_visitors):
            holdout = number >= 30
            visitor = Visitor(
                f"v{number}", now - 3600, "treatment", "assigned", "simulated" if holdout else "real", holdout
            )
            writer.run(partial(ensure_visitor, visitor=visitor))
            for item in (1, 2, 10 + number % 50):
                traffic.event(visitor.visitor_id, item, "click", origin=visitor.origin)


def test_popularity_and_random_are_measured_and_stored(runner: FlaskCliRunner, store: Store, now: float) -> None:
    fill(store, now, holdout_visitors=20)
    result = runner.invoke(args=["baseline"])
    assert result.exit_code == 0, result.output
    popularity, chance, site = latest_baselines(store.reader())
    assert (popularity.model, chance.model) == ("popularity", "random")
    assert (popularity.cases, popularity.visitors, popularity.rows, popularity.watermark) == (40, 20, 90, 150)
    assert popularity.usecase_hash == load_use_case().content_hash
    assert popularity.value >= 0.5, "half of the cases ask for the most popular item that is left"
    assert popularity.low <= popularity.value <= popularity.high
    assert chance.value < popularity.low
    assert f"popularity  rank gain     {popularity.value:>8.4f}" in result.output
    assert (site.model, site.metric, site.detail) == ("site", "rank gain", "first-factors, no model is published")
    assert site.value > chance.value


def test_the_site_is_measured_by_what_it_shows_and_what_is_opened_of_it(
    runner: FlaskCliRunner, store: Store, settings: Settings, now: float
) -> None:
    fill(store, now, holdout_visitors=20)
    with store.open_writer() as writer:
        traffic = Traffic(writer, now, events=1000)
        replace(traffic, now=now - 86_400 * 8, slates=50, events=2000).page("v2", [1, 2], [1, 2])
        traffic.page("v0", [1, 2, 3, 4], [2])
        traffic.page("v1", [1, 2, 3, 4], [])
    publish_version(settings, Registry(settings))
    result = runner.invoke(args=["baseline"])
    assert result.exit_code == 0, result.output
    *_, site, online = latest_baselines(store.reader())
    assert site.detail == "model version 1"
    assert (online.metric, online.detail, online.origin) == ("click-through", "popularity", "real")
    assert (online.value, online.cases, online.visitors) == (1 / 8, 8, 2), "the page of last week is left out"


def test_what_is_shown_is_what_was_measured_together(runner: FlaskCliRunner, store: Store, now: float) -> None:
    fill(store, now, holdout_visitors=20)
    with store.open_writer() as writer:
        old = BaselineRow(1.0, "old", "click-through", "site", 0.1, 0, 1, 9, 9, 9, 9, "real", "a policy of old")
        writer.run(lambda db: insert_baselines(db, [old]))
    runner.invoke(args=["baseline"])
    assert [row.model for row in latest_baselines(store.reader())] == ["popularity", "random", "site"]


def test_the_origin_of_the_holdout_is_recorded(runner: FlaskCliRunner, store: Store, now: float) -> None:
    fill(store, now, holdout_visitors=20)
    runner.invoke(args=["baseline"])
    assert {row.origin for row in latest_baselines(store.reader())} == {"simulated"}


@pytest.mark.parametrize(
    ("holdout_visitors", "complaint"), [(3, "the holdout has 6 cases of 3 visitors"), (0, "the holdout has 0 cases")]
)
def test_a_holdout_too_small_is_named_and_nothing_stored(
    runner: FlaskCliRunner, store: Store, now: float, holdout_visitors: int, complaint: str
) -> None:
    fill(store, now, holdout_visitors=holdout_visitors)
    result = runner.invoke(args=["baseline"])
    assert result.exit_code == 1
    assert complaint in result.output
    assert latest_baselines(store.reader()) == []


@pytest.mark.usefixtures("database")
def test_without_clicks_it_says_where_they_come_from(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["baseline"])
    assert (result.exit_code, "flask seed" in result.output) == (1, True)


def test_while_the_site_writes_it_is_refused(runner: FlaskCliRunner, store: Store) -> None:
    with store.open_writer():
        result = runner.invoke(args=["baseline"])
    assert result.exit_code == 1
    assert "the site is running" in result.output


def test_it_has_help() -> None:
    assert commands.baseline_command.help
