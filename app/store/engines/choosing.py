"""Which engine opens the database at an address."""

from __future__ import annotations

from pathlib import Path

from app.store.engines.connection import Engine
from app.store.engines.sqlite import SqliteEngine
from app.values.database_address import Address, PostgresAddress


def engine_at(address: Address) -> Engine:
    """The engine that opens the database at an address. Raises StoreError where what it needs is not installed."""
    if isinstance(address, PostgresAddress):
        from app.store.engines.postgres.engine import PostgresEngine  # its driver is an extra

        return PostgresEngine(address)
    return SqliteEngine(Path(address))
