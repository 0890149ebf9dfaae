"""One connection of a client, and the short answers that are given without a thread."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import Unreader
from gunicorn.workers.gthread import TConn

from app.server.arrival import Arrival
from app.server.client_socket import ClientSocket
from app.server.lane import Lane

RETRY_AFTER_S = 1


class Received(Unreader):
    """What has arrived of a connection; where it ends there is nothing more to wait for."""

    def chunk(self, size_hint: int | None = None) -> bytes:
        return b""


class Connection(TConn):
    """A connection whose requests are read by the worker's loop; a thread gets a request once it is whole.

    deadline: `time.monotonic()` at which the loop gives up waiting. must_close: the request's body was not waited for,
    so that nothing can follow on this connection. watched: whether the loop's poller looks at it.
    """

    def __init__(
        self,
        cfg: Any,
        sock: ClientSocket,
        client: Any,
        server: Any,
        max_body: int,
        on_close: Callable[[Connection], None],
    ) -> None:
        super().__init__(cfg, sock, client, server)
        self.arrival = Arrival(max_body)
        self.deadline = 0.0
        self.told_to_go_on = False
        self.must_close = False
        self.watched = False
        self.drained = 0
        self.lane: Lane[Connection] | None = None  # given with each request
        self._request = b""
        self._parser = RequestParser(cfg, (), client)
        self._parser.unreader = Received()
        self._on_close: Callable[[Connection], None] | None = on_close

    @property
    def address(self) -> str:
        """The client's address without its port; empty for a socket in the file system."""
        return str(self.client[0]) if self.client else ""

    def take_request(self, must_close: bool) -> None:
        """Hand what has arrived to the thread that comes next."""
        self._request = self.arrival.take()
        self.data_ready = True  # there is nothing that the thread would have to wait for
        self.must_close = must_close
        self.told_to_go_on = False

    def init(self) -> None:
        # Called by the thread, which from here on only writes to the socket.
        self.sock.begin_answer()
        self.initialized = True
        self.parser = self._parser
        self._parser.unreader.unread(self._request)
        self._request = b""

    def close(self, graceful: bool = False) -> None:
        # Never the graceful kind: it waits in the worker's loop, with all other clients waiting behind it.
        if self._on_close is not None:
            self._on_close(self)
            self._on_close = None
        super().close()


def short_answer(status: HTTPStatus, detail: str, path: bytes) -> bytes:
    """An answer that needs no thread and ends the connection: a problem document for the API, else plain text."""
    if path.startswith(b"/api/"):
        kind = "application/problem+json"
        problem = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
        body = json.dumps(problem).encode()
    else:
        kind, body = "text/plain; charset=utf-8", f"{status.phrase}: {detail}\n".encode()
    lines = [
        f"HTTP/1.1 {int(status)} {status.phrase}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        f"Retry-After: {RETRY_AFTER_S}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
