"""An open loop of event batches over plain sockets: so many a second are due, whether the last ones were answered or
not. One thread sends several thousand a second, which an HTTP library would not.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

_READ = 65536
_ENOUGH_LATENCIES = 200_000


@dataclass(slots=True)
class Flood:
    """What became of the requests of one flood.

    offered: due in the time. statuses: answers; 0 is a connection that ended without one. resent: requests that met a
    kept connection just as the server closed it for being idle, and were sent once more on a new one, as browsers do.
    unsent: those for which no connection was free. impolite: 429 or 503 without Retry-After. latencies_s: of answers
    202, from when they were due.
    """

    offered: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    resent: int = 0
    unsent: int = 0
    impolite: int = 0
    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)

    @property
    def stored_per_s(self) -> float:
        """Answers 202 a second."""
        return self.statuses[202] / self.seconds if self.seconds else 0.0


class _Connection:
    """One connection, which has one request under way at most."""

    def __init__(self, place: tuple[str, int]) -> None:
        self._place = place
        self.socket: socket.socket | None = None
        self._received = b""
        self._request = b""
        self._kept = False
        self.number = -1
        self.due = 0.0

    def send(self, number: int, request: bytes, due: float) -> None:
        """Begin a request; raises OSError when nobody listens."""
        self.number, self.due, self._request = number, due, request
        self._kept = self.socket is not None
        try:
            self._send()
        except OSError:
            if not self.resend():
                raise

    def resend(self) -> bool:
        """Send the request anew on a new connection, if it met a kept one that the server had closed unread."""
        if not self._kept or self._received:
            return False
        self.close()
        self._kept = False
        self._send()
        return True

    def _send(self) -> None:
        self._received = b""
        if self.socket is None:
            self.socket = socket.create_connection(self._place, timeout=5.0)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(self._request)

    def read(self) -> tuple[int, bool, bool] | None:
        """(status, whether there is a Retry-After, whether the server closes) of a whole answer; None before."""
        assert self.socket is not None
        part = self.socket.recv(_READ)
        self._received += part
        head, gap, body = self._received.partition(b"\r\n\r\n")
        if not gap:
            return None if part else (0, False, True)
        lower = head.lower()
        length = int(_header(lower, b"content-length") or 0)
        if len(body) < length:
            return None if part else (0, False, True)
        closes = _header(lower, b"connection") == b"close" or not part
        return int(head[9:12]), b"\r\nretry-after:" in lower, closes

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


def _header(head: bytes, name: bytes) -> bytes:
    _, found, rest = head.partition(b"\r\n" + name + b":")
    return rest.partition(b"\r\n")[0].strip() if found else b""


def flood(
    place: tuple[str, int],
    make_request: Callable[[int], bytes],
    seconds: float,
    connections: int,
    rate: float | None = None,
    on_answer: Callable[[int, int], None] = lambda number, status: None,
    stop: threading.Event | None = None,
) -> Flood:
    """Send requests numbered from 0 for so many seconds, `rate` a second, or without one as fast as answers come.

    on_answer(number, status): called for each, in this thread. stop: ends it earlier.
    """
    found = Flood()
    free = [_Connection(place) for _ in range(connections)]
    busy: dict[int, _Connection] = {}
    watching = selectors.DefaultSelector()
    began = time.perf_counter()

    def answered(connection: _Connection, status: int, polite: bool, closes: bool) -> None:
        found.statuses[status] += 1
        if status in (429, 503) and not polite:
            found.impolite += 1
        if status == 202 and len(found.latencies_s) < _ENOUGH_LATENCIES:
            found.latencies_s.append(time.perf_counter() - connection.due)
        on_answer(connection.number, status)
        if closes:
            connection.close()
        free.append(connection)

    def begin(due: float) -> None:
        connection = free.pop()
        number = found.offered - 1
        try:
            connection.send(number, make_request(number), due)
        except OSError:
            connection.close()
            answered(connection, 0, True, True)
            return
        watch(connection)

    def watch(connection: _Connection) -> None:
        assert connection.socket is not None
        busy[connection.socket.fileno()] = connection
        watching.register(connection.socket, selectors.EVENT_READ)

    def resend(connection: _Connection) -> bool:
        try:
            if not connection.resend():
                return False
        except OSError:
            return False
        found.resent += 1
        watch(connection)
        return True

    def collect(wait_s: float) -> None:
        for key, _ in watching.select(wait_s):
            connection = busy[key.fd]
            try:
                answer = connection.read()
            except OSError:
                answer = (0, False, True)
            if answer is not None:
                watching.unregister(key.fileobj)
                del busy[key.fd]
                if answer[0] == 0 and resend(connection):
                    continue
                answered(connection, *answer)

    while (now := time.perf_counter() - began) < seconds and not (stop and stop.is_set()):
        due = int(now * rate) + 1 if rate is not None else found.offered + len(free)
        while found.offered < due:
            found.offered += 1
            if free:
                begin(began + (found.offered - 1) / rate if rate is not None else time.perf_counter())
            else:
                found.unsent += 1
        collect(0.0005 if rate is not None else 0.05)
    found.seconds = time.perf_counter() - began
    deadline = time.perf_counter() + 20.0
    while busy and time.perf_counter() < deadline:
        collect(0.1)
    for connection in (*free, *busy.values()):
        connection.close()
    watching.close()
    return found
