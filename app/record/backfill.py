"""Filling `interactions` for a database from before there were any: in chunks, each in one transaction.

The events of such a database wait in `events_before`. A chunk moves into `events`, is folded, and leaves the old table,
all at once: whatever ends the process, the next call goes on where the last chunk ended. Until the old table is empty
and gone, `Store` opens the database for nobody else.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.record.folding import FoldReport, fold_stored
from app.store import Store
from app.store.earlier_events import (
    count_earlier_events,
    has_earlier_events,
    keep_notes,
    moved_chunk,
    read_notes,
)

CHUNK = 10_000
"""Events of one transaction: about half a second."""

_REPEATED = "repeated "

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class BackfillReport:
    """What was moved. events: so many, those of calls that were stopped included. report: what folding them came to."""

    events: int = 0
    report: FoldReport = field(default_factory=FoldReport)

    @property
    def sentences(self) -> list[str]:
        """What was found, and which totals of before were wrong, a sentence each; empty when nothing was moved."""
        if not self.events:
            return []
        said = [f"{self.events:,} events were folded into {self.report.rows:,} interactions."]
        for kind, count in sorted(self.report.repeated.items()):
            counted = "each counts half of the one before" if kind == "click" else "a visitor's first one counts"
            said.append(f"{count:,} repeated {kind}s had counted in full; {counted} now.")
        if self.report.ahead:
            said.append(f"{self.report.ahead:,} events carried times ahead of the clock and count as of now.")
        if len(said) == 1:
            said.append("What stands is what stood before.")
        said.append(
            "Popularity no longer counts excluded visitors, and it and training count a first visit less; "
            "see docs/interactions.md."
        )
        return said

    @property
    def notes(self) -> dict[str, int]:
        """The report as counts by name, for the database to keep; `from_notes` is the way back."""
        repeated = {f"{_REPEATED}{kind}": count for kind, count in self.report.repeated.items()}
        return {"events": self.events, "rows": self.report.rows, "ahead": self.report.ahead, **repeated}

    @classmethod
    def from_notes(cls, notes: Mapping[str, int]) -> BackfillReport:
        """The report whose `notes` these are; an empty one of none."""
        repeated = {name.removeprefix(_REPEATED): n for name, n in notes.items() if name.startswith(_REPEATED)}
        report = FoldReport(rows=notes.get("rows", 0), repeated=Counter(repeated), ahead=notes.get("ahead", 0))
        return cls(notes.get("events", 0), report)


def upgrade_database(path: Path, on_progress: Progress | None = None) -> BackfillReport:
    """Make the database at `path`, or bring schema and interactions of an older one up to date; see `backfill`."""
    Store.create(path).close()
    return backfill(path, on_progress)


def backfill(path: Path, on_progress: Progress | None = None, chunk: int = CHUNK) -> BackfillReport:
    """Fold every event that waits in the database at `path`, whose schema is up to date; does nothing when none does.

    on_progress(done, all): called after each chunk; both count what calls that were stopped had moved. Raises
    WriterBusyError while another process writes.
    """
    with Store.exclusive(path) as db:
        done = BackfillReport.from_notes(read_notes(db.conn))
        before, waiting = done.events, count_earlier_events(db.conn)
        now = time.time()
        while has_earlier_events(db.conn):
            with moved_chunk(db, chunk) as bounds:
                if bounds is not None:
                    done.report.add(fold_stored(db, *bounds, now))
                    done.events = before + waiting - count_earlier_events(db.conn)
                    keep_notes(db.conn, done.notes)
            if on_progress is not None and bounds is not None:
                on_progress(done.events, before + waiting)
    return done
