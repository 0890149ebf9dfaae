"""Secrets: from the settings, or made once and kept beside the databases, readable by their owner only."""

from __future__ import annotations

import hmac
import secrets
from contextlib import suppress
from pathlib import Path

from werkzeug.security import check_password_hash

from app.files import make_private, make_private_folder, write_once
from app.settings import SettingError, Settings

SECRET_KEY_FILE = "secret_key"
"""File in the var folder that keeps the signing key which was made because none was set."""
ADMIN_PASSWORD_FILE = "admin-password"
"""File in the var folder that keeps the password which was made because none was set."""
API_KEY_FILE = "api-key"
"""File in the var folder that keeps the API key which was made because none was set."""
_HASH_METHODS = ("scrypt:", "pbkdf2:")


class SecretError(SettingError):
    """The file of a secret is empty or cannot be read."""


def secret_key(settings: Settings) -> str:
    """The signing key. Made with 256 random bits on first use and readable by its owner only.

    Raises SecretError, as all functions here, when the file is empty or cannot be read.
    """
    return settings.secret_key or _made_once(settings.var / SECRET_KEY_FILE, secrets.token_hex(32))


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
    make_private_folder(path.parent)
    if not path.exists():
        with suppress(FileExistsError):  # another process was first: its secret counts
            write_once(path, fresh)
    make_private(path)
    try:
        kept = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"{path} cannot be read ({error}); put it back, or remove it to get a new one") from error
    if not kept:
        raise SecretError(f"{path} is empty; put it back, or remove it to get a new one")
    return kept
