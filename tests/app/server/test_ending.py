"""However the web process ends, the event database stays whole and keeps what was acknowledged."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from app.settings import Settings
from app.store.connections import connect_reader
from tests.app.server.conftest import Site, batch_of, is_running, post_head, running, status_of, until

GUNICORN, WAITRESS = (("-m", "tests.app.server.held_site", server) for server in ("gunicorn", "waitress"))
both_servers = pytest.mark.parametrize("server", [GUNICORN, WAITRESS], ids=["gunicorn", "waitress"])


def _hold(site: Site, requests: int) -> list[tuple[socket.socket, str]]:
    """POSTs that threads of the server are at work on, and the event of each."""
    waiting = []
    for number in range(requests):
        event_id = f"held-{number}"
        body = batch_of([event_id])
        connection = site.connect()
        connection.sendall(post_head(body) + body)
        waiting.append((connection, event_id))
    until(lambda: len(list(site.settings.var.glob("held-*"))) == requests, "as many busy threads")
    return waiting


def _finish(site: Site, waiting: Iterable[tuple[socket.socket, str]]) -> set[str]:
    """Let the threads go on, if there still are any; the events that were acknowledged."""
    (site.settings.var / "release").touch()
    acknowledged = set()
    for connection, event_id in waiting:
        with connection:
            if status_of(connection) == 202:
                acknowledged.add(event_id)
    return acknowledged


def _assert_whole(database: Path, acknowledged: set[str]) -> None:
    assert database.read_bytes()[:16] == b"SQLite format 3\0"
    with closing(connect_reader(database)) as reader:
        assert reader.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        stored = {row[0] for row in reader.execute("SELECT event_id FROM events")}
    assert acknowledged <= stored


def test_a_worker_that_ends_with_requests_under_way_leaves_the_database_whole(site_settings: Settings) -> None:
    with running(site_settings, *GUNICORN) as site:
        waiting = _hold(site, 3)
        os.kill(site.worker, signal.SIGTERM)
        until(lambda: not is_running(site.worker), "the end of the worker")
        _assert_whole(site_settings.event_database, _finish(site, waiting))
        until(lambda: site.answers("/readyz"), "the next worker")


def test_a_worker_whose_master_was_killed_ends_and_leaves_the_database_whole(site_settings: Settings) -> None:
    with running(site_settings, *GUNICORN) as site:
        waiting = _hold(site, 3)
        site.process.kill()
        until(site.has_ended, "the end of the worker")
        _assert_whole(site_settings.event_database, _finish(site, waiting))
    with running(site_settings) as next_site:
        assert next_site.ask("/readyz") == 200


@both_servers
@pytest.mark.parametrize(
    "ending", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=[pytest.mark.slow, pytest.mark.alone])]
)
def test_a_site_that_is_asked_to_end_does_so_with_requests_under_way(
    site_settings: Settings, server: tuple[str, ...], ending: signal.Signals
) -> None:
    with running(site_settings, *server) as site:
        waiting = _hold(site, 3)
        site.process.send_signal(ending)
        until(site.has_ended, "the end of the site")
        _assert_whole(site_settings.event_database, _finish(site, waiting))


@both_servers
def test_a_site_without_requests_ends_by_itself_and_empties_its_log(
    site_settings: Settings, server: tuple[str, ...]
) -> None:
    with running(site_settings, *server) as site:
        assert _finish(site, _hold(site, 1)) == {"held-0"}
        site.process.terminate()
        until(site.has_ended, "the end of the site")
        assert site.process.returncode == 0
    log = site_settings.event_database.with_name("events.db-wal")
    assert not log.exists() or log.stat().st_size == 0
    _assert_whole(site_settings.event_database, {"held-0"})


def test_a_request_under_way_is_finished_within_the_grace(site_settings: Settings) -> None:
    with running(replace(site_settings, grace_s=30), *GUNICORN) as site:
        waiting = _hold(site, 2)
        os.kill(site.worker, signal.SIGTERM)
        assert _finish(site, waiting) == {"held-0", "held-1"}
        until(lambda: not is_running(site.worker), "the end of the worker")
        _assert_whole(site_settings.event_database, {"held-0", "held-1"})


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.parametrize("round_number", range(20))
def test_a_master_that_is_killed_under_load_never_costs_the_database(
    site_settings: Settings, round_number: int
) -> None:
    acknowledged: set[str] = set()
    with running(site_settings) as site, ThreadPoolExecutor(6) as pool:
        clients = [pool.submit(_post_until_it_ends, site, f"{round_number}-{client}") for client in range(6)]
        until(lambda: site.stored() > 20 * (1 + round_number % 3), "events under load")
        site.process.kill()
        for client in clients:
            acknowledged |= client.result()
        until(site.has_ended, "the end of the worker")
    _assert_whole(site_settings.event_database, acknowledged)


def _post_until_it_ends(site: Site, name: str) -> set[str]:
    """Send one event after another until the site is gone; the ids of those that were acknowledged."""
    acknowledged = set()
    for number in count():
        event_id = f"{name}-{number}"
        body = batch_of([event_id])
        try:
            with site.connect() as connection:
                connection.sendall(post_head(body) + body)
                status = status_of(connection)
        except OSError:
            break
        if status == 0:
            break
        if status == 202:
            acknowledged.add(event_id)
    return acknowledged
