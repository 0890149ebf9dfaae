"""A client's socket, of which no call blocks and an answer is one call.

Each call into the system gives the interpreter away, and a thread waits to get it back while others compute. Gunicorn's
way of answering took seven: three to change between blocking and not, and for head and body one to wait for room and
one to send.
"""

from __future__ import annotations

import os
import select
import socket
import time
from typing import Any

SEND_TIMEOUT_S = 10.0
"""Longest that a client is waited for which takes nothing of its answer."""
LEFT_BYTES = 1024 * 1024
"""Most of an answer that is left to the worker's loop to send; with more left, the thread waits."""

_RECEIVE_BYTES = 64 * 1024


class ClientSocket(socket.socket):
    """Made from an accepted socket, which it takes over.

    left: what the client had no room for; whoever waits for room calls `send_left` then.
    """

    def __init__(self, accepted: socket.socket) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, accepted.detach())
        super().setblocking(False)
        self._held = b""
        self._holds = False
        self.left = b""

    def setblocking(self, flag: bool) -> None:
        """Does nothing: gunicorn's threads want sockets that block."""

    def receive(self) -> bytes | None:
        """What came; empty when the client has ended, None when it was a false alarm."""
        try:
            return self.recv(_RECEIVE_BYTES)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def begin_answer(self) -> None:
        """From here on the first piece, an answer's head, is held until the next one or `flush`."""
        self._holds = True

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send what is held and `data`, or leave the end of it in `left`.

        Raises TimeoutError when more than LEFT_BYTES are left after SEND_TIMEOUT_S, OSError when the client is gone.
        """
        if self._holds:
            self._held, self._holds = bytes(data), False
            return
        whole, self._held = self._held + data, b""
        self._send(whole)

    def flush(self) -> None:
        """Send what is held, at the end of an answer. Raises as `sendall` does."""
        if self._held:
            whole, self._held = self._held, b""
            self._send(whole)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send what is held with the file. Raises as `sendall` does."""
        end = os.fstat(file.fileno()).st_size if count is None else offset + count
        at = offset
        while at < end and (piece := os.pread(file.fileno(), min(LEFT_BYTES, end - at), at)):
            self.sendall(piece)
            at += len(piece)
        return at - offset

    def send_left(self) -> None:
        """Send of `left` what there is room for. Raises OSError when the client is gone."""
        self.left = self.left[self._send_some(self.left) :]

    def _send(self, data: bytes) -> None:
        if self.left:
            data = self.left + data
        left = memoryview(data)[self._send_some(data) :]
        deadline = time.monotonic() + SEND_TIMEOUT_S
        while len(left) > LEFT_BYTES:
            room = select.poll()
            room.register(self, select.POLLOUT)
            if not room.poll(1000 * max(0.0, deadline - time.monotonic())):
                raise TimeoutError(f"the client did not take its answer within {SEND_TIMEOUT_S:g} s")
            left = left[self._send_some(left) :]
        self.left = bytes(left)

    def _send_some(self, data: bytes | memoryview) -> int:
        try:
            return self.send(data)
        except BlockingIOError:
            return 0
