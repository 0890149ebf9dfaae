"""Mixed load for a long time: memory, open files and the write-ahead log do not grow."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.store.writing.wal import WAL_LIMIT_BYTES
from benchmarks.promises.endurance import Endurance, endure

pytestmark = pytest.mark.whole

_MIB = 1024 * 1024


def _is_sound(found: Endurance) -> None:
    assert found.problems == []
    assert set(found.requests) <= {200, 202, 303}
    assert max(sample.wal_mib for sample in found.samples) <= 2 * WAL_LIMIT_BYTES / _MIB
    before, after = found.growth()["site_files"]
    assert after <= before + 10


def test_a_few_seconds_of_mixed_load_are_answered_without_an_error(tmp_path: Path) -> None:
    _is_sound(endure(tmp_path, 4.0, every_s=0.25, learned=False))


@pytest.mark.alone
@pytest.mark.slow
def test_five_minutes_of_mixed_load_leave_memory_flat(tmp_path: Path) -> None:
    found = endure(tmp_path, 300.0)
    _is_sound(found)
    growth = found.growth()
    for name, most in (("site_mib", 1.05), ("trainer_mib", 1.10), ("site_threads", 1.0), ("trainer_files", 1.1)):
        before, after = growth[name]
        assert after <= most * before, f"{name}: {before} in the second third of the time, {after} in the last"
