"""The cookie that makes a browser the same visitor again: the visitor's id, signed."""

from __future__ import annotations

from itsdangerous import BadData, URLSafeTimedSerializer

COOKIE_NAME = "visitor"
COOKIE_MAX_AGE_S = 400 * 24 * 3600
_SALT = "flywheel-visitor"


class VisitorCookie:
    """Reads and writes the value of the visitor cookie. Raises ValueError when `secret` is empty."""

    def __init__(self, secret: str, max_age_s: int = COOKIE_MAX_AGE_S) -> None:
        if not secret:
            raise ValueError("the secret that signs cookies is empty; give the setting secret_key")
        self._serializer = URLSafeTimedSerializer(secret, salt=_SALT)
        self._max_age_s = max_age_s

    def write(self, visitor_id: str) -> str:
        """The cookie value for a visitor."""
        return str(self._serializer.dumps(visitor_id))

    def read(self, cookie_value: str | None) -> str | None:
        """The visitor id in a cookie value; None when there is none, or it is forged, broken or expired."""
        if not cookie_value:
            return None
        try:
            visitor_id = self._serializer.loads(cookie_value, max_age=self._max_age_s)
        except BadData:
            return None
        return visitor_id if isinstance(visitor_id, str) and visitor_id else None
