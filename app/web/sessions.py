"""The signed session cookie of forms, which a clock set back does not end."""

from __future__ import annotations

import hashlib

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from app.signing import SteadySigner


class SteadySessions(SecureCookieSessionInterface):
    """Flask's own sessions, with signatures that tolerate a clock set back."""

    digest_method = staticmethod(hashlib.sha256)

    def __init__(self) -> None:
        self._made: tuple[object, URLSafeTimedSerializer | None] | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs and reads the cookie; made once for a secret key, as every request asks for it."""
        made = self._made
        if made is None or made[0] != app.secret_key:
            serializer = super().get_signing_serializer(app)
            if serializer is not None:
                serializer.signer = SteadySigner
            made = self._made = app.secret_key, serializer
        return made[1]


def register(app: Flask) -> None:
    """Use these sessions."""
    app.session_interface = SteadySessions()
