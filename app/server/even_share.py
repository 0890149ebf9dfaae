"""How many connections each process of one site holds, so that a new one goes to the process that holds fewest.

All processes that listen at one port are told of a connection that waits, and whoever comes first takes it. Without
more, one process comes first again and again: eight connections that stay open all ended up in one of two processes.
"""

from __future__ import annotations

import mmap
import struct
import time
from collections.abc import Callable

STALE_S = 3.0
"""A process that has not told for so long is gone or stands still: its loop turns once a second at least."""
_PLACES_A_PROCESS = 8

_ENTRY = struct.Struct("dq")  # when it told, by the clock, and how many connections it holds


class EvenShare:
    """A table in memory that processes share; made before they are forked.

    Each process writes one entry, and nobody waits for another. An entry that is read while it is written is wrong for
    one decision, about where one connection goes.
    """

    def __init__(self, processes: int, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: seconds that only go forward and are the same in all processes of a machine."""
        self._places = _PLACES_A_PROCESS * processes
        self._memory = mmap.mmap(-1, self._places * _ENTRY.size)
        self._clock = clock

    def tell(self, number: int, holds: int) -> None:
        """Write how many connections a process holds. number: from 1, counted up for each that is started.

        A process and one that is started many processes later share an entry.
        """
        _ENTRY.pack_into(self._memory, number % self._places * _ENTRY.size, self._clock(), holds)

    def fewest_of_others(self, number: int) -> int | None:
        """The fewest connections that another process holds; None where no other one lives."""
        alive_since, own = self._clock() - STALE_S, number % self._places
        entries = enumerate(_ENTRY.iter_unpack(self._memory))
        return min((holds for place, (at, holds) in entries if at > alive_since and place != own), default=None)
