"""The loop of the worker, where no whole site is needed."""

from __future__ import annotations

import errno
import os
import selectors
import socket
import time
from collections.abc import Iterator

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger

from app.server.worker import SiteWorker


@pytest.fixture
def worker() -> Iterator[SiteWorker]:
    """A worker that listens, and whose loop does not turn by itself."""
    config = Config()
    with socket.create_server(("127.0.0.1", 0)) as listener, selectors.DefaultSelector() as poller:
        worker = SiteWorker(1, os.getpid(), [listener], None, 30, config, Logger(config))
        worker.poller = poller
        worker.set_accept_enabled(True)
        yield worker
        while worker._arriving:
            worker._make_room()
        worker.tmp.close()


def test_a_connection_that_is_ended_for_another_one_of_the_same_turn_costs_nobody_anything(worker: SiteWorker) -> None:
    listener = worker.sockets[0]
    with (
        socket.create_connection(listener.getsockname()) as one,
        socket.create_connection(listener.getsockname()) as other,
    ):
        worker.accept(listener)
        worker.accept(listener)
        for client in (one, other):
            client.sendall(b"GET ")
        ready = [key for key, _ in worker.poller.select(10) if key.fileobj is not listener]
        while len(ready) < 2:
            ready = [key for key, _ in worker.poller.select(10) if key.fileobj is not listener]
        worker._make_room()
        for key in ready:
            key.data(key.fileobj)
    assert worker.nr_conns == 1


class _Refusing:
    """A listener whose next connection the system cannot hand out."""

    def __init__(self, reason: int) -> None:
        self._reason = reason

    def accept(self) -> tuple[socket.socket, object]:
        raise OSError(self._reason, os.strerror(self._reason))


@pytest.mark.parametrize("reason", [errno.ECONNABORTED, errno.EPROTO, errno.EPERM, errno.EHOSTUNREACH])
def test_a_connection_that_is_gone_before_it_is_taken_does_not_end_the_worker(worker: SiteWorker, reason: int) -> None:
    worker.accept(_Refusing(reason))
    assert worker.nr_conns == 0


def test_who_waited_when_the_worker_ends_is_taken_and_who_comes_later_refused(worker: SiteWorker) -> None:
    address = worker.sockets[0].getsockname()
    with socket.create_connection(address), socket.create_connection(address):
        worker.alive = False
        worker.set_accept_enabled(False)
        assert worker.nr_conns == 2
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)


def test_who_has_just_come_when_the_worker_ends_may_send_its_request(worker: SiteWorker) -> None:
    with socket.create_connection(worker.sockets[0].getsockname()):
        worker.alive = False
        worker.set_accept_enabled(False)
        worker._cap_keepalive(time.monotonic() + 1000)
        worker.murder_pending()
        assert worker.nr_conns == 1
        worker._cap_keepalive(0.0)
        worker._looks_at = 0.0
        worker.murder_pending()
        assert worker.nr_conns == 0
