"""A site that moves to PostgreSQL and back learns the same next model, from the same rows, to the last bit."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from app.learn.training_state import TrainingState
from app.settings import Settings
from app.store import Store
from app.store.moving.move import move_database
from app.values.database_address import Address, PostgresAddress
from app.values.item import Item
from tests.app.store.moving.sites import seed_copies
from tests.postgres_server import PostgresServer


def next_model(address: Address, settings: Settings, folder: Path) -> dict[str, str]:
    """SHA-256 of every array, and of the ids, of a model with both stages that is fitted to a database."""
    with Store(address) as store:
        training_state = TrainingState(settings, None)
        training_state.follow(store)
        training_state.model(store).save(folder)
        assert training_state.stage_facts
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.name != "manifest.json"
    }


@pytest.mark.postgres
@pytest.mark.sqlite_only("goes there and back")
@pytest.mark.parametrize(
    ("visitors", "copies", "events"), [(20, 1, 3_000), pytest.param(600, 11, 1_000_000, marks=pytest.mark.slow)]
)
def test_there_and_back_gives_equal_hashes_and_an_equal_next_model(
    database: Address,
    items: list[Item],
    settings: Settings,
    postgres: PostgresServer,
    tmp_path: Path,
    visitors: int,
    copies: int,
    events: int,
) -> None:
    settings = replace(settings, second_stage=True)
    there, back = PostgresAddress(postgres.new_database(), settings.var), tmp_path / "back" / "events.db"
    with Store(database) as store:
        with store.open_writer() as writer:
            seed_copies(writer, items, settings, visitors, copies)
        moved = move_database(store, there)
    with Store(there) as store:
        moved_back = move_database(store, back)
    hashes = {table.table: (table.rows, table.sha256) for table in moved.tables}
    assert hashes == {table.table: (table.rows, table.sha256) for table in moved_back.tables}
    assert hashes["events"][0] > events
    print(f"\n{moved.rows:,} rows there in {moved.seconds:.1f} s, back in {moved_back.seconds:.1f} s", hashes["events"])
    places: list[Address] = [database, there, back]
    models = [next_model(place, settings, tmp_path / f"model-{number}") for number, place in enumerate(places)]
    assert models[0] == models[1] == models[2]
    assert any(name.endswith(".npy") for name in models[0])
