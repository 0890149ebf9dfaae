"""What processes keep for a while in common: sessions of the admin, wrong guesses, presses of buttons, and what they
tell each other once a second.

By room and name; nothing is read after its time, Unix seconds by the clock of the server, which is one for all hosts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.store.engines import Connection, Database

_NOW = "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"


def keep(db: Database, room: str, name: str, value: str, for_s: float) -> None:
    """Keep a value for so many seconds from now, in place of one before; for use inside a writer task."""
    db.conn.execute(
        f"INSERT INTO kept_shortly (room, name, value, until) VALUES (?, ?, ?, {_NOW} + CAST(? AS double precision))"
        " ON CONFLICT (room, name) DO UPDATE SET value = excluded.value, until = excluded.until",
        (room, name, value, for_s),
    )


@dataclass(frozen=True, slots=True)
class Keeping:
    """The task that keeps values under one name, given as (room, value, seconds).

    By itself it is one statement, which takes no lock of those who write: processes keep what they tell each other all
    the time, and one that is halted in the middle of it, as a virtual machine may be, holds nobody up.
    """

    name: str
    values: Sequence[tuple[str, str, float]]

    def __call__(self, db: Database) -> None:
        """Keep them within a transaction."""
        for room, value, for_s in self.values:
            keep(db, room, self.name, value, for_s)

    @staticmethod
    def run_joined(db: Database, tasks: Sequence[Keeping]) -> list[bool]:
        """See `JoinedTask`."""
        for task in tasks:
            task(db)
        return [True] * len(tasks)

    @staticmethod
    def write_joined(conn: Connection, tasks: Sequence[Keeping]) -> list[bool]:
        """See `JoinedTask`; of several values for one room and name the last is kept."""
        kept = {(room, task.name): (value, for_s) for task in tasks for room, value, for_s in task.values}
        rows = [(room, name, value, for_s) for (room, name), (value, for_s) in kept.items()]
        types = ("text[]", "text[]", "text[]", "double precision[]")
        columns = ", ".join(f"CAST(? AS {kind})" for kind in types)
        conn.execute(
            f"INSERT INTO kept_shortly (room, name, value, until) SELECT room, name, value, {_NOW} + for_s"
            f" FROM unnest({columns}) AS told (room, name, value, for_s)"
            " ON CONFLICT (room, name) DO UPDATE SET value = excluded.value, until = excluded.until",
            [list(column) for column in zip(*rows, strict=True)],
        )
        return [True] * len(tasks)


def keep_first(db: Database, room: str, name: str, for_s: float) -> bool:
    """Keep a name for so many seconds unless it is kept already; whether it was not. For use inside a writer task."""
    added = db.conn.execute(
        f"INSERT INTO kept_shortly (room, name, value, until) VALUES (?, ?, '', {_NOW} + CAST(? AS double precision))"
        f" ON CONFLICT (room, name) DO UPDATE SET until = excluded.until WHERE kept_shortly.until <= {_NOW}",
        (room, name, for_s),
    )
    return bool(added.rowcount)


def kept(conn: Connection, room: str, name: str) -> tuple[str, float] | None:
    """The value that is kept, and for how many more seconds; None where none is."""
    row = conn.execute(
        f"SELECT value, until - {_NOW} FROM kept_shortly WHERE room = ? AND name = ? AND until > {_NOW}", (room, name)
    ).fetchone()
    return None if row is None else (row[0], row[1])


def kept_in(conn: Connection, rooms: Sequence[str]) -> list[tuple[str, str, str, float]]:
    """All that is kept in some rooms: room, name, value, and for how many more seconds."""
    rows = conn.execute(
        f"SELECT room, name, value, until - {_NOW} FROM kept_shortly"
        f" WHERE room = ANY(CAST(? AS text[])) AND until > {_NOW}",
        [list(rooms)],
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def drop(db: Database, room: str, name: str) -> None:
    """Keep it no longer, for use inside a writer task."""
    db.conn.execute("DELETE FROM kept_shortly WHERE room = ? AND name = ?", (room, name))


def drop_what_is_over(conn: Connection) -> int:
    """Delete what nobody reads any more, inside a writer task; returns how many rows."""
    return conn.execute(f"DELETE FROM kept_shortly WHERE until <= {_NOW}").rowcount
