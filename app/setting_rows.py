"""One row of the settings: a default with its unit, help and bounds, and what a text must be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import Field, field
from pathlib import Path
from typing import Any

POSTGRES_SCHEMES = ("postgresql://", "postgres://")
KEY_HASH_PREFIX = "sha256:"
"""Begins an API key that is given as the hexadecimal SHA-256 of itself."""
SECRETS = frozenset({"secret_key", "admin_password", "api_key", "alert_webhook", "database_url"})
"""Settings whose values are never shown."""
_HOST = re.compile(r"(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?")
_ACCOUNT = re.compile(r"@|:(?!//)")
_LEAST_KEY = 20
_LEAST_PASSWORD = 8


class SettingError(ValueError):
    """A setting has an unknown name or a value of the wrong kind."""


def setting(
    default: Any,
    unit: str,
    help: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    check: Callable[[str], str | None] | None = None,
) -> Any:
    """A row: numbers have both bounds; of a text, `check` says what it must be where it is not."""
    return field(
        default=default, metadata={"unit": unit, "help": help, "minimum": minimum, "maximum": maximum, "check": check}
    )


def rate(text: str) -> str | None:
    """What a rate of calls must be, or None where `text` is one."""
    from limits import parse_many  # here, as the library behind it is for the web and settings are for everybody

    try:
        allowed = [rate.amount for rate in parse_many(text)]
    except ValueError:
        allowed = []
    return None if allowed and min(allowed) > 0 else "a rate such as '1200 per minute' or '20/second;500/hour'"


def password(text: str) -> str | None:
    """What a password must be, or None."""
    if text.startswith(("scrypt:", "pbkdf2:")):
        from werkzeug.security import check_password_hash  # here, as in `rate`

        try:
            whole = text.count("$") == 2 and all(text.split("$"))
            if whole:
                check_password_hash(text, "")
        except ValueError:  # a method with parameters that nothing can be hashed by
            whole = False
        return None if whole else "a whole hash, as werkzeug.security.generate_password_hash makes it"
    filled = len(text.strip()) >= _LEAST_PASSWORD
    return None if filled else f"at least {_LEAST_PASSWORD} characters that are not blank, better 15"


def hosts(text: str) -> str | None:
    """What names of hosts must be, where they are not."""
    names = text.replace(",", " ").split()
    return None if all(map(_HOST.fullmatch, names)) else "names of hosts such as 'cdn.example.com *.example.org'"


def not_blank(text: str) -> str | None:
    """What a text that says something must be, or None."""
    return None if text.strip() else "at least one character that is not blank"


def key(text: str) -> str | None:
    """What an API key or its hash must be, or None."""
    if text.startswith(KEY_HASH_PREFIX):
        hashed = re.fullmatch("[0-9a-fA-F]{64}", text.removeprefix(KEY_HASH_PREFIX))
        return None if hashed else f"{KEY_HASH_PREFIX} and 64 hexadecimal digits"
    return (
        None
        if len(text.strip()) >= _LEAST_KEY
        else f"at least {_LEAST_KEY} characters; `openssl rand -hex 32` makes a key"
    )


def url(text: str) -> str | None:
    """What an address on the web must be, or None."""
    return None if re.fullmatch(r"https?://[^\s/]+\S*", text) else "an address that begins with http:// or https://"


def origins(text: str) -> str | None:
    """What a list of websites must be, or None."""
    one = r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?"
    fits = re.fullmatch(f"{one}(,{one})*", text)
    return None if fits else "websites such as https://shop.example, separated by commas, without paths and spaces"


def database_url(text: str) -> str | None:
    """What the address of a database server must be, or None."""
    return None if text.startswith(POSTGRES_SCHEMES) else "an address that begins with postgresql://"


_NEVER_SHARED = frozenset({"memory", "local", "cached", "dir", "data", "reference", "http", "https", "ftp"})
"""Schemes of fsspec that only this process sees, that others are behind, or that cannot be written."""


def artifacts(text: str) -> str | None:
    """What a place that hosts share must be, or None."""
    scheme, mark, rest = text.partition("://")
    if not mark:
        fits = Path(text).is_absolute() and len(Path(text).parts) > 1
    elif scheme.lower() == "file":
        fits = len(Path(rest).parts) > 1 and rest.startswith("/")
    else:
        bucket = rest.partition("/")[0]
        fits = bool(re.fullmatch("[a-z][a-z0-9+.-]*", scheme)) and bool(bucket) and "::" not in text and "?" not in text
        fits = fits and not any(part in {"", ".", ".."} for part in rest.rstrip("/").split("/"))
        fits = fits and scheme not in _NEVER_SHARED and not _ACCOUNT.search(rest)
    return None if fits else "s3://bucket/prefix or the whole path of a folder; an account comes from the environment"


def log_format(text: str) -> str | None:
    """What the format of logs must be, or None."""
    return None if text in {"text", "json"} else "text or json"


def boolean(value: Any) -> bool:
    """What a text says of yes and no. Raises ValueError where it says neither."""
    text = str(value).strip().lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise ValueError(value)


def converted(row: Field[Any], value: Any) -> Any:
    """The value of a row as its kind. Raises SettingError, naming the setting, for one that does not fit."""
    kind = str(row.type)
    if kind == "str":
        if isinstance(value, bool | list | dict):
            raise SettingError(f"setting {row.name} = {value!r} is not of kind str: {row.metadata['help']}")
        return _checked_text(row, str(value))
    try:
        if kind.startswith("Path"):
            return None if value is None else Path(value)
        if kind == "bool":
            return boolean(value)
        if isinstance(value, bool):  # which Python takes for 0 and 1
            raise ValueError
        if kind == "int":
            converted: Any = int(value)
            if isinstance(value, float) and value != converted:
                raise ValueError
        else:
            converted = float(value)
            if converted != converted:
                raise ValueError
    except (TypeError, ValueError, OverflowError) as error:
        raise SettingError(f"setting {row.name} = {value!r} is not of kind {kind}: {row.metadata['help']}") from error
    minimum, maximum = row.metadata["minimum"], row.metadata["maximum"]
    if (minimum is not None and converted < minimum) or (maximum is not None and converted > maximum):
        bounds = f"at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
        raise SettingError(f"setting {row.name} = {value!r} must be {bounds}")
    return converted


def _checked_text(row: Field[Any], text: str) -> str:
    check = row.metadata["check"]
    wanted = check(text) if check is not None and text != row.default else None
    if any("\ud800" <= character <= "\udfff" for character in text):
        wanted = "text in UTF-8"
    if wanted is not None:
        shown = "(secret)" if row.name in SECRETS or (row.name == "artifacts" and _ACCOUNT.search(text)) else repr(text)
        raise SettingError(f"setting {row.name} = {shown} must be {wanted}")
    return text
