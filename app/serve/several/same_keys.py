"""Processes of one site have the same keys: a cookie that one signs others read, and whoever is erased stays so."""

from __future__ import annotations

import hashlib
import hmac

from app.secret import admin_password, api_key, secret_key
from app.settings import Settings
from app.store import Database, Store, StoreError, Writer
from app.store.erasing.tombstones import KEY_FILE, erasure_key
from app.store.several.kept import keep, kept

CHECK_EVERY_S = 20.0
_HELD_S = 60.0
_ROOM, _NAME = "site", "keys"


class OtherKeysError(StoreError):
    """Another process serves the same database with other keys."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            f"another process serves this database with other keys than those of {settings.var}: share that folder, or "
            f"give every host its file {KEY_FILE} and the same settings secret_key, admin_password and api_key. New "
            f"keys hold {_HELD_S:.0f} s after the last process ended that had the old ones"
        )


def refuse_other_keys(store: Store, settings: Settings) -> None:
    """Raise OtherKeysError where another process lives that has other keys."""
    _refuse(settings, kept(store.reader(), _ROOM, _NAME))


def hold_keys(writer: Writer, settings: Settings) -> None:
    """Let others know for a while which keys the site has. Raises OtherKeysError where they are others."""

    def hold(db: Database) -> None:
        _refuse(settings, kept(db.conn, _ROOM, _NAME))
        keep(db, _ROOM, _NAME, _fingerprint(settings), _HELD_S)

    writer.run(hold)


def _refuse(settings: Settings, found: tuple[str, float] | None) -> None:
    if found is not None and found[0] != _fingerprint(settings):
        raise OtherKeysError(settings)


def _fingerprint(settings: Settings) -> str:
    """Of all keys, by the one of erased visitors, which nobody knows who reads the database."""
    keys = "\n".join((secret_key(settings), admin_password(settings), api_key(settings)))
    return hmac.digest(erasure_key(settings.var / KEY_FILE), keys.encode(), hashlib.sha256).hex()
