"""What processes tell each other all the time waits for nobody who writes."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from app.store import Store
from app.store.engines import dialect_of
from app.store.engines.postgres.links import PostgresLink
from app.store.several.kept import Keeping, kept, kept_in
from app.store.writing.group import Write

pytestmark = [pytest.mark.postgres, pytest.mark.postgres_only]


def _keeping(name: str, *values: tuple[str, str, float]) -> Write:
    return Write(Keeping(name, values), None, Future())


def test_values_are_kept_while_another_process_is_halted_within_its_transaction(
    store: Store, links: tuple[PostgresLink, PostgresLink]
) -> None:
    halted, other = links
    dialect_of(halted.db.conn).begin(halted.db.conn)
    try:
        assert other.group.commit([_keeping("one", ("calls", "3", 60.0), ("figures", "4", 60.0))])
    finally:
        halted.db.rollback()
    found = kept_in(store.reader(), ["calls", "figures"])
    assert sorted((room, name, value) for room, name, value, _ in found) == [
        ("calls", "one", "3"),
        ("figures", "one", "4"),
    ]
    assert all(50.0 < left_s <= 60.0 for *_, left_s in found)


def test_the_last_value_of_a_room_and_name_is_kept(store: Store, links: tuple[PostgresLink, PostgresLink]) -> None:
    tasks = [_keeping("one", ("calls", "3", 60.0)), _keeping("one", ("calls", "4", 60.0))]
    assert links[0].group.commit(tasks)
    assert [task.error for task in tasks] == [None, None]
    found = kept(store.reader(), "calls", "one")
    assert found is not None
    assert found[0] == "4"
