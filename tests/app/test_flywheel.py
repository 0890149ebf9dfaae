"""The long-lived parts: opened once, closed once, and never opened again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.flywheel import Flywheel
from app.settings import Settings
from app.store import SiteClosedError, Store
from app.store.measures.assignments import assignment_changes


def test_a_closed_site_refuses_to_open_again(settings: Settings, database: Path) -> None:
    site = Flywheel(settings)
    site.open()
    site.close()
    with pytest.raises(SiteClosedError, match="is ending and takes no more requests; try again in a moment"):
        site.open()
    with Store(database) as store:
        store.open_writer().close()


def test_a_site_that_was_never_opened_refuses_after_close_too(settings: Settings, database: Path) -> None:
    site = Flywheel(settings)
    site.close()
    with pytest.raises(SiteClosedError):
        site.open()


def test_closing_the_writer_alone_commits_what_waits_and_leaves_readers_at_work(
    settings: Settings, database: Path
) -> None:
    site = Flywheel(settings)
    parts = site.open()
    try:
        reader = parts.store.reader()
        waiting = [parts.writer.submit(lambda db: db.execute("DELETE FROM quarantine").rowcount) for _ in range(20)]
        site.close_writer(10)
        assert all(future.done() and future.exception() is None for future in waiting)
        assert reader.execute("SELECT count(*) FROM items").fetchone()[0] == 60
        with pytest.raises(SiteClosedError):
            site.open()
    finally:
        site.close()


def test_opening_with_another_share_of_control_begins_a_new_comparison(settings: Settings, database: Path) -> None:
    assert database.exists()
    changes = []
    for share in (0.1, 0.1, 0.3):
        flywheel = Flywheel(replace(settings, control_share=share))
        changes.append(len(assignment_changes(flywheel.open().store.reader())))
        flywheel.close()
    assert changes == [0, 0, 1]
