"""Whether a process is the only one that writes: then nothing has to be asked, and nobody has to be waited for.

It is known for a moment from each look at who holds the right to write, as long as the connection stands by which this
process holds it. One that comes and finds another waits longer than that moment before it writes; where the connection
broke, whoever could come had to wait until the server had ended it.
"""

from __future__ import annotations

import math
import select
import time

from app.store.engines.postgres.connection import PostgresConnection

ALONE_S = 1.0
"""For how long a look holds."""
COMES_S = 1.25
"""How long one that comes waits, in times of that."""
_STANDS_S = 0.01
"""For how long a connection that stood is taken to stand: to ask gives the interpreter away. A server takes longer from
ending connections to letting anybody else in.
"""
_GONE = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR | select.POLLNVAL


class Alone:
    """What one process knows of itself. Safe between threads: each value is read and written whole."""

    def __init__(self) -> None:
        self._until = -math.inf
        self._stood_at = -math.inf
        self._connection: PostgresConnection | None = None

    def holds_by(self, connection: PostgresConnection, others: bool) -> None:
        """This process has the right by this connection from now on; others: whether some have it as well."""
        self._until, self._connection = -math.inf, connection
        if others:
            time.sleep(COMES_S * ALONE_S)

    def note(self, asked_at: float, only_one: bool) -> None:
        """What a look found. asked_at: `time.monotonic` before it."""
        self._until = asked_at + ALONE_S if only_one else -math.inf

    def __bool__(self) -> bool:
        now = time.monotonic()
        if now >= self._until or self._connection is None:
            return False
        if now - self._stood_at >= _STANDS_S:
            if not _stands(self._connection.socket):
                return False
            self._stood_at = now
        return True


def _stands(socket: int | None) -> bool:
    """Whether the other end of a socket, None for a closed one, has not ended it."""
    if socket is None:
        return False
    poll = select.poll()
    poll.register(socket, _GONE)
    return not poll.poll(0)
