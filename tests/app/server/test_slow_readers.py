"""Who does not read its answer keeps no thread, and gets all of it once it does read."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from app.server.client_socket import LEFT_BYTES
from tests.app.server.conftest import until
from tests.app.server.turned_worker import TurnedWorker, turned_worker

LARGE = bytes(range(256)) * (LEFT_BYTES // 256)
GET_LARGE = b"GET /large HTTP/1.1\r\nHost: site\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n"


def _answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    content = LARGE if environ["PATH_INFO"] == "/large" else b"small"
    start_response("200 OK", [("Content-Length", str(len(content)))])
    return [content]


@pytest.fixture
def worker() -> Iterator[TurnedWorker]:
    """A worker with one thread."""
    with turned_worker(_answer) as worker:
        yield worker


@pytest.fixture
def slow(worker: TurnedWorker) -> Iterator[socket.socket]:
    """A client that has asked for more than there is room for, three times, and does not read."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(worker.sockets[0].getsockname())
        client.setblocking(False)
        worker.accept(worker.sockets[0])
        client.sendall(GET_LARGE + GET_LARGE + LAST)
        yield client


def test_others_are_answered_meanwhile_and_the_slow_one_in_the_end(worker: TurnedWorker, slow: socket.socket) -> None:
    worker.turn()
    for _ in range(3):
        assert worker.answers(LAST).endswith(b"\r\n\r\nsmall")
    answers = worker.read(slow)
    assert answers.count(b"HTTP/1.1 200 OK") == 3
    assert answers.count(LARGE) == 2
    assert answers.endswith(b"\r\n\r\nsmall")


def test_who_takes_nothing_for_long_is_ended(worker: TurnedWorker, slow: socket.socket) -> None:
    def is_leaving() -> bool:
        worker.turn()
        return bool(worker._leaving)

    until(is_leaving, "an answer without room")
    (conn,) = worker._leaving
    worker.murder_pending()
    assert worker.nr_conns == 1
    conn.deadline = worker._looks_at = 0.0
    worker.murder_pending()
    assert (worker.nr_conns, worker._leaving) == (0, set())


def test_a_slow_reader_that_goes_away_is_forgotten(worker: TurnedWorker, slow: socket.socket) -> None:
    def is_leaving() -> bool:
        worker.turn()
        return bool(worker._leaving)

    until(is_leaving, "an answer without room")
    slow.close()

    def is_forgotten() -> bool:
        worker.turn()
        return not worker.nr_conns

    until(is_forgotten, "the end of the connection")
