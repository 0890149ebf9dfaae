"""Other programs may look into a database that is in use: SQLite's locks keep them from tidying it up."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from app.models.registry_file import open_registry_to_write
from app.store import Store, Writer
from app.store.connections import make_private_database
from app.store.visitors import ensure_visitor
from app.values.visitor import Visitor

LOOK = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT count(*) FROM visitors'); c.close()"
WRITE = """
import sqlite3, sys
c = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
try:
    c.execute("BEGIN EXCLUSIVE")
except sqlite3.OperationalError as error:
    print(error)
"""


def _run(program: str, database: Path) -> str:
    return subprocess.run(
        [sys.executable, "-c", program, str(database)], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.mark.sqlite_only("is about locks on files")
def test_a_program_that_looks_in_and_leaves_takes_no_write_with_it(database: Path, visitor: Visitor) -> None:
    with Store(database) as store:
        store.reader().execute("SELECT count(*) FROM visitors").fetchone()  # as the site: it reads before it writes
        with store.open_writer() as writer:
            _write_around_a_look(database, writer, visitor)


def _write_around_a_look(database: Path, writer: Writer, visitor: Visitor) -> None:
    log = database.with_name(database.name + "-wal")
    writer.run(lambda db: db.conn.execute("CREATE TABLE scratch (n)"))
    before = log.stat().st_ino
    _run(LOOK, database)
    assert log.exists()
    assert log.stat().st_ino == before
    writer.run(lambda db: ensure_visitor(db, visitor))
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as other:
        found = other.execute("SELECT count(*) FROM visitors").fetchone()[0]
    assert found == 1, "what was written afterwards is in the file that others see"


@pytest.mark.sqlite_only("is about locks on files")
def test_taking_away_the_rights_of_others_leaves_the_locks_of_a_write_under_way(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    with closing(open_registry_to_write(path)) as conn:
        conn.execute("BEGIN IMMEDIATE")
        make_private_database(path)
        assert _run(WRITE, path) == "database is locked"
