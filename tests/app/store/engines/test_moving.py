"""What is exported from one engine and imported into the other is exported again to the same bytes."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from app.store import Store
from app.store.archives.archive import export_events, import_events
from app.store.events import last_seq
from app.store.visitors import ensure_visitor
from app.values.database_address import PostgresAddress
from app.values.visitor import Visitor
from tests.app.store.test_archive import fill
from tests.conftest import NOW, NewAddress
from tests.postgres_server import PostgresServer


@pytest.mark.postgres
@pytest.mark.sqlite_only("goes there and back")
def test_there_and_back_is_the_same_to_the_byte(
    postgres: PostgresServer, new_address: NewAddress, tmp_path: Path, visitor: Visitor
) -> None:
    kinds = ("view", "click", "like", "click", "dislike", "save", "use")
    events: list[tuple[int, int, str, float, float | None, float | None, bool]] = [
        (n % 5, n % 6, kinds[n % 7], NOW + n / 3, None, 0.1 * n if n % 2 else None, n % 11 == 0) for n in range(60)
    ]
    (tmp_path / "there").mkdir()
    there = PostgresAddress(postgres.new_database(), tmp_path / "there")
    places = (new_address("here"), there, new_address("back"))
    with ExitStack() as stack:
        here, server, back = (stack.enter_context(Store.create(place)) for place in places)
        fill(here, events, "Zoë’s “text”\n\t")
        export_events(here, tmp_path / "1.gz")
        import_events(server, tmp_path / "1.gz")
        export_events(server, tmp_path / "2.gz")
        import_events(back, tmp_path / "2.gz")
        export_events(back, tmp_path / "3.gz")
        first = (tmp_path / "1.gz").read_bytes()
        assert first == (tmp_path / "2.gz").read_bytes() == (tmp_path / "3.gz").read_bytes()
        newest = last_seq(server.reader())
        with server.open_writer() as writer:
            writer.run(lambda db: ensure_visitor(db, visitor))
            number = writer.run(
                lambda db: db.execute(
                    "INSERT INTO events (event_id, visitor_id, item_id, kind, received_at, origin)"
                    " VALUES ('next', ?, 'item-000', 'view', 0.0, 'real') RETURNING seq",
                    (visitor.visitor_id,),
                ).fetchone()[0]
            )
        assert number == newest + 1, "numbers go on where they were"
