"""Slates: every ranked list as it was served, with the chance that each entry had of being there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

_COLUMNS = (
    "slate_id, page_id, visitor_id, shelf, policy, arm, model_version, served_at, origin, "
    "items, sources, propensities, scores"
)


@dataclass(frozen=True, slots=True)
class LoggedSlate:
    """One served list. Entry p of `items`, `sources`, `propensities` and `scores` stood at position p + 1.

    served_at: Unix seconds. propensities: marginal chance of the entry at its position, in (0, 1].
    scores: what the ranker said, None where it said nothing. model_version: None when no model took part.
    Raises ValueError when the four lists differ in length.
    """

    slate_id: str
    page_id: str
    visitor_id: str
    shelf: str
    policy: str
    arm: str
    model_version: int | None
    served_at: float
    origin: str
    items: tuple[str, ...]
    sources: tuple[str, ...]
    propensities: tuple[float, ...]
    scores: tuple[float | None, ...]

    def __post_init__(self) -> None:
        lengths = {len(self.items), len(self.sources), len(self.propensities), len(self.scores)}
        if len(lengths) != 1:
            raise ValueError(
                f"slate {self.slate_id!r} has {len(self.items)} items, {len(self.sources)} sources, "
                f"{len(self.propensities)} propensities and {len(self.scores)} scores; give one of each an entry"
            )


def log_slates(db: Database, slates: Iterable[LoggedSlate]) -> int:
    """Write slates; their visitors must be known. Returns how many were written.

    Raises sqlite3.IntegrityError for a slate id that is known already or a visitor that is not.
    """
    rows = [
        (
            slate.slate_id,
            slate.page_id,
            slate.visitor_id,
            slate.shelf,
            slate.policy,
            slate.arm,
            slate.model_version,
            slate.served_at,
            slate.origin,
            json.dumps(slate.items),
            json.dumps(slate.sources),
            json.dumps(slate.propensities),
            json.dumps(slate.scores),
        )
        for slate in slates
    ]
    db.conn.executemany(f"INSERT INTO slates ({_COLUMNS}) VALUES ({', '.join('?' * 13)})", rows)
    return len(rows)


def get_slate(conn: sqlite3.Connection, slate_id: str) -> LoggedSlate | None:
    """The slate with that id, or None."""
    row = conn.execute(f"SELECT {_COLUMNS} FROM slates WHERE slate_id = ?", (slate_id,)).fetchone()
    return None if row is None else LoggedSlate(*row[:9], *(tuple(json.loads(text)) for text in row[9:]))
