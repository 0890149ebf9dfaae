"""API keys: which programs may act for visitors of the site, known by a hash and compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from app.secret import api_key
from app.settings import KEY_HASH_PREFIX, Settings

ACT_FOR_VISITORS = "act-for-visitors"
"""Scope: read, write and erase the data of any visitor."""
SIMULATE = "simulate"
"""Scope: mark new visitors as simulated."""
SCOPES = frozenset({ACT_FOR_VISITORS, SIMULATE})


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key by its name, the SHA-256 of its text, and what it may do. Raises ValueError for an unknown scope."""

    name: str
    digest: bytes
    scopes: frozenset[str]

    def __post_init__(self) -> None:
        unknown = sorted(self.scopes - SCOPES)
        if unknown:
            raise ValueError(f"scope {unknown[0]!r} of key {self.name!r} must be one of {', '.join(sorted(SCOPES))}")
        if len(self.digest) != hashlib.sha256().digest_size:
            raise ValueError(f"the digest of key {self.name!r} has {len(self.digest)} bytes; a SHA-256 has 32")


class KeyRing:
    """The keys that a site knows."""

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        self._keys = tuple(keys)

    def find(self, given: str) -> ApiKey | None:
        """The key with this text, or None; takes the same time whatever part of the text is right."""
        digest = hashlib.sha256(given.encode("utf-8", "surrogatepass")).digest()
        found = None
        for key in self._keys:
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found


def site_keys(settings: Settings) -> KeyRing:
    """The keys of a site: one, the setting `api_key` or the file made in its place, which may do everything."""
    kept = api_key(settings)
    hashed = kept.startswith(KEY_HASH_PREFIX)
    digest = bytes.fromhex(kept.removeprefix(KEY_HASH_PREFIX)) if hashed else hashlib.sha256(kept.encode()).digest()
    return KeyRing([ApiKey("site", digest, SCOPES)])
