"""Signatures with a time in them that a clock set back does not break."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Literal, overload

from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer

MAX_AHEAD_S = 2 * 24 * 3600
"""How far ahead of the clock a signature may be. It was made here, so a clock that was a day ahead made it."""


class SteadySigner(TimestampSigner):
    """A signer for which age 0 and an age a little below 0 are the same: clocks are corrected, and run apart."""

    @overload
    def unsign(
        self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: Literal[False] = False
    ) -> bytes: ...

    @overload
    def unsign(
        self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: Literal[True] = True
    ) -> tuple[bytes, datetime]: ...

    def unsign(
        self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: bool = False
    ) -> bytes | tuple[bytes, datetime]:
        """The value, checked. Raises BadSignature, and SignatureExpired for an age above `max_age` (seconds)."""
        value, made_at = super().unsign(signed_value, max_age=None, return_timestamp=True)
        age_s = self.get_timestamp() - int(made_at.timestamp())
        if max_age is not None and not -MAX_AHEAD_S <= age_s <= max_age:
            raise SignatureExpired(f"the signature is {age_s} s old and may be {max_age}", value, made_at)
        return (value, made_at) if return_timestamp else value


def steady_serializer(secret: str, salt: str) -> URLSafeTimedSerializer:
    """Signs JSON values for a cookie; `salt` says what for. Reading raises itsdangerous.BadData."""
    options: dict[str, Any] = {
        "signer": SteadySigner,
        "signer_kwargs": {"digest_method": hashlib.sha256},
        # Cookies that were signed before are read as well: a visitor who has one is still the same visitor.
        "fallback_signers": [{"digest_method": hashlib.sha1}],
    }
    return URLSafeTimedSerializer(secret, salt=salt, **options)


def serializer_of_version_0_1(secret: str, salt: str) -> URLSafeTimedSerializer:
    """Reads what version 0.1 signed and nothing that was signed since: later versions sign with another digest."""
    options: dict[str, Any] = {"signer": SteadySigner, "signer_kwargs": {"digest_method": hashlib.sha1}}
    return URLSafeTimedSerializer(secret, salt=salt, **options)
