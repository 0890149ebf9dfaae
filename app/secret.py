"""The key that signs cookies: from the settings, or made once and kept beside the databases."""

from __future__ import annotations

import os
import secrets

from app.settings import Settings


def secret_key(settings: Settings) -> str:
    """The signing key. Made with 256 random bits on first use and readable by its owner only."""
    if settings.secret_key:
        return settings.secret_key
    settings.var.mkdir(parents=True, exist_ok=True)
    path = settings.var / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_hex(32)
        file.write(key)
    return key
