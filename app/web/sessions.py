"""The signed session cookie of forms, which a clock set back does not end."""

from __future__ import annotations

import hashlib

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from app.signing import SteadySerializer


class SteadySessions(SecureCookieSessionInterface):
    """Flask's own sessions, with signatures that tolerate a clock set back."""

    digest_method = staticmethod(hashlib.sha256)

    def __init__(self) -> None:
        self._made: tuple[object, URLSafeTimedSerializer | None] | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs and reads the cookie; made once for a secret key, as every request asks for it."""
        made = self._made
        if made is None or made[0] != app.secret_key:
            plain = super().get_signing_serializer(app)
            made = self._made = app.secret_key, None if plain is None else _steady(plain)
        return made[1]

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of a request. One without its cookie has none, as most of the API's: there is nothing to read."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


def _steady(plain: URLSafeTimedSerializer) -> SteadySerializer:
    """What signs as another serializer does."""
    return SteadySerializer(
        plain.secret_keys, salt=plain.salt, serializer=plain.serializer, signer_kwargs=plain.signer_kwargs
    )


def register(app: Flask) -> None:
    """Use these sessions."""
    app.session_interface = SteadySessions()
