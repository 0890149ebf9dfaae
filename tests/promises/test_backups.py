"""Backups of a running site are whole, and what is erased is gone to the byte: the long forms, on the real site.

The short ones are tests/app/backup/test_backup.py and tests/app/web/test_erasure_reaches_bytes.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.promises.backups import back_up_under_load
from benchmarks.promises.erasures import erase_and_search

pytestmark = [pytest.mark.whole, pytest.mark.slow, pytest.mark.alone]


def test_ten_backups_under_load_are_each_one_moment_of_the_site(tmp_path: Path) -> None:
    found = back_up_under_load(tmp_path, 10)
    assert (found.backups, found.lost, found.gaps, found.unfit, found.unsound) == (10, 0, 0, 0, [])
    assert set(found.statuses) == {202}, "no event had to wait for a backup until it was refused"
    assert found.published > 10
    assert found.home == 200


def test_of_fifty_visitors_who_did_everything_no_byte_is_left(tmp_path: Path) -> None:
    found = erase_and_search(tmp_path, 50)
    assert (found.planted, found.erased, found.known) == (50, 50, 0)
    assert "events.db" in found.held_before, "there was something to erase"
    assert found.left == []
    assert found.searched_bytes > 1_000_000
