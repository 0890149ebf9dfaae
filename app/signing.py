"""Signatures with a time in them that a clock set back does not break."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal, NamedTuple, overload

from itsdangerous import BadPayload, BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import want_bytes

from app.values.kept import keep_answers

MAX_AHEAD_S = 2 * 24 * 3600
"""How far ahead of the clock a signature may be. It was made here, so a clock that was a day ahead made it."""
_KEPT = 20_000
"""Texts of which it is known that their signature is right."""


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
        self.check_age(value, made_at, int(made_at.timestamp()), max_age)
        return (value, made_at) if return_timestamp else value

    def check_age(self, value: bytes, made_at: datetime, made_s: int, max_age: int | None) -> None:
        """Raise SignatureExpired for a value that was signed more than `max_age` seconds ago, None for any age.

        made_s: the same moment in Unix seconds, which is dear to work out.
        """
        age_s = self.get_timestamp() - made_s
        if max_age is not None and not -MAX_AHEAD_S <= age_s <= max_age:
            raise SignatureExpired(f"the signature is {age_s} s old and may be {max_age}", value, made_at)


class _Checked(NamedTuple):
    """What is signed, and when it was. payload: what it says, if that is a text, which nobody can change."""

    value: bytes
    made_at: datetime
    made_s: int
    payload: str | None


class SteadySerializer(URLSafeTimedSerializer):
    """Signs by `SteadySigner`. A signature that is right stays so, and a browser sends the same cookie with every
    request: of texts that were read lately only the age is checked again.
    """

    def __init__(self, secret_key: Any, **options: Any) -> None:
        super().__init__(secret_key, signer=SteadySigner, **options)
        self._checked = keep_answers(self._check, _KEPT)
        self._clock = SteadySigner(secret_key)

    def loads(  # type: ignore[override]  # it takes what that of `TimedSerializer` takes
        self,
        s: str | bytes,
        max_age: int | None = None,
        return_timestamp: bool = False,
        salt: str | bytes | None = None,
    ) -> Any:
        """See `TimedSerializer.loads`."""
        checked = self._checked(want_bytes(s), salt)
        self._clock.check_age(checked.value, checked.made_at, checked.made_s, max_age)
        payload = self.load_payload(checked.value) if checked.payload is None else checked.payload
        return (payload, checked.made_at) if return_timestamp else payload

    def _check(self, text: bytes, salt: str | bytes | None) -> _Checked:
        """Raises BadSignature, which is not kept."""
        wrong = BadSignature("nothing signs it")
        for signer in self.iter_unsigners(salt):
            try:
                value, made_at = signer.unsign(text, return_timestamp=True)
            except BadSignature as error:
                wrong = error
                continue
            text_of = None
            with suppress(BadPayload):  # `loads` raises it, of what is not too old
                payload = self.load_payload(value)
                text_of = payload if type(payload) is str else None
            return _Checked(value, made_at, int(made_at.timestamp()), text_of)
        raise wrong


def steady_serializer(secret: str, salt: str) -> URLSafeTimedSerializer:
    """Signs JSON values for a cookie; `salt` says what for. Reading raises itsdangerous.BadData."""
    options: dict[str, Any] = {
        "signer_kwargs": {"digest_method": hashlib.sha256},
        # Cookies that were signed before are read as well: a visitor who has one is still the same visitor.
        "fallback_signers": [{"digest_method": hashlib.sha1}],
    }
    return SteadySerializer(secret, salt=salt, **options)


def serializer_of_version_0_1(secret: str, salt: str) -> URLSafeTimedSerializer:
    """Reads what version 0.1 signed and nothing that was signed since: later versions sign with another digest."""
    return SteadySerializer(secret, salt=salt, signer_kwargs={"digest_method": hashlib.sha1})
