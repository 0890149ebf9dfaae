"""The worker: one loop that reads every connection, and threads that answer what has arrived whole.

Gunicorn's threaded worker reads in its threads, so that as many clients as there are threads, each with a request that
it never finishes, stop the site. Here a client that is slow, or means harm, costs a descriptor and the bytes it sent.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import time
from collections import Counter
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER

from app.server.answering_worker import AnsweringWorker
from app.server.arrival import State
from app.server.client_socket import SEND_TIMEOUT_S, ClientSocket
from app.server.connection import Connection, short_answer
from app.server.lane import Lanes
from app.server.limits import ConnectionLimits

ORPHAN_GRACE_S = 2
"""How long requests may go on in a worker without a master: the next site waits for its port and its database."""
LINGER_S = 2.0
"""How long an ended connection is kept for the client to read its last answer."""

# Answers up to this size are left to the kernel. It may give less; then the loop sends what the client has room for, so
# that one that reads slowly, or not at all, keeps no thread.
_SEND_BUFFER_BYTES = 1024 * 1024
# From EPERM (a firewall) on they are of the connection that was to come, not of the listener (accept(2)).
_NOT_NOW = {errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED, errno.EINTR, errno.EPERM, errno.EPROTO}
_NOT_NOW |= {errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENOPROTOOPT}
_NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_HEALTH = (b"/healthz", b"/readyz")
_LOOK_S = 0.1
"""How often the loop looks for connections that took too long."""


class SiteWorker(AnsweringWorker):
    """Gunicorn's threaded worker with reading moved from its threads into its loop.

    limits: set by whoever starts the worker, before its first connection.
    """

    limits = ConnectionLimits()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.refused: Counter[int] = Counter()
        self._arriving: set[Connection] = set()
        self._leaving: set[Connection] = set()
        self._lingering: set[Connection] = set()
        self._held: Counter[str] = Counter()
        self._looks_at = 0.0

    def init_process(self) -> None:
        self._lanes: Lanes[Connection] = Lanes(self.cfg.threads, self.limits.waiting)
        for listener in self.sockets:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        super().init_process()

    # What happens to a connection, in the order in which it does.

    def accept(self, listener: Any) -> None:
        self._accept(listener)

    def _accept(self, listener: Any) -> bool:
        """Take one connection, if one waits and there is room for it; returns whether."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in _NO_ROOM:
                self.log.error("no connection can be accepted: %s", error)
                self.set_accept_enabled(False)  # until the loop's next turn
                self._make_room()
            elif error.errno not in _NOT_NOW:
                raise
            return False
        self.nr_conns += 1
        server, max_body = listener.getsockname(), self.limits.max_body
        conn = Connection(self.cfg, ClientSocket(client), address, server, max_body, self._forget)
        self._held[conn.address] += 1
        if conn.address and 0 < self.limits.of_one_client < self._held[conn.address]:
            self._refuse(conn, HTTPStatus.TOO_MANY_REQUESTS, "too many connections from this address; use fewer")
        else:
            self._watch(conn)
            self._await_request(conn)
        return True

    def _watch(self, conn: Connection) -> None:
        if not conn.watched:
            conn.watched = True
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_readable, conn))

    def _unwatch(self, conn: Connection) -> None:
        if conn.watched:
            conn.watched = False
            with suppress(KeyError, ValueError, OSError):
                self.poller.unregister(conn.sock)

    def _on_readable(self, conn: Connection, _client: Any) -> None:
        if not conn.watched:  # it was ended for another one, since the poller looked
            return
        if conn in self._lingering:
            self._drain(conn)
        elif conn in self._arriving:
            self._read(conn)
        else:
            self.keepalived_conns.remove(conn)
            self._await_request(conn)
            self._read(conn)

    def _await_request(self, conn: Connection) -> None:
        conn.deadline = time.monotonic() + self.limits.read_s
        self._arriving.add(conn)

    def _read(self, conn: Connection) -> None:
        data = conn.sock.receive()
        if data is None:
            return
        if not data:
            conn.close()
            return
        if conn.arrival.state is State.EMPTY:
            conn.deadline = time.monotonic() + self.limits.read_s
        self._judge(conn, conn.arrival.add(data))

    def _judge(self, conn: Connection, state: State) -> None:
        """Wait on, answer at once, or hand the request to a thread."""
        if state is State.PARTIAL:
            if conn.arrival.awaits_continue and not conn.told_to_go_on:
                conn.told_to_go_on = True
                with suppress(OSError):
                    conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            return
        self._arriving.discard(conn)
        if state is State.HEAD_TOO_LARGE:
            self._refuse(conn, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the head of the request is too long")
            return
        if state is State.BODY_TOO_LARGE:
            most = f"the body is larger than {self.limits.max_body // 1024} KiB; send less at a time"
            self._refuse(conn, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, most)
            return
        path = conn.arrival.path
        conn.lane = self._lanes.of(path)
        if path not in _HEALTH and conn.lane.refuses(time.monotonic()):
            self._refuse(conn, HTTPStatus.SERVICE_UNAVAILABLE, "more requests wait than can; try again in a moment")
            return
        self._unwatch(conn)  # a thread has it now, which may close the socket
        conn.take_request()
        self.count_request()
        if conn.lane.enter(conn):
            self.tpool.submit(conn)

    def finish_request(self, conn: Any, goes_on: bool) -> None:
        following = conn.lane.leave(time.monotonic())
        if following is not None:
            self.tpool.submit(following)
        if conn.sock.left:
            conn.deadline = time.monotonic() + SEND_TIMEOUT_S
            self._leaving.add(conn)
            conn.watched = True
            self.poller.register(conn.sock, selectors.EVENT_WRITE, partial(self._on_writable, conn, goes_on))
        else:
            self._go_on(conn, goes_on)

    def _on_writable(self, conn: Connection, goes_on: bool, _client: Any) -> None:
        if not conn.watched:  # as above
            return
        try:
            conn.sock.send_left()
        except OSError:
            conn.close()
            return
        if conn.sock.left:
            conn.deadline = time.monotonic() + SEND_TIMEOUT_S
            return
        self._leaving.discard(conn)
        self._unwatch(conn)
        self._go_on(conn, goes_on)

    def _go_on(self, conn: Connection, goes_on: bool) -> None:
        """Wait for the connection's next request, which may be here already, or end it."""
        if not goes_on:
            self._linger(conn)
            return
        self._watch(conn)
        rest = conn.parser.unreader.take_buffered()
        if rest:  # the client did not wait for the answer before its next request
            self._await_request(conn)
            self._judge(conn, conn.arrival.add(rest))
            return
        conn.set_timeout()
        if not self.alive:
            conn.timeout = min(conn.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)
        self.keepalived_conns.append(conn)

    # How connections end.

    def _refuse(self, conn: Connection, status: HTTPStatus, detail: str) -> None:
        self.refused[int(status)] += 1
        try:
            conn.sock.send(short_answer(status, detail, conn.arrival.path))
        except OSError:
            conn.close()
            return
        self._linger(conn)

    def _linger(self, conn: Connection) -> None:
        """End our side, and wait in the loop until the client ends its own: closing at once could cut an answer off."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            conn.close()
            return
        conn.deadline = time.monotonic() + LINGER_S
        self._lingering.add(conn)
        self._watch(conn)

    def _drain(self, conn: Connection) -> None:
        data = conn.sock.receive()
        if data is None:
            return
        conn.drained += len(data)
        if not data or conn.drained > self.limits.max_body:
            conn.close()

    def _forget(self, conn: Connection) -> None:
        """Called once for every connection that is closed, whoever closes it."""
        self._arriving.discard(conn)
        self._leaving.discard(conn)
        self._lingering.discard(conn)
        self._unwatch(conn)
        self.nr_conns -= 1
        self._held[conn.address] -= 1
        if self._held[conn.address] <= 0:
            del self._held[conn.address]

    def murder_keepalived(self, force: bool = False) -> None:
        """Called at every turn of the loop: end what was kept for a next request long enough, or all of it."""
        now = time.monotonic()
        while self.keepalived_conns and (force or self.keepalived_conns[0].timeout <= now):
            self.keepalived_conns.popleft().close()

    def murder_pending(self) -> None:
        """Called at every turn of the loop: end what took too long, and make room when there is none."""
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        now = time.monotonic()
        if now < self._looks_at:
            return
        self._looks_at = now + _LOOK_S
        for conn in [conn for conn in (*self._leaving, *self._lingering) if conn.deadline <= now]:
            conn.close()
        for conn in [conn for conn in self._arriving if conn.deadline <= now]:
            if conn.arrival.state is State.EMPTY:
                conn.close()
            else:
                self._arriving.discard(conn)
                self._refuse(conn, HTTPStatus.REQUEST_TIMEOUT, f"no whole request came in {self.limits.read_s:g} s")

    def _make_room(self) -> None:
        """Close the connection that waits longest among those of the address that holds most."""
        waiting = [*self._arriving, *self._leaving, *self._lingering, *self.keepalived_conns]
        if waiting:
            conn = max(waiting, key=lambda one: (self._held[one.address], -max(one.deadline, one.timeout or 0.0)))
            with suppress(ValueError):
                self.keepalived_conns.remove(conn)
            conn.close()

    # How the worker ends.

    def set_accept_enabled(self, enabled: bool) -> None:
        """Called at every turn of the loop; at its end those who wait are taken: closing the listener resets them."""
        super().set_accept_enabled(enabled)
        while not enabled and not self.alive and self.sockets:
            listener = self.sockets.pop()
            while self.nr_conns < self.worker_connections and self._accept(listener):
                pass
            listener.close()

    def _cap_keepalive(self, deadline: float) -> None:
        """Called at the end of the loop: who has not begun a request may be sending one, for as long as `deadline`."""
        super()._cap_keepalive(deadline)
        for conn in self._arriving:
            if conn.arrival.state is State.EMPTY:
                conn.deadline = min(conn.deadline, deadline)

    def is_parent_alive(self) -> bool:
        alive: bool = self.ppid == os.getppid()
        if not alive:
            self.cfg.set("graceful_timeout", min(self.cfg.graceful_timeout, ORPHAN_GRACE_S))
        return alive
