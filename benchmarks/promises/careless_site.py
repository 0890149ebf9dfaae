"""The site with `PRAGMA synchronous = OFF`: what the tests of power cuts must see losing acknowledged events."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from app.__main__ import main as serve
from app.store import connections
from app.store.engines import sqlite


def main() -> None:
    """Serve as `python -m app` does."""
    connect = connections.connect_writer

    def connect_carelessly(database: Path) -> sqlite3.Connection:
        connection = connect(database)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    vars(sqlite)["connect_writer"] = connect_carelessly
    serve()


if __name__ == "__main__":
    main()
