"""The cookie that makes a browser the same visitor again: the visitor's id, signed."""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadData, URLSafeTimedSerializer

from app.signing import serializer_of_version_0_1, steady_serializer

COOKIE_NAME = "visitor"


def cookie_name(secure: bool) -> str:
    """The cookie's name; over HTTPS with the prefix that keeps other hosts from setting it (RFC 6265bis)."""
    return f"__Host-{COOKIE_NAME}" if secure else COOKIE_NAME


COOKIE_MAX_AGE_S = 400 * 24 * 3600
_SALT = "flywheel-visitor"


@dataclass(frozen=True, slots=True)
class SignedVisitor:
    """What a cookie says: whose it is, and when it was handed out (Unix seconds)."""

    visitor_id: str
    signed_at: float


class VisitorCookie:
    """Reads and writes the value of the visitor cookie. Raises ValueError when `secret` is empty."""

    def __init__(self, secret: str, max_age_s: int = COOKIE_MAX_AGE_S) -> None:
        if not secret:
            raise ValueError("the secret that signs cookies is empty; give the setting secret_key")
        self._serializer = steady_serializer(secret, _SALT)
        self._earlier = serializer_of_version_0_1(secret, _SALT)
        self._max_age_s = max_age_s

    def write(self, visitor_id: str) -> str:
        """The cookie value for a visitor."""
        return str(self._serializer.dumps(visitor_id))

    def read(self, cookie_value: str | None) -> str | None:
        """The visitor id in a cookie value; None when there is none, or it is forged, broken or expired."""
        signed = self.open(cookie_value)
        return None if signed is None else signed.visitor_id

    def open(self, cookie_value: str | None) -> SignedVisitor | None:
        """The visitor id in a cookie value, and when it was signed; None where `read` gives None."""
        return self._opened(self._serializer, cookie_value)

    def open_earlier(self, cookie_value: str | None) -> SignedVisitor | None:
        """What a cookie of version 0.1 says; None for one that was signed since, and where `open` gives None.

        Behind TLS that version's cookies have a name that other hosts of the domain can set. Cookies of today are not
        taken under it, so that nobody who comes today can make another browser a visitor of theirs.
        """
        return self._opened(self._earlier, cookie_value)

    def _opened(self, serializer: URLSafeTimedSerializer, cookie_value: str | None) -> SignedVisitor | None:
        if not cookie_value:
            return None
        try:
            visitor_id, made_at = serializer.loads(cookie_value, max_age=self._max_age_s, return_timestamp=True)
        except BadData:
            return None
        if not isinstance(visitor_id, str) or not visitor_id:
            return None
        return SignedVisitor(visitor_id, made_at.timestamp())
