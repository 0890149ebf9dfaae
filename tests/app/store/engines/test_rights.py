"""The right to do what is done once goes on to whoever asks next."""

from __future__ import annotations

import pytest

from app.store import Store
from app.store.engines.postgres.connection import PostgresConnection

pytestmark = [pytest.mark.postgres, pytest.mark.postgres_only]


def test_the_right_is_free_before_the_server_notices_that_the_connection_ended(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = store.engine.jobs_right(), store.engine.jobs_right()
    assert one.held()
    assert not other.held()
    unnoticed: list[PostgresConnection] = []
    with monkeypatch.context() as patch:
        patch.setattr(PostgresConnection, "close", lambda connection: unnoticed.append(connection))
        one.release()
    assert other.held()
    for connection in unnoticed:
        connection.close()
    other.release()
