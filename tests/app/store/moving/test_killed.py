"""A move whose process is killed leaves a target that no site takes for a whole one, and the next call finishes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import app.store
from app.store import Store, StoreError
from app.values.database_address import Address, PostgresAddress
from tests.app.store.moving.test_move import content, move

ROOT = Path(app.store.__file__).parents[2]

MOVE_UNTIL_KILLED = """
import sys
from pathlib import Path
from app.store import Store
from app.store.moving.move import move_database
from app.values.database_address import PostgresAddress

def address(text, folder):
    return PostgresAddress(text, Path(folder)) if text.startswith("postgresql:") else Path(text)

def stop_at(share):
    if share >= float(sys.argv[4]):
        print("there", flush=True)
        sys.stdin.read()

folder = sys.argv[3]
move_database(Store(address(sys.argv[1], folder)), address(sys.argv[2], folder), on_progress=stop_at)
"""

pytestmark = pytest.mark.postgres


def url(address: Address) -> str:
    return address.url if isinstance(address, PostgresAddress) else str(address)


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_a_kill_leaves_an_unfinished_target_and_the_next_call_finishes(
    source: Address, target: Address, tmp_path: Path, share: float
) -> None:
    before = content(source)
    command = [sys.executable, "-c", MOVE_UNTIL_KILLED, url(source), url(target), str(tmp_path / "var"), str(share)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "there\n"
        finally:
            process.kill()
    with Store(target) as store, pytest.raises(StoreError, match=r"is not yet a whole copy of .*run the same"):
        store.reader()
    assert content(source) == before
    move(source, target)
    assert content(target) == before
