"""A load generator of little cost: requests are bytes made beforehand, and answers are not parsed.

Locust takes a tenth of a core and more, which the site then lacks where both share two. This one takes some hundredth.
Of every answer it reads the status and how long it says that it is; every `LOOKS_EVERY`th is unpacked and searched for
the text that proves it right, so that a page of an error, or of nothing, does not count as one that was served.
"""

from __future__ import annotations

import gzip
import re
import selectors
import socket
import time
from collections import deque
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from benchmarks.site.load import sources
from benchmarks.site.load.arrivals import Arrivals, LatencyLog
from benchmarks.site.load.browsing import Answer, Browser, Request
from benchmarks.site.load.orders import Order, Run
from seed_data.population import Population

FIRST_VISITOR = 6_000_000
LOOKS_EVERY = 16
_GRACE_S = 10.0
_RECEIVE_BYTES = 256 * 1024
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_PACKED = re.compile(rb"\r\ncontent-encoding: *gzip", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close\r\n", re.IGNORECASE)


@dataclass(slots=True)
class _Asking:
    """A connection; request: what it waits for the answer of, None while it is free."""

    sock: socket.socket
    request: Request | None = None
    due: float = 0.0
    sent: float = 0.0
    received: bytes = b""


class PreparedLoad:
    """Runs orders against sites, one after the other, in the process that asks."""

    def __init__(self, population: Population, key: str) -> None:
        """key: of the sites, see `simulated_headers`."""
        self._population, self._key = population, key
        self._people: dict[str, list[sources.Acquaintance]] = {}
        self._bytes: dict[tuple[str, str], bytes] = {}

    def run(self, order: Order) -> Run:
        """Run one order to its end, or until it is `_GRACE_S` late."""
        source = self._source(order)
        log, looks = LatencyLog(), 0
        place = urlsplit(order.address)
        poller, waiting = selectors.DefaultSelector(), deque[float]()
        free: list[_Asking] = []

        def connect() -> None:
            sock = socket.create_connection((place.hostname or "", place.port or 80))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            asking = _Asking(sock)
            poller.register(sock, selectors.EVENT_READ, asking)
            free.append(asking)

        def ask(due: float) -> None:
            asking, job = free.pop(), source.take()
            asking.request, asking.due, asking.received = job.request, due, b""
            asking.sent = time.perf_counter()
            asking.sock.sendall(self._request(order.address, job))

        def answered(asking: _Asking, problem: str | None) -> None:
            assert asking.request is not None
            now = time.perf_counter()
            log.add(asking.request.name, now - asking.due, now - asking.sent, problem)
            closes = problem is not None or _CLOSES.search(asking.received[: asking.received.find(b"\r\n\r\n") + 2])
            asking.request = None
            if closes:
                poller.unregister(asking.sock)
                asking.sock.close()
                connect()
            else:
                free.append(asking)

        for _ in range(order.connections):
            connect()
        busy, start = time.process_time(), time.perf_counter()
        ends = start + order.seconds
        arrivals = Arrivals(order.rate, order.seconds, start) if order.rate else None
        next_due = arrivals.take() if arrivals else None
        while (now := time.perf_counter()) < ends + (_GRACE_S if arrivals else 0.0):
            while next_due is not None and next_due <= now and arrivals:
                waiting.append(next_due)
                next_due = arrivals.take()
            while free and (waiting or arrivals is None):
                ask(waiting.popleft() if waiting else time.perf_counter())
            if arrivals and next_due is None and not waiting and len(free) == order.connections:
                break
            for key, _ in poller.select(max(0.0, min(0.5, (next_due or ends) - now))):
                asking: _Asking = key.data
                data = asking.sock.recv(_RECEIVE_BYTES)
                asking.received += data
                if asking.request is None:  # an idle connection that the site has ended
                    poller.unregister(asking.sock)
                    free.remove(asking)
                    connect()
                elif not data:
                    answered(asking, "the connection ended before the answer did")
                elif _is_whole(asking.received):
                    looks += 1
                    answered(asking, _problem(asking.received, asking.request, looks % LOOKS_EVERY == 0))
        lasted = time.perf_counter() - start
        core = (time.process_time() - busy) / lasted
        for key in list(poller.get_map().values()):
            key.data.sock.close()
        poller.close()
        return Run.of(order, log, lasted, core)

    def _request(self, address: str, job: sources.Job) -> bytes:
        """What is sent. Requests without a body are the same each time, for the same visitor."""
        known = (job.request.path, job.headers["Cookie"])
        if job.request.body is None and known in self._bytes:
            return self._bytes[known]
        body = (job.request.body or "").encode()
        headers = {"Host": urlsplit(address).netloc, "Accept-Encoding": "gzip", **job.headers}
        if job.request.body is not None:
            headers["Content-Length"] = str(len(body))
        head = [f"{job.request.method} {job.request.path} HTTP/1.1", *(f"{name}: {it}" for name, it in headers.items())]
        made = "\r\n".join([*head, "", ""]).encode() + body
        if job.request.body is None:
            self._bytes[known] = made
        return made

    def _source(self, order: Order) -> sources.OneRoute:
        people = self._people.setdefault(order.address, [])
        people += [self._acquaint(order, number) for number in range(len(people), order.visitors)]
        make = {
            "home": sources.home,
            "recommend": sources.recommend,
            "noop": sources.noop,
            "events": sources.events(f"{time.time_ns():x}"),
        }[order.kind]
        return sources.OneRoute(people[: order.visitors], make, self._key)

    def _acquaint(self, order: Order, number: int) -> sources.Acquaintance:
        """A visitor who has browsed before, so that routes are asked by people with histories."""
        visitor = self._population.visitor(FIRST_VISITOR + number)
        browser = Browser(visitor, order.seed, order.day, self._key)
        connection = HTTPConnection(urlsplit(order.address).netloc, timeout=60.0)
        page = Answer(0, "")
        while browser.request is not None:
            request = browser.request
            connection.request(request.method, request.path, request.body, browser.headers())
            response = connection.getresponse()
            cookies = tuple(response.headers.get_all("Set-Cookie") or ())
            answer = Answer(response.status, response.read().decode(), cookies)
            page = answer if request.path == "/" else page
            browser.answered(answer)
        connection.close()
        return sources.acquaintance(browser, page, order.address)


def _is_whole(received: bytes) -> bool:
    """Whether an answer is there to its end."""
    head = received.find(b"\r\n\r\n")
    if head < 0:
        return False
    length = _LENGTH.search(received, 0, head + 2)
    if length is None:
        return received.endswith(b"0\r\n\r\n")  # in chunks
    return len(received) >= head + 4 + int(length.group(1))


def _problem(received: bytes, request: Request, looks: bool) -> str | None:
    """What is wrong with an answer. looks: whether its text is searched as well."""
    status = _STATUS.match(received)
    if status is None or not status.group(1).startswith(b"2"):
        return f"status {status.group(1).decode() if status else 'none'}"
    if looks:
        head, _, body = received.partition(b"\r\n\r\n")
        text = gzip.decompress(body) if _PACKED.search(head) else body
        if request.proof.encode() not in text:
            return f"the answer lacks {request.proof!r}"
    return None
