"""One connection of a client, and the short answers that are given without a thread."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from gunicorn.http.errors import NoMoreData
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import Unreader
from gunicorn.workers.gthread import TConn

from app.server.arrival import Arrival
from app.server.client_socket import ClientSocket
from app.server.lane import Lane

RETRY_AFTER_S = 1
_GETS_BETTER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}

# As much as the parser would ask a socket for. It copies all it was given for each chunk of a body: a body of 100,000
# chunks, given whole, kept a core busy for a minute.
_PIECE_BYTES = 8192


class Received(Unreader):
    """What has arrived of a connection, given to the parser in pieces, as a socket would.

    Asked for more than has arrived it raises NoMoreData, which ends the connection: where the next request begins is
    not known then.
    """

    def __init__(self) -> None:
        super().__init__()
        self._arrived = b""
        self._given = 0

    def arrive(self, data: bytes) -> None:
        """Take the next requests; those before were taken back by `take_buffered`."""
        self._arrived, self._given = data, 0

    def chunk(self, size_hint: int | None = None) -> bytes:
        piece = self._arrived[self._given : self._given + max(size_hint or 0, _PIECE_BYTES)]
        if not piece:
            raise NoMoreData
        self._given += len(piece)
        return piece

    def take_buffered(self) -> bytes:
        rest: bytes = super().take_buffered() + self._arrived[self._given :]
        self.arrive(b"")
        return rest


class Connection(TConn):
    """A connection whose requests are read by the worker's loop; a thread gets a request once it is whole.

    deadline: `time.monotonic()` at which the loop gives up waiting. watched: whether the loop's poller looks at it.
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
        self.watched = False
        self.drained = 0
        self.lane: Lane[Connection] | None = None  # given with each request
        self._request = b""
        self._parser = RequestParser(cfg, (), client)
        self._received = self._parser.unreader = Received()
        self._on_close: Callable[[Connection], None] | None = on_close

    @property
    def address(self) -> str:
        """The client's address without its port; empty for a socket in the file system."""
        return str(self.client[0]) if self.client else ""

    def take_request(self) -> None:
        """Hand what has arrived to the thread that comes next."""
        self._request = self.arrival.take()
        self.data_ready = True  # there is nothing that the thread would have to wait for
        self.told_to_go_on = False

    def init(self) -> None:
        # Called by the thread, which from here on only writes to the socket.
        self.sock.begin_answer()
        self.initialized = True
        self.parser = self._parser
        self._received.arrive(self._request)
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
        *([f"Retry-After: {RETRY_AFTER_S}"] if status in _GETS_BETTER else []),
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
