"""A PostgreSQL server for tests, which skip with the reason where none can be had."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks.postgres_server import PostgresServer, own_server, postgres_programs, why_no_server

__all__ = ["PostgresServer", "postgres_programs", "postgres_server", "why_no_server"]


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server for the time of the block; skips the test where it cannot be had."""
    reason = why_no_server()
    if reason is not None:
        pytest.skip(reason)
    with own_server() as server:
        yield server
