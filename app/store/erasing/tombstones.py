"""Tombstones: who was erased, so that nothing that was on its way can bring them back.

A tombstone is a keyed hash of the visitor id, not the id: whoever reads the database learns neither who was erased nor,
without the key, whether a certain id was. The key lies in a file of its own beside the database. Tasks of the writer
ask `refuse_erased` before they make a row of a visitor; rows that refer to one (slates, events, exclusions) cannot be
made without it.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from app.files import make_private, write_once
from app.store.errors import StoreError, VisitorErasedError

KEY_FILE = "erasure_key"
_FUNCTION = "visitor_digest"
_IS_ERASED = f"SELECT 1 FROM tombstones WHERE digest = {_FUNCTION}(?)"


def erasure_key(database: Path) -> bytes:
    """The key of the tombstones of `database`; made at the first use. Raises StoreError for a file that is damaged."""
    path = database.with_name(KEY_FILE)
    if not path.exists():
        with suppress(FileExistsError):
            write_once(path, secrets.token_hex(32))
    make_private(path)
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read ({error}); put it back from a backup, or remove it") from error
    if len(key) != 32:
        raise StoreError(f"{path} holds {len(key)} bytes and must hold 32; put it back from a backup, or remove it")
    return key


def visitor_digest(key: bytes, visitor_id: str) -> bytes:
    """The keyed BLAKE2b hash of a visitor id, 32 bytes (RFC 7693)."""
    return hashlib.blake2b(visitor_id.encode("utf-8", "surrogatepass"), digest_size=32, key=key).digest()


def register_functions(connection: sqlite3.Connection, key: bytes) -> None:
    """Give a connection the SQL function that hashes visitor ids with `key`."""
    connection.create_function(_FUNCTION, 1, lambda visitor_id: visitor_digest(key, visitor_id), deterministic=True)


def add_tombstone(db: Database, visitor_id: str, erased_at: float) -> None:
    """Remember that a visitor was erased (Unix seconds); from then on `refuse_erased` refuses them."""
    db.conn.execute(
        f"INSERT INTO tombstones (digest, erased_at) VALUES ({_FUNCTION}(?), ?) ON CONFLICT (digest) DO NOTHING",
        (visitor_id, erased_at),
    )


def is_erased(db: Database, visitor_id: str) -> bool:
    """Whether a visitor was erased, for use inside a writer task."""
    return db.conn.execute(_IS_ERASED, (visitor_id,)).fetchone() is not None


def refuse_erased(db: Database, visitor_ids: Iterable[str]) -> None:
    """Raise VisitorErasedError when one of these visitors was erased; the writer then undoes the whole task."""
    for visitor_id in visitor_ids:
        if is_erased(db, visitor_id):
            raise VisitorErasedError


def erased_among_visitors(db: Database) -> list[str]:
    """Ids of stored visitors who were erased once: only a database that is older than the erasure has any."""
    rows = db.conn.execute(
        f"SELECT visitor_id FROM visitors WHERE {_FUNCTION}(visitor_id) IN (SELECT digest FROM tombstones)"
    )
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The digest of an erased visitor's id, and when they were erased, Unix seconds."""

    digest: bytes
    erased_at: float


def read_tombstones(conn: sqlite3.Connection) -> list[Tombstone]:
    """All tombstones of a database."""
    return [Tombstone(row[0], row[1]) for row in conn.execute("SELECT digest, erased_at FROM tombstones")]


def carry_over(db: Database, tombstones: Iterable[Tombstone]) -> None:
    """Add tombstones that were made with the same key in another copy of this database."""
    db.conn.executemany(
        "INSERT INTO tombstones (digest, erased_at) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING",
        [(found.digest, found.erased_at) for found in tombstones],
    )
