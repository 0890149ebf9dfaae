"""Tombstones: who was erased, so that nothing that was on its way can bring them back.

A tombstone is a keyed hash of the visitor id, not the id: whoever reads the database learns neither who was erased nor,
without the key, whether a certain id was. The key lies in a file of its own beside the database. Tasks of the writer
ask `refuse_erased` before they make a row of a visitor; rows that refer to one (slates, events, exclusions) cannot be
made without it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from app.files import make_private, write_once
from app.store.engines import Connection, Database
from app.store.errors import StoreError, VisitorErasedError

KEY_FILE = "erasure_key"


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


class _KnowsKey(Protocol):
    """A connection that writes."""

    erasure_key: bytes


def _key_of(db: Database) -> bytes:
    return cast(_KnowsKey, db.conn).erasure_key


def add_tombstone(db: Database, visitor_id: str, erased_at: float) -> None:
    """Remember that a visitor was erased (Unix seconds); from then on `refuse_erased` refuses them."""
    db.conn.execute(
        "INSERT INTO tombstones (digest, erased_at) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING",
        (visitor_digest(_key_of(db), visitor_id), erased_at),
    )


def is_erased(db: Database, visitor_id: str) -> bool:
    """Whether a visitor was erased, for use inside a writer task."""
    digest = visitor_digest(_key_of(db), visitor_id)
    return db.conn.execute("SELECT 1 FROM tombstones WHERE digest = ?", (digest,)).fetchone() is not None


def refuse_erased(db: Database, visitor_ids: Iterable[str]) -> None:
    """Raise VisitorErasedError when one of these visitors was erased; the writer then undoes the whole task."""
    for visitor_id in visitor_ids:
        if is_erased(db, visitor_id):
            raise VisitorErasedError


def erased_among_visitors(db: Database) -> list[str]:
    """Ids of stored visitors who were erased once: only a database that is older than the erasure has any."""
    digests = {found.digest for found in read_tombstones(db.conn)}
    if not digests:
        return []
    key = _key_of(db)
    visitor_ids = [row[0] for row in db.conn.execute("SELECT visitor_id FROM visitors")]
    return [visitor_id for visitor_id in visitor_ids if visitor_digest(key, visitor_id) in digests]


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The digest of an erased visitor's id, and when they were erased, Unix seconds."""

    digest: bytes
    erased_at: float


def read_tombstones(conn: Connection) -> list[Tombstone]:
    """All tombstones of a database."""
    return [Tombstone(row[0], row[1]) for row in conn.execute("SELECT digest, erased_at FROM tombstones")]


def carry_over(db: Database, tombstones: Iterable[Tombstone]) -> None:
    """Add tombstones that were made with the same key in another copy of this database."""
    db.conn.executemany(
        "INSERT INTO tombstones (digest, erased_at) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING",
        [(found.digest, found.erased_at) for found in tombstones],
    )
