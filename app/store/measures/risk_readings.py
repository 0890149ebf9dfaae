"""Readings of the risk indicators: stored every round, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.store.engines import Connection, Database


@dataclass(frozen=True, slots=True)
class StoredReading:
    """One row of `risk_readings`. threshold: of the alarm then. state: ok, watch, alarm or unknown."""

    measured_at: float
    indicator: str
    value: float | None
    threshold: float
    state: str
    note: str


def insert_readings(db: Database, readings: Sequence[StoredReading]) -> int:
    """Add the readings of one round, for use inside a writer task, and return how many."""
    db.conn.executemany(
        "INSERT INTO risk_readings (measured_at, indicator, value, threshold, breached, state, note)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (row.measured_at, row.indicator, row.value, row.threshold, row.state == "alarm", row.state, row.note)
            for row in readings
        ],
    )
    return len(readings)


def latest_reading(conn: Connection, indicator: str) -> StoredReading | None:
    """The newest reading of an indicator, known or not; None before the first round."""
    row = conn.execute(
        "SELECT measured_at, indicator, value, threshold, state, note FROM risk_readings"
        " WHERE indicator = ? ORDER BY measured_at DESC, id DESC LIMIT 1",
        [indicator],
    ).fetchone()
    return None if row is None else StoredReading(*row)


def readings_since(conn: Connection, indicator: str, since: float, limit: int) -> list[tuple[float, float]]:
    """Time and value of the newest `limit` known readings of an indicator from `since` on, oldest first."""
    rows = conn.execute(
        "SELECT measured_at, value FROM risk_readings"
        " WHERE indicator = ? AND measured_at >= ? AND value IS NOT NULL ORDER BY measured_at DESC LIMIT ?",
        [indicator, since, limit],
    ).fetchall()
    return [(row[0], row[1]) for row in reversed(rows)]
