"""The connection of a writer to PostgreSQL, and what works on it."""

from __future__ import annotations

from typing import Any

from app.store.engines.postgres.connection import PostgresConnection
from app.store.writing.group import GroupCommit


class PostgresLink:
    """The connection of a writer, and what works on it."""

    def __init__(self, connection: PostgresConnection) -> None:
        self._connection = connection
        self.log = ServersLog()
        self.db = PostgresDatabase(connection)
        self.group = GroupCommit(self.db)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class PostgresDatabase:
    """What a task of the writer is given."""

    def __init__(self, conn: PostgresConnection) -> None:
        self.conn = conn

    def execute(self, sql: str, parameters: Any = None) -> Any:
        """Run one statement."""
        return self.conn.execute(sql, parameters or ())

    def rollback(self) -> None:
        """Take the transaction back."""
        self.conn.execute("ROLLBACK")

    def close(self) -> None:
        """Close the connection."""
        self.conn.close()


class ServersLog:
    """The server tidies its log up by itself."""

    def bound(self) -> None:
        """Nothing to do."""

    def empty(self, patience_ms: int) -> bool:
        """Nothing is left to do."""
        return True
