"""A request counts as whole at its last byte, however its bytes are cut into pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.server.arrival import MAX_HEAD_BYTES, Arrival, State

GET = b"GET /item/a?x=1 HTTP/1.1\r\nHost: site\r\n\r\n"
POST = b"POST /api/v1/events HTTP/1.1\r\nHost: site\r\nContent-Length: 11\r\n\r\nhello world"
CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"
TRAILERS = b"POST / HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\nSum: 1\r\n\r\n"


@given(request=st.sampled_from([GET, POST, CHUNKED, TRAILERS]), cuts=st.lists(st.integers(1, 120), max_size=8))
def test_a_request_is_whole_at_its_last_byte_and_not_before(request: bytes, cuts: list[int]) -> None:
    arrival = Arrival(max_body=1000)
    at = 0
    for cut in [*sorted(cut for cut in cuts if cut < len(request)), len(request)]:
        arrival.add(request[at:cut])
        at = cut
        assert arrival.state is (State.WHOLE if at == len(request) else State.PARTIAL)
    assert arrival.take() == request
    assert arrival.state is State.EMPTY


@given(data=st.binary(max_size=3000))
def test_whatever_comes_is_judged(data: bytes) -> None:
    assert Arrival(max_body=1000).add(POST[:30] + data) in State


def test_what_follows_a_request_is_handed_on_with_it() -> None:
    arrival = Arrival(max_body=1000)
    assert arrival.add(POST + GET[:5]) is State.WHOLE
    assert arrival.path == b"/api/v1/events"
    assert arrival.take() == POST + GET[:5]


@pytest.mark.parametrize(
    "request_bytes",
    [
        POST.replace(b"11", b"1001"),
        CHUNKED.replace(b"5;x=y", b"3e9"),
        CHUNKED.replace(b"5;x=y", b"ffffffffffffffff"),
        CHUNKED[: CHUNKED.index(b"5;")] + b"1\r\nx\r\n" * 1001,
        CHUNKED[: CHUNKED.index(b"5;")] + (b"1;" + b"x" * 900 + b"\r\nx\r\n") * 40,
    ],
    ids=["stated", "one chunk", "a chunk beyond measure", "many chunks", "framing alone"],
)
def test_a_body_beyond_the_bound_is_not_waited_for(request_bytes: bytes) -> None:
    assert Arrival(max_body=1000).add(request_bytes) is State.BODY_TOO_LARGE


@pytest.mark.parametrize("start", [b"GET /" + b"a" * MAX_HEAD_BYTES, GET[:-2] + b"A: b\r\n" * (MAX_HEAD_BYTES // 6)])
def test_a_head_beyond_the_bound_is_not_waited_for(start: bytes) -> None:
    assert Arrival(max_body=1000).add(start) is State.HEAD_TOO_LARGE


@pytest.mark.parametrize("line", [b"zz\r\n", b"\r\n", b"-1\r\n", b"0" * 2000])
def test_what_is_no_chunk_is_left_to_the_parser(line: bytes) -> None:
    assert Arrival(max_body=1000).add(CHUNKED[: CHUNKED.index(b"5;")] + line) is State.WHOLE


def test_a_client_that_asks_before_it_sends_its_body_is_found() -> None:
    arrival = Arrival(max_body=1000)
    head, body = POST[: -len(b"hello world")], b"hello world"
    arrival.add(head.replace(b"Host: site", b"Host: site\r\nExpect: 100-Continue"))
    assert arrival.awaits_continue
    arrival.add(body)
    assert not arrival.awaits_continue
