"""API keys: which programs may act for the site's visitors and catalog, known by a hash, compared in constant time.

The key of the site itself is a setting or a file of its own and may do everything. Further keys, each with a name and a
few scopes, stand in one file beside the databases, so that they are made and revoked while the site runs.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from app.files import waiting_lock, write_file
from app.secret import SecretError, api_key
from app.settings import KEY_HASH_PREFIX, Settings

READ = "read"
"""Scope: ask for recommendations of any visitor."""
EVENTS = "events"
"""Scope: record what any visitor did."""
HISTORY = "history"
"""Scope: record what any visitor did before now, at the time that is told."""
CATALOG = "catalog"
"""Scope: add, change and remove items."""
VISITORS = "visitors"
"""Scope: read, merge and erase the data of any visitor."""
SIMULATE = "simulate"
"""Scope: mark new visitors as simulated."""
SCOPES = (READ, EVENTS, HISTORY, CATALOG, VISITORS, SIMULATE)

KEYS_FILE = "api-keys.json"
"""File in the var folder that holds the named keys: of each a hash, never the key."""
SITE_KEY = "site"
"""Name of the key that may do everything."""
FRESH_S = 0.25
"""For how long a site goes by the keys that it read last. Whoever revokes one waits as long."""
_LOCK_FILE = ".api-keys.lock"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DIGEST_BYTES = hashlib.sha256().digest_size

_log = structlog.get_logger(__name__)


class KeyNameError(ValueError):
    """There is no key of this name, or there is one already, or the name cannot be one."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key by its name, the SHA-256 of its text, what it may do, and when it was made (Unix seconds).

    Raises ValueError for an unknown scope and for a digest of another length.
    """

    name: str
    digest: bytes
    scopes: frozenset[str]
    made_at: float = 0.0

    def __post_init__(self) -> None:
        unknown = sorted(self.scopes - set(SCOPES))
        if unknown:
            raise ValueError(f"scope {unknown[0]!r} of key {self.name!r} must be one of {', '.join(SCOPES)}")
        if len(self.digest) != _DIGEST_BYTES:
            raise ValueError(f"the digest of key {self.name!r} has {len(self.digest)} bytes; a SHA-256 has 32")


class KeyRing:
    """The keys that a site knows: fixed ones, and those of a file, which is read again when it was changed.

    Whether it was is asked at most every `FRESH_S`, and at once for a key that is not known: to look at a file in every
    request gives the interpreter away each time.
    """

    def __init__(
        self, keys: Iterable[ApiKey], file: Path | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """clock: seconds that only go forward."""
        self._fixed = tuple(keys)
        self._file = file
        self._clock = clock
        self._looked_at = -math.inf
        self._named: tuple[ApiKey, ...] = ()
        self._seen: tuple[int, ...] | None = None
        self._lock = threading.Lock()
        self._reread()

    def find(self, given: str) -> ApiKey | None:
        """The key with this text, or None; takes the same time whatever part of the text is right."""
        digest = _digest(given)
        found = None
        if self._clock() - self._looked_at < FRESH_S:
            found = _with_digest((*self._fixed, *self._named), digest)
        return found or _with_digest((*self._fixed, *self._reread()), digest)

    def _reread(self) -> tuple[ApiKey, ...]:
        """The named keys of now. A file that cannot be read gives none: a revoked key must not come back by damage."""
        if self._file is None:
            return ()
        with self._lock:
            looked_at = self._clock()
            state = _state(self._file)
            if state != self._seen:
                try:
                    self._named = tuple(read_keys(self._file))
                except SecretError as error:
                    self._named = ()
                    _log.error("keys.unreadable", detail=str(error))
                self._seen = state
            self._looked_at = looked_at
            return self._named


def site_keys(settings: Settings) -> KeyRing:
    """The keys of a site: its own, the setting `api_key` or the file made in its place, and the named ones."""
    kept = api_key(settings)
    hashed = kept.startswith(KEY_HASH_PREFIX)
    digest = bytes.fromhex(kept.removeprefix(KEY_HASH_PREFIX)) if hashed else _digest(kept)
    return KeyRing([ApiKey(SITE_KEY, digest, frozenset(SCOPES))], settings.var / KEYS_FILE)


def read_keys(file: Path) -> list[ApiKey]:
    """The named keys in a file, oldest first; none when there is no file. Raises SecretError for a damaged one."""
    try:
        rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["keys"]
        return [
            ApiKey(row["name"], bytes.fromhex(row["sha256"]), frozenset(row["scopes"]), float(row["made_at"]))
            for row in rows
        ]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise SecretError(
            f"{file} cannot be read ({error!r}); put it back from a backup, or remove it and make new keys"
        ) from error


def add_key(var: Path, name: str, scopes: Iterable[str], now: float | None = None) -> str:
    """Make a key and return its text, which is kept nowhere. now: Unix seconds, the clock's when not given.

    Raises KeyNameError for a name that is taken or cannot be one, ValueError for an unknown scope or none at all, and
    SecretError for a damaged file.
    """
    wanted = frozenset(scopes)
    if not _NAME.fullmatch(name):
        raise KeyNameError(f"name {name[:80]!r} must be 1 to 64 letters, digits, dots, dashes and underscores")
    if not wanted:
        raise ValueError(f"key {name!r} needs a scope: {', '.join(SCOPES)}")
    text = secrets.token_urlsafe(32)
    made = ApiKey(name, _digest(text), wanted, time.time() if now is None else now)
    with waiting_lock(var / _LOCK_FILE):
        keys = read_keys(var / KEYS_FILE)
        if name in {SITE_KEY, *(key.name for key in keys)}:
            raise KeyNameError(f"there is a key {name!r} already; revoke it first, or choose another name")
        _write(var / KEYS_FILE, [*keys, made])
    return text


def revoke_key(var: Path, name: str, wait: Callable[[float], None] = time.sleep) -> None:
    """Take a key away; once this returns, a running site refuses it. wait: waits so many seconds.

    Raises KeyNameError when there is none of this name, and SecretError for a damaged file.
    """
    with waiting_lock(var / _LOCK_FILE):
        keys = read_keys(var / KEYS_FILE)
        left = [key for key in keys if key.name != name]
        if len(left) == len(keys):
            names = ", ".join(key.name for key in keys) or "none"
            raise KeyNameError(f"there is no key {name[:80]!r}; there are: {names}")
        _write(var / KEYS_FILE, left)
    wait(FRESH_S)


def _with_digest(keys: Iterable[ApiKey], digest: bytes) -> ApiKey | None:
    """The key of this digest; every key is compared, whichever it is."""
    found = None
    for key in keys:
        if hmac.compare_digest(key.digest, digest):
            found = key
    return found


def _write(file: Path, keys: Iterable[ApiKey]) -> None:
    rows = [
        {"name": key.name, "sha256": key.digest.hex(), "scopes": sorted(key.scopes), "made_at": key.made_at}
        for key in keys
    ]
    write_file(file, json.dumps({"keys": rows}, indent=1) + "\n")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _state(file: Path) -> tuple[int, ...] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
