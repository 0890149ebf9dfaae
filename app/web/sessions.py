"""The signed session cookie of forms, which a clock set back does not end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer

from app.signing import SteadySerializer


class UnreadSession(SecureCookieSession):
    """A session that is read when somebody asks for it, which a request's context notes by setting `accessed`."""

    def __init__(self, read: Callable[[], Mapping[str, Any] | None]) -> None:
        super().__init__()
        self._read: Callable[[], Mapping[str, Any] | None] | None = read

    @property
    def accessed(self) -> bool:
        """Whether somebody asked for it."""
        return self._read is None

    @accessed.setter
    def accessed(self, value: bool) -> None:
        read, self._read = self._read, None
        if read is not None:
            self.update(read() or {})
            self.modified = False


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
        """The session of a request. One without its cookie has none, as most of the API's: there is nothing to read.
        Of the rest of the API's, few ask for theirs, which says whether the admin calls.
        """
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        if request.path.startswith("/api/"):
            return UnreadSession(lambda: super(SteadySessions, self).open_session(app, request))
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Hand out the cookie of a session that was changed. There is nothing to do for one that nobody asked for."""
        if session.accessed or session.modified:
            super().save_session(app, session, response)


def _steady(plain: URLSafeTimedSerializer) -> SteadySerializer:
    """What signs as another serializer does."""
    return SteadySerializer(
        plain.secret_keys, salt=plain.salt, serializer=plain.serializer, signer_kwargs=plain.signer_kwargs
    )


def register(app: Flask) -> None:
    """Use these sessions."""
    app.session_interface = SteadySessions()
