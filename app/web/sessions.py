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

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs and reads the cookie."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = SteadySigner
        return serializer


def register(app: Flask) -> None:
    """Use these sessions."""
    app.session_interface = SteadySessions()
