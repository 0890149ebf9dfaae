"""Whatever the bytes of an archive, it is read whole or refused in words, and never a crash."""

from __future__ import annotations

import gzip
import io
import random
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from app.store import Database, Store, StoreError
from app.store.archives.archive import TABLES, export_events, import_events, insert_archive
from tests.app.store.test_archive import content, fill, resealed
from tests.conftest import NOW, NewAddress

PARTS = 4
"""Processes that may share the million inputs."""
_GARBAGE = (
    b"[]", b"[[]]", b"{}", b"null", b"0", b"[" * 100_000, b'["events"]', b'["nothing", 1]', b'[["items"], 1]',
    b"1e999", b"NaN", b"-1", b"1" * 30, b"9" * 5_000, b'"\\ud800"', b'"a\\u0000b"', b"true", b'"x"', b"\xff", b"",
)  # fmt: skip


def mutated(lines: list[bytes], rng: random.Random) -> list[bytes]:
    """An archive with one thing wrong that its checksum does not tell: a line, a value, or bytes of a line."""
    place = rng.randrange(len(lines) - 1)
    line = lines[place]
    match rng.randrange(4):
        case 0:
            changed = rng.choice(_GARBAGE) + b"\n"
        case 1:
            at = rng.randrange(len(line))
            changed = line[:at] + rng.choice(_GARBAGE) + line[at + rng.randrange(4) :]
        case 2:
            parts = line.split(b",")
            parts[rng.randrange(len(parts))] = rng.choice(_GARBAGE)
            changed = b",".join(parts)
        case _:
            changed = b"" if rng.random() < 0.5 else line + line
    return resealed([*lines[:place], changed, *lines[place + 1 :]])


@pytest.fixture
def archive(tmp_path: Path, new_address: NewAddress) -> bytes:
    """A small archive, as it is packed."""
    with Store.create(new_address("source")) as store:
        fill(store, [(0, 0, "view", NOW, None, None, False), (0, 0, "click", NOW + 1, None, None, False)], "text")
        export_events(store, tmp_path / "events.gz")
    return (tmp_path / "events.gz").read_bytes()


@pytest.fixture
def empty(new_address: NewAddress) -> Iterator[Database]:
    """The tables of a new site, in no transaction."""
    store = Store.create(new_address("empty"))
    with closing(store.engine.open_link()) as link:
        yield link.db


def damaged(whole: bytes, lines: list[bytes], rng: random.Random) -> bytes:
    """A spoilt archive: nine times of ten under a true checksum, else with wrong bytes in what is packed."""
    if rng.random() < 0.9:
        return b"".join(mutated(lines, rng))
    found = bytearray(whole)
    for _ in range(rng.randrange(1, 4)):
        found[rng.randrange(len(found))] = rng.randrange(256)
    return bytes(found[: rng.choice((len(found), rng.randrange(len(found))))])


def fuzz(archive: bytes, empty: Database, inputs: int, seed: int) -> int:
    """Read so many spoilt archives into empty tables; how many were refused."""
    rng = random.Random(seed)
    lines = gzip.decompress(archive).splitlines(keepends=True)
    refused = 0
    for _ in range(inputs):
        given = damaged(archive, lines, rng)
        packed = given[:2] == archive[:2]
        file = cast(BinaryIO, gzip.GzipFile(fileobj=io.BytesIO(given)) if packed else io.BytesIO(given))
        empty.conn.execute("BEGIN")
        problem = ""
        try:
            counts = insert_archive(empty, Path("events.gz"), file)
            held = {table: empty.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}
        except StoreError as error:
            problem = str(error)
        empty.conn.execute("ROLLBACK")
        if problem:
            refused += 1
            assert re.match(r"events.gz |a row of |\w+\.\w+ is ", problem), f"does not say where: {problem}"
        else:
            assert held == counts
    return refused


def test_two_thousand_spoilt_archives_are_read_or_refused(archive: bytes, empty: Database) -> None:
    assert 1_200 < fuzz(archive, empty, 2_000, seed=7) < 2_000


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_a_million_spoilt_archives_are_read_or_refused(archive: bytes, empty: Database, part: int, engine: str) -> None:
    # The archive is read by the same code on both; a server takes twenty times as long to take each of them back.
    inputs = 1_000_000 if engine == "sqlite" else 50_000
    assert fuzz(archive, empty, inputs // PARTS, seed=100 + part) > 0


def test_nothing_of_an_archive_that_is_refused_is_in_the_database(
    archive: bytes, tmp_path: Path, new_address: NewAddress
) -> None:
    rng, path, refused = random.Random(3), tmp_path / "mutated.gz", 0
    lines = gzip.decompress(archive).splitlines(keepends=True)
    with Store.create(new_address("target")) as store:
        for _ in range(30):
            path.write_bytes(gzip.compress(b"".join(mutated(lines, rng)), 1))
            try:
                import_events(store, path)
            except StoreError:
                refused += 1
                assert not any(content(store).values())
            else:
                with store.open_writer() as writer:
                    writer.run(lambda db: [db.conn.execute(f"DELETE FROM {table}") for table in reversed(TABLES)])
    assert refused > 15
