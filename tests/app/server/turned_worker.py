"""A worker whose loop turns when a test says so, and whose application is a few lines: no whole site is needed."""

from __future__ import annotations

import os
import selectors
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from gunicorn.config import Config
from gunicorn.glogging import Logger

from app.server.lane import Lanes
from app.server.limits import ConnectionLimits
from app.server.worker import SiteWorker
from tests.app.server.conftest import PATIENCE_S, until

SEND_BUFFER_BYTES = 64 * 1024
"""Of its connections, so that a larger answer finds no room with a client that does not read."""

Application = Callable[[dict[str, Any], Any], Any]


class TurnedWorker(SiteWorker):
    """A worker with one thread."""

    def turn(self) -> None:
        """One turn of the loop, which waits a moment at most."""
        self.wait_for_and_dispatch_events(0.01)

    def connect(self) -> socket.socket:
        """A client of it, which has not been accepted yet."""
        return socket.create_connection(self.sockets[0].getsockname(), timeout=PATIENCE_S)

    def answers(self, *pieces: bytes) -> bytes:
        """All that comes until the worker ends the connection. pieces: sent one after the other once each was read."""
        with self.connect() as client:
            client.setblocking(False)
            self.accept(self.sockets[0])
            for piece in pieces:
                client.sendall(piece)
                self.turn()
            return self.read(client)

    def read(self, client: socket.socket) -> bytes:
        """All that comes to a client, which does not block, until the worker ends its connection."""
        found = bytearray()

        def has_ended() -> bool:
            self.turn()
            try:
                data = client.recv(1 << 20)
            except BlockingIOError:
                return False
            found.extend(data)
            return not data

        until(has_ended, "the end of the connection")
        return bytes(found)


@contextmanager
def turned_worker(application: Application, limits: ConnectionLimits | None = None) -> Iterator[TurnedWorker]:
    """A worker that listens and answers with `application`."""
    config = Config()
    with socket.create_server(("127.0.0.1", 0)) as listener, selectors.DefaultSelector() as poller:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        worker = TurnedWorker(1, os.getpid(), [listener], None, 30, config, Logger(config))
        worker.limits = limits or ConnectionLimits()
        worker.poller, worker.wsgi = poller, application
        worker._lanes = Lanes(config.threads, worker.limits.waiting)
        worker.method_queue.init()
        poller.register(cast(Any, worker.method_queue), selectors.EVENT_READ, worker.method_queue.run_callbacks)
        worker.set_accept_enabled(True)
        worker.tpool = worker.get_thread_pool()
        worker.tpool.start()
        try:
            yield worker
        finally:
            worker.tpool.shutdown()
            worker.turn()
            for conn in [*worker._arriving, *worker._leaving, *worker._lingering, *worker.keepalived_conns]:
                conn.close()
            worker.method_queue.close()
            worker.tmp.close()
