"""Where a request begins and ends, whatever its client says; what it says wrongly is its fault, not the site's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from gunicorn.http.errors import NoMoreData

from app.server.connection import Received
from app.server.limits import ConnectionLimits
from tests.app.server.turned_worker import TurnedWorker, turned_worker

MAX_BODY = 2000
POST = b"POST / HTTP/1.1\r\nHost: site\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n"
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
ASKS_FIRST = b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: 5\r\n\r\n"


def _echo(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answers with what it was asked, and 500 when that fails, as Flask does; reads no body of a GET."""
    status, body = "200 OK", ""
    try:
        body = "" if environ["REQUEST_METHOD"] == "GET" else environ["wsgi.input"].read().decode()
    except Exception:
        status = "500 Failed"
    content = json.dumps([environ["PATH_INFO"], body]).encode()
    start_response(status, [("Content-Length", str(len(content)))])
    return [content]


@pytest.fixture(scope="module")
def worker() -> Iterator[TurnedWorker]:
    """A worker that takes small bodies only."""
    with turned_worker(_echo, ConnectionLimits(max_body=MAX_BODY)) as worker:
        yield worker


def statuses(answer: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]


@pytest.mark.parametrize("method", [b"POST", b"GET"])
@pytest.mark.parametrize("zeros", [0, 20, 4000])
def test_a_length_of_many_digits_is_the_length(worker: TurnedWorker, method: bytes, zeros: int) -> None:
    body = LAST.replace(b"/last", b"/body")
    head = POST.replace(b"POST", method) + b"Content-Length: %s%d\r\n\r\n" % (b"0" * zeros, len(body))
    answer = worker.answers(head, body, LAST)
    assert statuses(answer) == [200, 200]
    assert b'["/last"' in answer, "the body was taken for a request"


@pytest.mark.parametrize("digits", [5, 20, 5000])
def test_a_body_of_any_length_beyond_the_limit_is_not_waited_for(worker: TurnedWorker, digits: int) -> None:
    answer = worker.answers(POST + b"Content-Length: %s\r\n\r\n" % (b"9" * digits), LAST)
    assert statuses(answer) == [413]
    assert b"larger than" in answer
    assert b"Retry-After" not in answer, "it would be too large again"


@pytest.mark.parametrize("size", [b"7d1", b"fffffff", b"f" * 30])
def test_a_chunk_beyond_the_limit_is_not_waited_for(worker: TurnedWorker, size: bytes) -> None:
    assert statuses(worker.answers(CHUNKED + size + b"\r\nabc")) == [413]


def test_a_chunk_whose_size_has_many_digits_is_read(worker: TurnedWorker) -> None:
    answer = worker.answers(CHUNKED + b"0" * 20 + b"5\r\nhello\r\n0\r\n\r\n", LAST)
    assert statuses(answer) == [200, 200]
    assert b"hello" in answer


@pytest.mark.parametrize(
    "broken", [b"zz\r\nabc\r\n0\r\n\r\n", b"3\r\nabcd\r\n0\r\n\r\n", b"3\r\nabc\r\n0\r\nHost: a\r\n\r\n"]
)
def test_broken_chunks_are_the_client_s_fault_and_end_the_connection(worker: TurnedWorker, broken: bytes) -> None:
    assert statuses(worker.answers(CHUNKED + broken + LAST)) == [400]


def test_the_parser_is_given_pieces_and_told_when_there_are_no_more() -> None:
    received = Received()
    received.arrive(b"a" * 20_000)
    assert [len(received.read()) for _ in range(3)] == [8192, 8192, 20_000 - 2 * 8192]
    with pytest.raises(NoMoreData):
        received.read()
    received.arrive(b"b" * 9000)
    assert received.read(8500, read_ahead=8500) == b"b" * 8500
    assert received.take_buffered() == b"b" * 500
    assert received.take_buffered() == b""


@pytest.mark.parametrize(
    ("version", "told"), [(b"HTTP/1.1", [100, 200]), (b"HTTP/1.0", [200])], ids=["new", "old clients are not told"]
)
def test_who_asks_first_is_told_once_to_send_the_body(worker: TurnedWorker, version: bytes, told: list[int]) -> None:
    head = POST.replace(b"HTTP/1.1", version) + ASKS_FIRST
    answer = worker.answers(head, b"hello")
    assert statuses(answer) == told
    assert b"hello" in answer


def test_who_asks_first_and_sends_the_body_at_once_is_not_told_to(worker: TurnedWorker) -> None:
    assert statuses(worker.answers(POST + ASKS_FIRST + b"hello")) == [200]


def test_who_asks_first_for_too_much_is_refused_and_not_told_to_send_it(worker: TurnedWorker) -> None:
    assert statuses(worker.answers(POST + ASKS_FIRST.replace(b"5", b"5000"))) == [413]
