"""What machines that watch are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.settings import Settings
from tests.app.web.conftest import slate_links


def test_a_living_process_says_so_without_looking_at_anything(settings: Settings) -> None:
    assert create_app(settings).test_client().get("/healthz").get_json() == {"status": "ok"}


def test_ready_names_every_part_and_the_fallback(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    found = answer.get_json()
    assert found["status"] == "ready"
    assert found["model_version"] is None
    assert set(found["checks"]) == {"database", "writer", "catalog", "model", "jobs"}
    assert found["checks"]["catalog"]["items"] == 60
    assert found["checks"]["model"]["fallback"]


def test_without_a_database_it_is_not_ready_and_says_why(settings: Settings, tmp_path: Path) -> None:
    answer = create_app(replace(settings, var=tmp_path / "none")).test_client().get("/readyz")
    assert answer.status_code == 503
    assert "flask" in answer.get_json()["checks"]["database"]["detail"]


def test_metrics_count_requests_by_route_and_events_by_kind(client: FlaskClient) -> None:
    client.get(slate_links(client.get("/").text)[0])
    text = client.get("/metrics").text
    assert 'flywheel_requests_total{method="GET",route="/item/<item_id>",status="200"} 1.0' in text
    assert 'flywheel_request_seconds_count{route="/"} 1.0' in text
    assert 'flywheel_events_stored{kind="click",origin="real"} 1.0' in text
    assert "flywheel_queue_depth " in text
    assert "flywheel_model_version 0.0" in text
    assert "flywheel_fallback 1.0" in text


def test_metrics_without_a_database_still_answer(settings: Settings, tmp_path: Path) -> None:
    text = create_app(replace(settings, var=tmp_path / "none")).test_client().get("/metrics").text
    assert "flywheel_up 0.0" in text


def test_two_sites_in_one_process_do_not_share_numbers(site: Flask, client: FlaskClient, settings: Settings) -> None:
    client.get("/")
    other = create_app(settings)
    try:
        assert 'route="/",' not in other.test_client().get("/metrics").text
    finally:
        other.extensions["flywheel"].close()
