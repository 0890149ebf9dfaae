"""Requests of one kind on their way to the threads, so that a flood of one kind does not keep the other waiting."""

from __future__ import annotations

import math
from collections import deque
from typing import Generic, TypeVar

from app.server.overload import Overload

T = TypeVar("T")

_PROGRAMS = b"/api/"
# Share of the threads that programs leave to pages: a flood of events must not keep somebody waiting who reads.
_FOR_PAGES = 0.5


class Lane(Generic[T]):
    """At most `threads` requests at once are with the threads; so many more wait in order of arrival.

    Used by one thread, the worker's loop. See `Overload` for `waiting`.
    """

    def __init__(self, threads: int, waiting: int) -> None:
        self._overload = Overload(threads, waiting)
        self._threads = threads
        self._answering = 0
        self._waiting: deque[T] = deque()

    def refuses(self, now: float) -> bool:
        """Whether one request more is too many. now: monotonic seconds."""
        return self._overload.refuses(self._answering + len(self._waiting), now)

    def enter(self, request: T) -> bool:
        """Whether a thread may begin with the request at once; else it waits, and `leave` hands it out."""
        if self._answering < self._threads:
            self._answering += 1
            return True
        self._waiting.append(request)
        return False

    def leave(self, now: float) -> T | None:
        """A request was answered: the one that a thread may begin with instead, if one waits."""
        self._answering -= 1
        self._overload.note(self._answering + len(self._waiting), now)
        if not self._waiting:
            return None
        self._answering += 1
        return self._waiting.popleft()


class Lanes(Generic[T]):
    """The lane of pages, which may have every thread, and the one of programs."""

    def __init__(self, threads: int, waiting: int) -> None:
        self._pages: Lane[T] = Lane(threads, waiting)
        self._programs: Lane[T] = Lane(max(1, threads - math.ceil(_FOR_PAGES * threads)), waiting)

    def of(self, path: bytes) -> Lane[T]:
        """The lane of a request for `path`."""
        return self._programs if path.startswith(_PROGRAMS) else self._pages
