"""Two processes that write one PostgreSQL database, as the connections that they hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import cast

import pytest

from app.store import Store
from app.store.engines.postgres.engine import PostgresEngine
from app.store.engines.postgres.links import PostgresLink
from app.store.visitors import ensure_visitor
from app.values.visitor import Visitor

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
"""How many connections wait for a lock."""


@pytest.fixture
def links(store: Store, visitor: Visitor) -> Iterator[tuple[PostgresLink, PostgresLink]]:
    """Connections of two processes that write, whichever of them has the right to, and a visitor whom they know."""
    with store.open_writer() as writer:
        writer.run(lambda db: ensure_visitor(db, visitor))
    engine = cast(PostgresEngine, store.engine)
    with ExitStack() as stack:
        slow, fast = (stack.enter_context(closing(PostgresLink(engine.connect_writer()))) for _ in range(2))
        yield slow, fast
