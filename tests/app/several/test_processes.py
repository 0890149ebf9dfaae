"""Real web processes of one host on one database: one site, whatever of it is killed."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

from app.store import Store
from tests.app.server.conftest import until
from tests.app.several.real_site import (
    ITEMS,
    Follower,
    Programs,
    ask,
    several,
    several_settings,
    workers_of,
)
from tests.conftest import NewUrl
from tests.postgres_server import PostgresServer, postgres_server

pytestmark = [pytest.mark.postgres, pytest.mark.postgres_only, pytest.mark.whole]

_FOLDED_TWICE = """
SELECT event_seq FROM interactions LEFT JOIN events ON events.seq = event_seq
GROUP BY event_seq, interactions.item_id, interactions.kind, events.seq HAVING count(*) > 1 OR events.seq IS NULL
"""


@contextmanager
def only(pid: int, workers: list[int]) -> Iterator[None]:
    """Within the block this process of the site alone can accept anything: the others stand still."""
    others = [other for other in workers if other != pid]
    for other in others:
        os.kill(other, signal.SIGSTOP)
    try:
        yield
    finally:
        for other in others:
            os.kill(other, signal.SIGCONT)


def test_whatever_one_process_acknowledged_the_next_request_knows(tmp_path: Path, new_url: NewUrl) -> None:
    settings = several_settings(tmp_path / "var", new_url())
    with several(settings) as site, Store(settings.database) as store:
        workers = workers_of(site)
        assert len(workers) == 2
        for number, item in enumerate(ITEMS[:20]):
            event = {"event_id": str(number), "kind": "like", "item_id": item}
            with only(workers[number % 2], workers):
                status, receipt = ask(settings, "POST", "/api/v1/events?visitor_id=ann", {"events": [event]})
            assert (status, receipt["stored"]) == (202, 1)
            with only(workers[1 - number % 2], workers):
                status, found = ask(settings, "GET", "/api/v1/recommendations?visitor_id=ann&k=60")
            assert {entry["item"]["item_id"] for entry in found["items"]} == set(ITEMS[number + 1 :])
        query = "SELECT count(DISTINCT by) FROM cache_changes WHERE what = 'acts'"
        assert store.reader().execute(query).fetchone()[0] == 2, "both processes recorded"
        with only(workers[0], workers):
            assert ask(settings, "DELETE", "/api/v1/visitors/ann")[0] == 204
        with only(workers[1], workers):
            assert ask(settings, "GET", "/api/v1/visitors/ann")[0] == 404
    assert site.process.returncode == 0


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that a test may kill."""
    with postgres_server() as server:
        yield server


@pytest.mark.parametrize("kills", [3, pytest.param(100, marks=[pytest.mark.slow, pytest.mark.alone])])
def test_nothing_acknowledged_is_lost_or_doubled_whichever_process_is_killed(
    tmp_path: Path, own_server: PostgresServer, kills: int
) -> None:
    """Of the site's processes one at random, and in the long form the database server every tenth time."""
    rng = random.Random(kills)
    settings = several_settings(tmp_path / "var", own_server.new_database())
    with (
        several(settings) as site,
        Follower(settings) as follower,
        Programs(settings, [f"v{number}" for number in range(4)]) as programs,
    ):
        for number in range(kills):
            programs.wait_for(rng.randint(10, 60))
            if number % 10 == 9:
                own_server.stop()
                own_server.start()
            else:
                os.kill(rng.choice(workers_of(site)), signal.SIGKILL)
                until(lambda: len(workers_of(site)) == 2, "a process in place of the killed one")
        programs.wait_for(30)
        programs.__exit__()
    with Store(settings.database) as store:
        conn = store.reader()
        stored = [f"{row[0]} {row[1]}" for row in conn.execute("SELECT visitor_id, event_id FROM events ORDER BY seq")]
        assert conn.execute(_FOLDED_TWICE).fetchone() is None
        assert conn.execute("SELECT count(*) FROM quarantine").fetchone()[0] == 0
    assert programs.problems == []
    assert programs.sent_again > 0
    assert programs.acknowledged <= set(stored), "nothing is lost"
    assert len(stored) == len(set(stored)), "and nothing is there twice"
    assert follower.seen == stored, "whoever follows the numbers passes over nothing: they are in the order of commits"


def test_a_site_outlives_a_server_that_is_away_while_a_process_begins(
    tmp_path: Path, own_server: PostgresServer
) -> None:
    settings = several_settings(tmp_path / "var", own_server.new_database())
    with several(settings) as site:
        seen = set(workers_of(site))
        own_server.stop()
        os.kill(seen.copy().pop(), signal.SIGKILL)

        def two_tries() -> bool:
            seen.update(workers_of(site))
            return len(seen) >= 4

        until(two_tries, "a second process in place of the one that could not be opened")
        own_server.start()
        until(lambda: len(workers_of(site)) == 2 and site.answers("/readyz"), "both processes")
        assert site.process.poll() is None


def test_connections_that_stay_open_are_spread_over_the_processes(tmp_path: Path, new_url: NewUrl) -> None:
    settings = several_settings(tmp_path / "var", new_url())
    with several(settings) as site, ExitStack() as ending:
        workers = workers_of(site)
        for pid in workers:
            with only(pid, workers):  # each is ready
                until(lambda: ask(settings, "GET", "/healthz")[0] == 200, "an answer")
        for opened in range(1, 13):
            connection = ending.enter_context(closing(HTTPConnection("127.0.0.1", settings.port, timeout=30.0)))
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            held = [_held(pid, settings.port) for pid in workers]
            assert sum(held) == opened
        assert min(held) >= 4, "one may have been left for longer than it is waited for"
        with only(workers[0], workers):  # who stands still is waited for no longer than a moment
            for _ in range(5):
                other = ending.enter_context(closing(HTTPConnection("127.0.0.1", settings.port, timeout=30.0)))
                other.request("GET", "/healthz")
                assert other.getresponse().read()


def _held(pid: int, port: int) -> int:
    """Connections of clients to a port that a process holds."""
    found = psutil.Process(pid).net_connections("tcp")
    return sum(one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port for one in found)
