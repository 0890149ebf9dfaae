"""Query parameters of the API: read with their bounds, every wrong one named with its value and the fix."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from werkzeug.datastructures import MultiDict

from app.web.problems import refuse

_SHOWN = 200


class Arguments:
    """Reads parameters one by one and gathers what is wrong; `check` then answers 400 with all of it."""

    def __init__(self, given: MultiDict[str, str]) -> None:
        self._given = given
        self._asked: list[str] = []
        self._errors: list[dict[str, Any]] = []
        self._clashes = 0

    def integer(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        text = self._text(name)
        if text is None:
            return default
        # int() also takes "1_0", " 1" and digits of other scripts; a parameter is plain decimal.
        plain = text.removeprefix("-")
        if plain.isascii() and plain.isdigit() and len(plain) <= 12 and least <= int(text) <= most:
            return int(text)
        self._wrong(name, text, f"must be a whole number from {least} to {most}")
        return default

    def choice(self, name: str, allowed: Collection[str]) -> str | None:
        """One of the allowed words, or None when not given."""
        text = self._text(name)
        if text is None or text in allowed:
            return text
        self._wrong(name, text, f"must be one of {', '.join(allowed)}")
        return None

    def words(self, name: str, most: int) -> str | None:
        """Free text of at most `most` characters; None when not given or blank."""
        text = self._text(name)
        if text is not None and len(text) > most:
            self._wrong(name, text, f"must be at most {most} characters, not {len(text)}")
        return text.strip() or None if text else None

    def ids(self, name: str, most: int) -> list[str] | None:
        """Ids separated by commas, at most `most`; None when not given."""
        text = self._text(name)
        if text is None:
            return None
        ids = [part.strip() for part in text.split(",") if part.strip()]
        if len(ids) > most:
            self._wrong(name, text, f"must be at most {most} ids separated by commas, not {len(ids)}")
        return ids

    def clash(self, name: str, other: str) -> None:
        """Say that two parameters were given that exclude each other: each is right by itself."""
        self._clashes += 1
        self._wrong(name, self._given.get(name, ""), f"cannot be given together with {other}; leave one out")

    def check(self) -> None:
        """Answer 400 when anything was wrong, unknown or given twice, and 409 when things exclude each other."""
        for name in self._given:
            if name not in self._asked:
                known = ", ".join(self._asked) or "none"
                self._wrong(name, self._given[name], f"is not a parameter here; known are: {known}")
            elif len(self._given.getlist(name)) > 1:
                self._wrong(name, ", ".join(self._given.getlist(name)), "must be given once")
        if self._errors:
            first = self._errors[0]
            status = 409 if self._clashes == len(self._errors) else 400
            refuse(status, f"{first['parameter']} = {first['value']!r} {first['detail']}", self._errors)

    def _text(self, name: str) -> str | None:
        self._asked.append(name)
        return self._given.get(name)

    def _wrong(self, name: str, value: str, detail: str) -> None:
        self._errors.append({"parameter": name[:_SHOWN], "detail": detail, "value": value[:_SHOWN]})
