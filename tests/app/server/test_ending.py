"""However the web process ends, the event database stays whole and keeps what was acknowledged."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from app.settings import Settings
from app.store.connections import connect_reader
from tests.app.server.conftest import RUN_WAITRESS, Site, batch_of, is_running, post_head, running, status_of, until

WAITRESS = ("-c", RUN_WAITRESS)


def _half_sent(site: Site, requests: int) -> list[tuple[socket.socket, bytes, str]]:
    """POSTs of which the last byte is missing: connection, missing byte, event id."""
    waiting = []
    for number in range(requests):
        event_id = f"half-sent-{number}"
        body = batch_of([event_id])
        connection = site.connect()
        connection.sendall(post_head(body) + body[:-1])
        waiting.append((connection, body[-1:], event_id))
    return waiting


def _finish(waiting: Iterable[tuple[socket.socket, bytes, str]]) -> set[str]:
    """Send what is missing; the ids of the events that were acknowledged."""
    acknowledged = set()
    for connection, missing, event_id in waiting:
        with connection:
            try:
                connection.sendall(missing)
            except ConnectionError:
                continue
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
    with running(site_settings) as site:
        waiting = _half_sent(site, 3)
        os.kill(site.worker, signal.SIGTERM)
        until(lambda: not is_running(site.worker), "the end of the worker")
        _assert_whole(site_settings.event_database, _finish(waiting))
        until(lambda: site.answers("/readyz"), "the next worker")


def test_a_worker_whose_master_was_killed_ends_and_leaves_the_database_whole(site_settings: Settings) -> None:
    with running(site_settings) as site:
        waiting = _half_sent(site, 3)
        site.process.kill()
        until(site.has_ended, "the end of the worker")
        _assert_whole(site_settings.event_database, _finish(waiting))
    with running(site_settings) as next_site:
        assert next_site.ask("/readyz") == 200


@pytest.mark.parametrize("command", [(), WAITRESS], ids=["gunicorn", "waitress"])
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT], ids=["term", "interrupt"])
def test_a_site_that_is_asked_to_end_does_so_with_requests_under_way(
    site_settings: Settings, command: tuple[str, ...], ending: signal.Signals
) -> None:
    with running(site_settings, *command) as site:
        waiting = _half_sent(site, 3)
        site.process.send_signal(ending)
        until(site.has_ended, "the end of the site")
        _assert_whole(site_settings.event_database, _finish(waiting))


@pytest.mark.parametrize("command", [(), WAITRESS], ids=["gunicorn", "waitress"])
def test_a_site_without_requests_ends_by_itself_and_empties_its_log(
    site_settings: Settings, command: tuple[str, ...]
) -> None:
    with running(site_settings, *command) as site:
        body = batch_of(["whole"])
        with site.connect() as connection:
            connection.sendall(post_head(body) + body)
            assert status_of(connection) == 202
        site.process.terminate()
        until(site.has_ended, "the end of the site")
        assert site.process.returncode == 0
    log = site_settings.event_database.with_name("events.db-wal")
    assert not log.exists() or log.stat().st_size == 0
    _assert_whole(site_settings.event_database, {"whole"})


@pytest.mark.slow
@pytest.mark.parametrize("round_number", range(20))
def test_a_master_that_is_killed_under_load_never_costs_the_database(
    site_settings: Settings, round_number: int
) -> None:
    acknowledged: set[str] = set()
    with running(site_settings) as site, ThreadPoolExecutor(6) as pool:
        clients = [pool.submit(_post_until_it_ends, site, f"{round_number}-{client}") for client in range(6)]
        waiting = _half_sent(site, 2)
        until(lambda: site.stored() > 20 * (1 + round_number % 3), "events under load")
        site.process.kill()
        acknowledged |= _finish(waiting)
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
