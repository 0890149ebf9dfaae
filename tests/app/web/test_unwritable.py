"""While events cannot be stored every page is shown, events are refused politely, and it ends by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.store import Database, Store, StoreError
from tests.app.web.conftest import MakeSite, slate_links

PATIENCE_S = 20.0
PAGES = ["/", "/item/item-000", "/search?q=retro", "/type/poster", "/about", "/flywheel", "/flywheel/risks"]


def _post(client: FlaskClient, name: str) -> Any:
    event = {"event_id": name, "kind": "click", "item_id": "item-000"}
    return client.post("/api/v1/events", json={"events": [event]})


def _assert_pages(client: FlaskClient) -> None:
    for path in PAGES:
        assert client.get(path).status_code == 200, path
    clicks = slate_links(client.get("/").text)  # none where not even the page could be logged
    assert client.get(clicks[0] if clicks else "/item/item-001").status_code == 200, (
        "the page behind a click that could not be recorded"
    )


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not recover by itself"


def _known(client: FlaskClient) -> FlaskClient:
    """A visitor whose cookie has come back."""
    for _ in range(2):
        client.get("/")
    return client


def _readiness(client: FlaskClient) -> tuple[int, str, Any]:
    answer = client.get("/readyz")
    return answer.status_code, answer.get_json()["status"], answer.get_json()["checks"]["writer"]["problem"]


def _limit(pages: int) -> Callable[[Database], object]:
    return lambda db: db.execute(f"PRAGMA max_page_count = {pages}").fetchall()


def test_a_full_disk_refuses_events_with_507_and_shows_pages(site: Flask) -> None:
    client = _known(site.test_client())
    writer = site.extensions["flywheel"].writer
    assert _post(client, "before").status_code == 202
    writer.run(lambda db: db.execute("CREATE TABLE ballast (text)").rowcount)
    writer.run(_limit(1))  # SQLite takes the size that the database has as the smallest limit
    refused = [answer for answer in (_post(client, f"full-{n}") for n in range(200)) if answer.status_code != 202]
    assert refused
    assert {answer.status_code for answer in refused} <= {503, 507}
    assert 507 in {answer.status_code for answer in refused}
    assert all(answer.mimetype == "application/problem+json" for answer in refused)
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
    _assert_pages(client)
    _until(lambda: _has_room_again(site))
    _until(lambda: _post(client, "after").status_code == 202)
    _until(lambda: _readiness(client)[:2] == (200, "ready"))


def _has_room_again(site: Flask) -> bool:
    """Take the limit away, through the writer's own connection, where the limit lies."""
    with suppress(StoreError):
        site.extensions["flywheel"].writer.run(_limit(1_000_000))
        return True
    return False


def test_a_database_that_another_process_writes_is_shown_and_taken_over(make_site: MakeSite, store: Store) -> None:
    with store.open_writer():
        site = make_site()
        client = site.test_client()
        _assert_pages(client)
        status, word, problem = _readiness(client)
        assert (status, word) == (200, "degraded")
        assert "and writes events.db" in problem
        assert "and writes events.db" in client.get("/flywheel/risks").text
        answer = _post(_known(client), "refused")
        assert answer.status_code in (400, 503)
        assert answer.status_code == 400 or int(answer.headers["Retry-After"]) >= 1
    _until(lambda: _readiness(client)[1] == "ready")
    _until(lambda: _post(_known(client), "taken").status_code == 202)


def test_a_queue_that_is_full_and_a_site_that_is_limited_say_when_to_come_again(make_site: MakeSite) -> None:
    client = _known(make_site(rate_limit="1 per minute").test_client())
    client.get("/api/v1/items")
    limited = client.get("/api/v1/items")
    assert limited.status_code == 429
    assert 1 <= int(limited.headers["Retry-After"]) <= 61


@pytest.mark.parametrize("failures", [1, 3])
def test_a_job_that_keeps_failing_shows_in_health_metrics_and_on_the_page(site: Flask, failures: int) -> None:
    def fail() -> None:
        raise OSError(24, "Too many open files")

    client = site.test_client()
    jobs = site.extensions["flywheel"].jobs
    jobs.add("broken", fail, interval_s=3_600.0)
    for _ in range(failures):
        jobs.run("broken")
    found = client.get("/readyz").get_json()
    assert found["status"] == ("ready" if failures == 1 else "degraded")
    assert found["checks"]["jobs"]["states"]["broken"]["failures"] == failures
    assert found["checks"]["jobs"]["states"]["broken"]["last_error"] == "OSError: [Errno 24] Too many open files"
    assert f'flywheel_job_failures{{job="broken"}} {failures}.0' in client.get("/metrics").text
    page = client.get("/flywheel/risks").text
    assert "OSError: [Errno 24] Too many open files" in page


def test_the_jobs_of_a_site_are_on_record_from_the_start(site: Flask) -> None:
    states = site.test_client().get("/readyz").get_json()["checks"]["jobs"]["states"]
    assert {"assignment", "model-watch", "popularity", "risks"} <= set(states)
    assert states["model-watch"]["runs"] >= 1
