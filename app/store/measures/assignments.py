"""When the rule changed by which visitors are assigned to arms: the experiment's name, or control's share."""

from __future__ import annotations

from app.store.engines import Connection, Database


def note_assignment(db: Database, experiment: str, control_share: float, at: float) -> bool:
    """Keep the rule in force from `at` (Unix seconds) on, for use inside a writer task; True when it is another one.

    The first rule that is noted holds from the beginning: visitors who came before it were assigned by it.
    """
    newest = db.conn.execute("SELECT experiment, control_share FROM assignments ORDER BY id DESC LIMIT 1").fetchone()
    if newest is not None and tuple(newest) == (experiment, control_share):
        return False
    db.conn.execute(
        "INSERT INTO assignments (since, experiment, control_share) VALUES (?, ?, ?)",
        [0.0 if newest is None else at, experiment, control_share],
    )
    return newest is not None


def assignment_changes(conn: Connection) -> tuple[float, ...]:
    """When the rule changed, Unix seconds, oldest first; empty while all visitors were assigned by one rule."""
    rows = conn.execute("SELECT since FROM assignments WHERE since > 0 ORDER BY since")
    return tuple(row[0] for row in rows)


def assigned_since(conn: Connection) -> float:
    """From when on visitors were assigned by the rule in force, Unix seconds; 0 for from the beginning."""
    return max(assignment_changes(conn), default=0.0)
