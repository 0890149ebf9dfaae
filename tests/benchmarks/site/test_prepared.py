"""Load that costs little still sees what is wrong with an answer, and keeps the pace it was asked for."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from benchmarks.site.load.browsing import A_SHELF
from benchmarks.site.load.orders import Order
from benchmarks.site.load.prepared import LOOKS_EVERY, PreparedLoad
from benchmarks.site.load.sources import Acquaintance
from seed_data.population import Population
from seed_data.templates import load_templates

ITEM = load_templates()[0].item_id
# All that a visit looks for: a shelf with a slate, an item's page, what acts and events are answered.
PAGE = (
    f'{A_SHELF} data-shelf="for-you"><a href="/item/{ITEM}?slate=s-1&amp;pos=1">one</a></section>'
    f'<article class="item"> "on":true "quarantined":[] "stored":20 "slate_id"'
)


class Site(ThreadingHTTPServer):
    """A site that answers everything alike: with `page`, and after `good` answers with `status`."""

    daemon_threads = True
    page: str = PAGE
    status = 200
    good = 1_000_000
    closes = False
    posted: ClassVar[list[bytes]] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that end a connection."""


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Site

    def do_GET(self) -> None:
        packed = "gzip" in self.headers.get("Accept-Encoding", "")
        body = gzip.compress(self.server.page.encode()) if packed else self.server.page.encode()
        self.server.good -= 1
        self.send_response(200 if self.server.good >= 0 else self.server.status)
        self.send_header("Content-Length", str(len(body)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        if self.server.closes:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.server.posted.append(self.rfile.read(int(self.headers["Content-Length"])))
        body = self.server.page.encode()
        self.send_response(202)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on a free port."""
    with Site(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> PreparedLoad:
    """A load generator whose visitors have not browsed."""
    monkeypatch.setattr("benchmarks.site.load.prepared.Browser.headers", lambda self: {})
    return PreparedLoad(Population(load_templates(), 7), "key")


def _order(site: Site, kind: str = "home", seconds: float = 0.2, rate: float | None = None) -> Order:
    return Order(kind, f"http://127.0.0.1:{site.server_address[1]}", seconds, rate=rate, connections=2, visitors=2)


def test_what_was_asked_is_counted(site: Site, load: PreparedLoad) -> None:
    run = load.run(_order(site))
    assert run.everything is not None
    assert run.everything["requests"] > 0
    assert run.failures == 0, run.problems
    assert run.reached == pytest.approx(run.everything["requests"] / run.seconds, rel=0.05)


def test_more_visitors_ask_in_turn_where_an_order_says_so(
    site: Site, load: PreparedLoad, monkeypatch: pytest.MonkeyPatch
) -> None:
    acquainted: list[int] = []

    def acquaint(load: PreparedLoad, order: Order, number: int) -> Acquaintance:
        acquainted.append(number)
        return Acquaintance(f"v={number}", ())

    monkeypatch.setattr(PreparedLoad, "_acquaint", acquaint)
    order = _order(site)
    few, many = load._source(order), load._source(replace(order, visitors=4))
    assert acquainted == [0, 1, 2, 3], "nobody comes twice"
    assert [few.take().headers["Cookie"] for _ in range(3)] == ["v=0", "v=1", "v=0"]
    assert [many.take().headers["Cookie"] for _ in range(5)] == ["v=0", "v=1", "v=2", "v=3", "v=0"]


def test_a_pace_is_kept(site: Site, load: PreparedLoad) -> None:
    run = load.run(_order(site, seconds=0.5, rate=100.0))
    assert run.everything is not None
    assert run.everything["requests"] == 50
    assert run.failures == 0, run.problems


def test_batches_have_ids_of_their_own(site: Site, load: PreparedLoad) -> None:
    assert load.run(_order(site)).failures == 0  # the visitors browse before it
    site.posted.clear()
    assert load.run(_order(site, "events")).failures == 0
    assert len(site.posted) == len(set(site.posted)) > 1


def test_errors_and_wrong_pages_are_failures(site: Site, load: PreparedLoad) -> None:
    load.run(_order(site))
    site.page = "another page"
    run = load.run(_order(site, rate=5 * LOOKS_EVERY / 0.2))
    assert run.failures == 5
    site.page, site.good, site.status = PAGE, 10, 500
    run = load.run(_order(site, rate=100.0))
    assert run.problems == {"GET /: status 500": 10}


def test_a_connection_that_ends_is_made_anew(site: Site, load: PreparedLoad) -> None:
    site.closes = True
    run = load.run(_order(site, rate=100.0))
    assert run.everything is not None
    assert run.everything["requests"] == 20
    assert run.failures == 0, run.problems
