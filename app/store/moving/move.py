"""Moving a site's events to another database while the site runs: whole copies of moments, the last one of its rest.

A round brings the target up to the source as of one moment, in one transaction: whatever ends it, the target holds what
it held before. The first copies everything; later ones find what was written, changed or deleted since. The last one
begins when nobody writes the source any more; its commit takes the mark from the target, and only then a site opens it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from app.store.engines import DATABASE_ERRORS, Connection, dialect_of
from app.store.errors import StoreError
from app.store.moving.sync import TableSync, TableSynced, total_rows
from app.store.moving.targets import Target, open_target
from app.store.moving.writers import StillWrittenError, at_rest
from app.store.schema.tables import KEYS
from app.store.store import Store
from app.values.database_address import Address

FEW_ROWS = 5_000
"""A round that wrote no more is not followed by another while the site runs: as many come while it compares."""
MOST_ROUNDS = 5
"""Rounds beside a site that writes more than that all the time."""


@dataclass(frozen=True, slots=True)
class Round:
    """What a round found and did. still_written: who kept the source from resting, so that it is not the last.

    tables: all of them, alike on both sides as of the moment at which the round began.
    """

    tables: tuple[TableSynced, ...]
    seconds: float
    still_written: str | None

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def written(self) -> int:
        """Rows of the target that were not yet as they are now."""
        return sum(table.written for table in self.tables)


def move_database(
    source: Store,
    address: Address,
    *,
    on_progress: Callable[[float], None] = lambda share: None,
    on_round: Callable[[Round], None] = lambda done: None,
    wait: Callable[[], None] | None = None,
) -> Round:
    """Copy everything that `source` holds to the database at an address; returns the last round.

    The source is only read. on_progress: told the share of a round that is done. on_round: told of every round.
    wait: called again and again while a process writes the source, until none does; None not to wait.
    Raises StillWrittenError when there is no waiting and a process writes the source: a later call goes on; StoreError
    for a target that holds something else, which is not touched, and for a row that the target cannot hold as it is.
    """
    if source.name == str(address):
        raise StoreError(f"the site is on {source.name} already; name the database that it should move to")
    source.reader()
    try:
        with open_target(address, _name_anywhere(source)) as target:
            return _move(source, target, on_progress, on_round, wait)
    except DATABASE_ERRORS as error:
        raise StoreError(
            f"the move from {source.name} to {address} was cut: {error}; run the same `flask migrate-to` again"
        ) from error


def _name_anywhere(source: Store) -> str:
    """A name that is the same from whatever folder a later call goes on."""
    return source.name if source.engine.file is None else str(source.engine.file.absolute())


def _move(
    source: Store,
    target: Target,
    on_progress: Callable[[float], None],
    on_round: Callable[[Round], None],
    wait: Callable[[], None] | None,
) -> Round:
    rounds, worth_another = 0, True
    while True:
        with ExitStack() as resting:
            try:
                resting.enter_context(at_rest(source.engine))
                still_written = None
            except StillWrittenError as error:
                still_written = str(error)
            if still_written is None or worth_another:
                done = _round(source.reader(), target, still_written, on_progress)
                rounds += 1
                worth_another = done.written > FEW_ROWS and rounds < MOST_ROUNDS
                on_round(done)
                if still_written is None:
                    return done
                continue
        if wait is None:
            raise StillWrittenError(
                f"{target.name} holds what {source.name} held a moment ago, and {still_written}; stop the site and the "
                "trainer, and run the same `flask migrate-to` again, which copies what came since"
            )
        wait()


def _round(
    source: Connection, target: Target, still_written: str | None, on_progress: Callable[[float], None]
) -> Round:
    started = time.perf_counter()
    target.begin()
    try:
        with dialect_of(source).snapshot(source):
            total, done = max(1, total_rows(source)), 0

            def count(rows: int) -> None:
                nonlocal done
                done += rows
                on_progress(done / total)

            tables = tuple(TableSync(table, source, target.conn, target.name).run(count) for table in KEYS)
        if still_written is None:
            target.unmark()
        target.conn.execute("COMMIT")
    except BaseException:
        with suppress(*DATABASE_ERRORS):
            target.conn.execute("ROLLBACK")
        raise
    return Round(tables, time.perf_counter() - started, still_written)
