"""The token of forms, masked anew for every answer, so that the size of a compressed page tells nothing of it."""

from __future__ import annotations

import binascii
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from flask import Flask, current_app, session
from flask_wtf.csrf import CSRFProtect, generate_csrf
from itsdangerous import URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode

_FIELD, _SALT = "csrf_token", "wtf-csrf-token"
"""Of Flask-WTF: where the session keeps its token, and what goes into its signature."""


class MaskedTokens(CSRFProtect):  # type: ignore[misc]
    """Flask-WTF's protection, for tokens that `masked_token` made.

    A page is compressed together with what an address may put into it, such as a search text. Whoever can make a
    browser ask again and again, and sees how long answers are, could otherwise find a token that stays the same, letter
    by letter (BREACH). A mask of random bytes makes each answer's token another text.
    """

    def init_app(self, app: Flask) -> None:
        """Protect an application, and give its templates `csrf_token`."""
        super().init_app(app)
        app.jinja_env.globals["csrf_token"] = masked_token
        app.context_processor(lambda: {"csrf_token": masked_token})  # the library's own gives the token as it is

    def _get_csrf_token(self) -> str | None:
        return unmasked(super()._get_csrf_token())


def masked_token() -> str:
    """The session's token under a mask of its length, which stands before it."""
    token = _signed_token().encode("ascii")
    mask = secrets.token_bytes(len(token))
    return urlsafe_b64encode(mask + _xor(token, mask)).decode("ascii")


def _signed_token() -> str:
    """The session's token as `generate_csrf` signs it, but for its attempt to compress forty random letters, whose
    buffers cost more than all else of it.
    """
    token = session.get(_FIELD)
    if not isinstance(token, str):
        return str(generate_csrf())
    return str(_Uncompressed(current_app.secret_key or "", salt=_SALT).dumps(token))


class _Uncompressed(URLSafeTimedSerializer):
    """Writes what `URLSafeTimedSerializer` reads."""

    def dump_payload(self, obj: Any) -> bytes:
        return base64_encode(json.dumps(obj))


def unmasked(text: str | None) -> str | None:
    """The token under a mask; None for a text that holds none."""
    try:
        raw = urlsafe_b64decode((text or "").encode("ascii"))
        half = len(raw) // 2
        return _xor(raw[half:], raw[:half]).decode("ascii") or None if len(raw) == 2 * half else None
    except (binascii.Error, ValueError):
        return None


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))
