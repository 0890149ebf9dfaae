"""Processes of one site have the same keys and assign visitors alike.

A cookie that one signs the others read, whoever is erased stays so, and nobody's arm depends on whom they met first.
"""

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
            f"another process serves this database with other keys than those of {settings.var}, or assigns visitors "
            f"otherwise: share that folder, or give every host its file {KEY_FILE} and the same secret_key, "
            "admin_password and api_key; and give all the same experiment, control_share and holdout_share. Others "
            f"than before may be given {_HELD_S:.0f} s after the last process ended that had those"
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
    """Of all of it, by the key of erased visitors, which nobody knows who reads the database."""
    keys = (secret_key(settings), admin_password(settings), api_key(settings))
    assigned = (settings.experiment, repr(settings.control_share), repr(settings.holdout_share))
    text = "\n".join((*keys, *assigned))
    return hmac.digest(erasure_key(settings.var / KEY_FILE), text.encode(), hashlib.sha256).hex()
