"""Where an event database is: a file, or a database of a server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """A database of a PostgreSQL server. url: as libpq reads it. folder: of what belongs to it beside the server.

    connections: most that one process keeps open for reading.
    """

    url: str
    folder: Path
    connections: int = 10

    def __str__(self) -> str:
        """The URL without its password and options."""
        parts = urlsplit(self.url)
        account, at, host = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=account.partition(":")[0] + at + host, query=""))

    def __repr__(self) -> str:
        return f"PostgresAddress({str(self)!r})"


Address = Path | PostgresAddress
