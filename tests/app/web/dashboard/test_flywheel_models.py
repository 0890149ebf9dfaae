"""The page of models when a trial is on and candidates were estimated from the log."""

from __future__ import annotations

import math

import pytest
from flask import Flask

from app.catalog import Item
from app.measure.evaluation.holdout import METRIC
from app.measure.evaluation.trial_rule import TrialReading
from app.measure.evaluation.trials import TrialStatus
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion, Step
from app.settings import Settings
from tests.app.serve.conftest import publish_model
from tests.app.web.conftest import MakeSite

_ESTIMATE = {"value": 0.07, "low": 0.06, "high": 0.08, "effective_sample_size": 812.0, "clipped_share": 0.01}


@pytest.fixture
def challenger(settings: Settings, now: float) -> ModelVersion:
    """A registered version on trial, with off-policy estimates of which one means nothing."""
    estimates = {name: {**_ESTIMATE, "is_meaningful": name != "ips"} for name in ("logged", "ips", "snips")}
    candidate = {**estimates, "doubly_robust": {**_ESTIMATE, "is_meaningful": True}, "support": 0.9, "shelves": 3210}
    metrics = {"off_policy": {"real": {"candidate": candidate}}}
    version = ModelVersion(
        5, now, "fit", "challenger", 4, 9_000, 800, 90, 60, {}, "abc", "code", {}, metrics, "Passed.", "5", "sum"
    )
    started = Step(5, now, "started", "trainer", "Version 5 is on trial.", {"champion": 4})
    Registry(settings).add(version, Step(5, now, "filed", "a test", "factors 64 instead of 32."), started)
    return version


def test_a_trial_that_is_on_is_shown_with_what_is_other_about_it(site: Flask, challenger: ModelVersion) -> None:
    html = site.test_client().get("/flywheel/models").text
    assert "Version 5 against the lineage of version 4, since" in html
    assert "factors 64 instead of 32." in html
    assert "Nobody was asked yet." in html
    assert "Version 5 is on trial against it." in site.test_client().get("/flywheel").text


def test_readings_are_shown_by_origin_and_an_endless_interval_as_too_few(
    site: Flask, challenger: ModelVersion, now: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = TrialReading("real", 3, 1, 0, 1, 1.0, -math.inf, math.inf)
    many = TrialReading("simulated", 900, 400, 180, 260, 0.2, 0.05, 0.35)
    trial = TrialStatus(challenger, 4, "factors 64", now, now + 60, (few, many), "promoted", "Promoted: it won.")
    monkeypatch.setattr("app.measure.dashboard.board.latest_trial", lambda *args: trial)
    html = site.test_client().get("/flywheel/models").text
    assert "too few to tell" in html
    assert "0.200, 0.050 to 0.350" in html
    assert "Promoted: it won." in html
    assert site.test_client().get("/flywheel/board.json?section=trial").status_code == 200


def test_an_estimate_that_means_nothing_is_hidden(site: Flask, challenger: ModelVersion) -> None:
    html = site.test_client().get("/flywheel/models?origin=real").text
    section = html[html.index('id="off-policy"') :].partition("</section>")[0]
    assert section.count("7.00 %") == 3
    assert section.count("too little to mean anything") == 1
    assert "3,210" in section


def test_a_model_newer_than_the_figures_is_not_given_those_of_the_one_before(
    make_site: MakeSite, settings: Settings, items: list[Item], now: float
) -> None:
    kinds = {style: [item.item_id for item in items if item.style == style] for style in {item.style for item in items}}
    exam = {"candidate": {"mean": 0.123, "low": 0.1, "high": 0.2}, "metric": METRIC}
    made = (1, now, "fit", "champion", None, 9_000, 800, 90, 60)
    first = ModelVersion(*made, {}, "abc", "code", {}, exam, "", "1", "sum")
    Registry(settings).add(first)
    publish_model(settings, 1, kinds)
    site = make_site(board_interval_s=1000.0)
    page = site.test_client().get("/flywheel").text
    assert "Model 1 was made" in page
    assert "0.123" in page
    publish_model(settings, 2, kinds)
    assert site.extensions["flywheel"].jobs.run("model-watch").failures == 0
    page = site.test_client().get("/flywheel").text
    assert "Model 2 ranks the pages; the figures below are still of model 1" in page
    assert "0.123" not in page[page.index('id="model-title"') :].partition("</section>")[0]
