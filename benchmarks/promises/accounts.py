"""What a database holds of what was sent: what is missing, what is there twice, and whether the file is sound."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.promises.senders import Ledger

# Clicks on pages are recorded by the site, which gives them ids of its own.
_SENT = """
    SELECT event_id, visitor_id, item_id, kind, undo FROM events
    WHERE event_id NOT LIKE 'c-%' AND event_id NOT LIKE 'o-%'
"""

# One event changes what stands of a kind on an item once.
_FOLDED_TWICE = """
    SELECT event_seq FROM interactions LEFT JOIN events ON events.seq = event_seq
    GROUP BY event_seq, interactions.item_id, interactions.kind HAVING count(*) > 1 OR events.seq IS NULL
"""


@dataclass(frozen=True, slots=True)
class Account:
    """acknowledged, stored: events. lost: acknowledged and not stored. doubled: stored more than once.

    changed: stored otherwise than sent, or never sent. refused: rows of the quarantine. integrity: what SQLite says.
    """

    acknowledged: int
    stored: int
    lost: int
    doubled: int
    changed: int
    refused: int
    integrity: str

    @property
    def is_right(self) -> bool:
        """Nothing was lost, doubled, changed or damaged."""
        return self.integrity == "ok" and not (self.lost or self.doubled or self.changed or self.refused)


def settle_account(ledger: Ledger, database: Path) -> Account:
    """Compare what was acknowledged so far with what `database` holds, read while nobody or one writer writes."""
    with ledger.lock:
        acknowledged = set(ledger.acknowledged)
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as conn:
            integrity = str(conn.execute("PRAGMA integrity_check(1)").fetchone()[0])
            if conn.execute("PRAGMA foreign_key_check").fetchone() is not None:
                integrity = "a row refers to one that is gone"
            rows = conn.execute(_SENT).fetchall()
            if conn.execute(_FOLDED_TWICE).fetchone() is not None:
                integrity = "an event is folded twice, or one that is not stored"
            refused = int(conn.execute("SELECT count(*) FROM quarantine").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return Account(len(acknowledged), 0, len(acknowledged), 0, 0, 0, str(error))
    counts = Counter(row[0] for row in rows)
    with ledger.lock:  # after the rows were read: whatever is stored was sent before
        changed = sum(
            (visitor_id, item_id, kind, bool(undo)) != _as_sent(ledger, event_id)
            for event_id, visitor_id, item_id, kind, undo in rows
        )
    doubled = sum(count - 1 for count in counts.values())
    lost = len(acknowledged - counts.keys())
    return Account(len(acknowledged), len(rows), lost, doubled, changed, refused, integrity)


def _as_sent(ledger: Ledger, event_id: str) -> tuple[str, str, str, bool] | None:
    event = ledger.sent.get(event_id)
    if event is None:
        return None
    return event["visitor_id"], event["item_id"], event["kind"], bool(event.get("undo"))
