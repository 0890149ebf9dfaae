"""Secrets: from the settings, or made once and kept beside the databases, readable by their owner only."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from werkzeug.security import check_password_hash

from app.settings import Settings

ADMIN_PASSWORD_FILE = "admin-password"
"""File in the var folder that keeps the password which was made because none was set."""
API_KEY_FILE = "api-key"
"""File in the var folder that keeps the API key which was made because none was set."""
_HASH_METHODS = ("scrypt:", "pbkdf2:")


def secret_key(settings: Settings) -> str:
    """The signing key. Made with 256 random bits on first use and readable by its owner only."""
    return settings.secret_key or _made_once(settings.var / "secret_key", secrets.token_hex(32))


def admin_password(settings: Settings) -> str:
    """The password of the dashboard's buttons, or a Werkzeug hash of it. Made with 96 random bits on first use."""
    return settings.admin_password or _made_once(settings.var / ADMIN_PASSWORD_FILE, secrets.token_urlsafe(12))


def api_key(settings: Settings) -> str:
    """The key with which programs act for visitors, or its hash. Made with 256 random bits on first use."""
    return settings.api_key or _made_once(settings.var / API_KEY_FILE, secrets.token_urlsafe(32))


def password_hint(settings: Settings) -> str:
    """Where whoever may have the password finds it."""
    if settings.admin_password:
        return "the password set as FLYWHEEL_ADMIN_PASSWORD"
    return f"the password in {settings.var / ADMIN_PASSWORD_FILE}"


def is_admin_password(settings: Settings, given: str) -> bool:
    """Whether `given` opens the dashboard's buttons; takes the same time whatever part of it is right."""
    kept = admin_password(settings)
    if kept.startswith(_HASH_METHODS):
        return check_password_hash(kept, given)
    return hmac.compare_digest(kept.encode(), given.encode())


def _made_once(path: Path, fresh: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(fresh)
    return fresh
