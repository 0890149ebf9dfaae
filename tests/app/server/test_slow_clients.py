"""Clients that are slow, or mean harm, cost the others nothing."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from app.settings import Settings
from tests.app.server.conftest import Site, batch_of, post_head, running, status_of, until

READ_TIMEOUT_S = 1.0
CONNECTIONS = 40
BODY = batch_of(["one"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, small_site: Callable[..., Settings]) -> Iterator[Site]:
    """A site with two threads, a second for each request, and some more connections for each address."""
    settings = small_site(tmp_path_factory.mktemp("slow") / "var")
    changes: dict[str, Any] = {"threads": 2, "read_timeout_s": READ_TIMEOUT_S, "client_connections": CONNECTIONS}
    with running(replace(settings, **changes)) as site:
        yield site


@pytest.mark.parametrize(
    "start",
    [b"", b"GET / HTTP/1.1\r\nHost: si", post_head(BODY) + BODY[:-1], post_head(BODY)],
    ids=["nothing", "half a head", "half a body", "no body"],
)
def test_requests_that_are_never_finished_hold_no_thread_and_are_given_up(site: Site, start: bytes) -> None:
    with ExitStack() as closing:
        idle = [closing.enter_context(site.connect()) for _ in range(30)]
        for connection in idle:
            connection.sendall(start)
        began = time.monotonic()
        assert [site.ask(path) for path in ("/healthz", "/", "/readyz")] == [200] * 3
        assert time.monotonic() - began < 20, "less than one time-out after the other"
        assert {status_of(connection) for connection in idle} == {408 if start else 0}


def test_an_address_that_holds_too_many_connections_is_told_so(site: Site) -> None:
    with ExitStack() as closing:
        for _ in range(CONNECTIONS):
            closing.enter_context(site.connect()).sendall(b"GET")
        with site.connect() as one_more:
            answer = one_more.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 429 ")
        assert b"\r\nRetry-After: 1\r\n" in answer
    until(lambda: site.answers("/healthz"), "room again, once they are closed")


def test_clients_that_do_not_end_their_side_delay_nobody(site: Site) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n"
    with ExitStack() as closing:
        began = time.monotonic()
        for _ in range(12):
            connection = closing.enter_context(site.connect())
            connection.sendall(request)
            assert status_of(connection) == 200
        assert time.monotonic() - began < 12, "a second each would be half of what waiting for each took"


def test_a_client_that_does_not_read_holds_no_thread(site: Site) -> None:
    with ExitStack() as closing:
        for _ in range(6):
            connection = closing.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.connect(("127.0.0.1", site.settings.port))
            connection.sendall(b"GET / HTTP/1.1\r\nHost: site\r\n\r\n")
        began = time.monotonic()
        assert site.ask("/") == 200
        assert time.monotonic() - began < 10


def test_requests_that_were_sent_at_once_are_answered_one_after_the_other(site: Site) -> None:
    get = b"GET /healthz HTTP/1.1\r\nHost: site\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n"
    with site.connect() as connection:
        connection.sendall(get + get + last[:10])
        connection.sendall(last[10:])
        assert connection.makefile("rb").read().count(b"HTTP/1.1 200 OK") == 3


def test_a_body_in_chunks_and_one_that_waits_to_be_asked_for_arrive(site: Site) -> None:
    plain = post_head(BODY)
    length = b"Content-Length: %d" % len(BODY)
    half = len(BODY) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:half], BODY[half:])) + b"0\r\n\r\n"
    with site.connect() as connection:
        connection.sendall(plain.replace(length, b"Transfer-Encoding: chunked") + chunks)
        assert status_of(connection) == 202
    with site.connect() as connection:
        connection.sendall(plain.replace(length, length + b"\r\nExpect: 100-continue"))
        assert connection.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(BODY)
        assert status_of(connection) == 202


def test_a_body_that_is_too_large_is_refused_before_it_comes(site: Site) -> None:
    large = site.settings.max_body_kib * 1024 + 1
    head = post_head(BODY).replace(b"Content-Length: %d" % len(BODY), b"Content-Length: %d" % large)
    with site.connect() as connection:
        connection.sendall(head)
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in answer
    assert b"Connection: close" in answer


def test_a_head_that_is_too_large_is_refused(site: Site) -> None:
    with site.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: site\r\nX: " + b"x" * 40_000)
        assert status_of(connection) == 431


def test_a_client_on_the_same_machine_cannot_say_where_the_site_begins(site: Site) -> None:
    with site.connect() as connection:
        connection.sendall(b"GET /a/healthz HTTP/1.1\r\nHost: site\r\nSCRIPT_NAME: /a\r\nConnection: close\r\n\r\n")
        assert status_of(connection) == 404
