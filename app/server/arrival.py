"""Has a request arrived whole? Only then it is handed to a thread, so that no thread ever waits for a client.

Only framing is looked at (RFC 9112, sections 2 and 7.1); the server's parser alone decides what a request means. It
reads nothing but what has arrived, so a request that was judged whole too early ends its connection and nothing else.
"""

from __future__ import annotations

import re
from enum import Enum, auto

MAX_HEAD_BYTES = 32 * 1024
# A chunk's size line holds a few hexadecimal digits and extensions that nobody uses.
_MAX_SIZE_LINE = 1024

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n")
_MAX_DIGITS = 18  # of a length that is counted to its end; what has more is too large as well
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked")
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n")
_OLD = b" http/1.0"  # its clients take whatever comes first for their answer (RFC 9110, section 10.1.1)
_SIZE = re.compile(rb"[0-9a-f]+", re.IGNORECASE)


class State(Enum):
    """What is there of a request."""

    EMPTY = auto()
    PARTIAL = auto()
    WHOLE = auto()
    HEAD_TOO_LARGE = auto()
    BODY_TOO_LARGE = auto()
    """The head is whole and the body larger than the site takes."""


class Arrival:
    """The bytes of one connection from the beginning of a request on.

    max_body: bytes of a body, framing of chunks aside, beyond which it is not waited for.
    """

    def __init__(self, max_body: int) -> None:
        self._max_body = max_body
        self._bytes = bytearray()
        self._restart()

    @property
    def path(self) -> bytes:
        """The request's path without its query; empty before the first line is there."""
        line = bytes(self._bytes[: max(0, self._bytes.find(b"\r\n"))]).split(b" ")
        return line[1].partition(b"?")[0] if len(line) > 1 else b""

    @property
    def awaits_continue(self) -> bool:
        """Whether the client sends the body only once it is told to go on."""
        return self._expects and self.state is State.PARTIAL

    def add(self, data: bytes) -> State:
        """Take what came; returns what is there now."""
        self._bytes += data
        self.state = self._judge()
        return self.state

    def take(self) -> bytes:
        """Everything that came, also of the requests that follow; begins anew."""
        taken = bytes(self._bytes)
        self._bytes.clear()
        self._restart()
        return taken

    def _restart(self) -> None:
        self.state = State.EMPTY
        self._body_at = 0  # where the body begins; 0 while the head is not whole
        self._ends_at = 0  # where a body of stated length ends
        self._chunked = False
        self._chunk_at = 0  # where the next chunk's size line begins
        self._chunk_bytes = 0
        self._expects = False
        self._searched = 0

    def _judge(self) -> State:
        if not self._bytes:
            return State.EMPTY
        if not self._body_at:
            end = self._bytes.find(b"\r\n\r\n", max(0, self._searched - 3))
            self._searched = len(self._bytes)
            if end < 0 or end > MAX_HEAD_BYTES:
                return State.HEAD_TOO_LARGE if len(self._bytes) > MAX_HEAD_BYTES else State.PARTIAL
            self._read_head(end)
        if self._chunked:
            return self._judge_chunks()
        if self._ends_at - self._body_at > self._max_body:
            return State.BODY_TOO_LARGE
        return State.WHOLE if len(self._bytes) >= self._ends_at else State.PARTIAL

    def _read_head(self, end: int) -> None:
        head = bytes(self._bytes[: end + 2]).lower()
        self._body_at = self._chunk_at = end + 4
        length = _LENGTH.search(head)
        self._ends_at = self._body_at + (int(length.group(1).lstrip(b"0")[:_MAX_DIGITS] or b"0") if length else 0)
        self._chunked = _CHUNKED.search(head) is not None
        self._expects = _EXPECTS.search(head) is not None and not head.partition(b"\r\n")[0].endswith(_OLD)

    def _judge_chunks(self) -> State:
        """Walk over the chunks that are whole. What is no chunk counts as whole: the parser refuses it in its words."""
        # Chunks of one byte each cost several of framing; beyond this much of it nobody means well.
        while len(self._bytes) - self._body_at <= 2 * self._max_body + MAX_HEAD_BYTES:
            line_end = self._bytes.find(b"\r\n", self._chunk_at, self._chunk_at + _MAX_SIZE_LINE)
            if line_end < 0:
                is_long = len(self._bytes) - self._chunk_at >= _MAX_SIZE_LINE
                return State.WHOLE if is_long else State.PARTIAL
            size = _SIZE.match(bytes(self._bytes[self._chunk_at : line_end]))
            if size is None:
                return State.WHOLE
            length = int(size.group(), 16)
            if length == 0:
                return self._judge_trailers(line_end)
            if self._chunk_bytes + length > self._max_body:
                break
            after = line_end + 2 + length + 2
            if len(self._bytes) < after:
                return State.PARTIAL
            self._chunk_at = after
            self._chunk_bytes += length
        return State.BODY_TOO_LARGE

    def _judge_trailers(self, line_end: int) -> State:
        if self._bytes[line_end + 2 : line_end + 4] == b"\r\n" or self._bytes.find(b"\r\n\r\n", line_end) >= 0:
            return State.WHOLE
        return State.HEAD_TOO_LARGE if len(self._bytes) - line_end > MAX_HEAD_BYTES else State.PARTIAL
