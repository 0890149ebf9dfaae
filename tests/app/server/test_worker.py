"""The loop of the worker, where no whole site is needed."""

from __future__ import annotations

import os
import selectors
import socket
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
