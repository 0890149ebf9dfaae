"""Logins, guesses and presses of a site that several processes serve: kept in their database, with the same faces.

Nothing that could be undone is stored: a token is random, an address is hashed with the site's secret.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from contextlib import suppress
from functools import partial

from app.flywheel import Flywheel
from app.secret import secret_key
from app.store import READ_ERRORS, Database
from app.store.several.kept import drop, keep, keep_first, kept
from app.web.dashboard.admin_sessions import SESSION_S
from app.web.dashboard.guesses import FREE_GUESSES, SECONDS_A_GUESS

_SESSIONS, _GUESSES, _PRESSES = "admin session", "guesses", "press"
_PRESS_S = 24 * 3_600.0


class SharedSessions:
    """Open sessions of the admin, in every process; see `AdminSessions`. A restart ends none."""

    def __init__(self, parts: Flywheel) -> None:
        self._parts = parts

    def open(self, password_mark: str) -> str:
        """A new session, opened with the password of this mark; returns its token."""
        token = secrets.token_urlsafe(32)
        self._parts.writer.run(
            partial(keep, room=_SESSIONS, name=_named(token, password_mark), value="", for_s=float(SESSION_S))
        )
        return token

    def is_open(self, token: object, password_mark: str) -> bool:
        """Whether the session is open, and was opened with the password that holds today; nobody can tell while the
        database does not answer.
        """
        if isinstance(token, str):
            with suppress(*READ_ERRORS):
                return kept(self._parts.store.reader(), _SESSIONS, _named(token, password_mark)) is not None
        return False

    def close(self, token: object, password_mark: str) -> None:
        """End a session for good."""
        if isinstance(token, str):
            self._parts.writer.run(partial(drop, room=_SESSIONS, name=_named(token, password_mark)))


class SharedGuesses:
    """Wrong guesses by who makes them, whichever process they ask; see `GuessLimit`.

    What is kept is the moment at which all guesses are given back.
    """

    def __init__(self, parts: Flywheel) -> None:
        self._parts = parts

    def wait_s(self, who: str) -> float:
        """Seconds until `who` may guess again; 0 for now."""
        found = kept(self._parts.store.reader(), _GUESSES, self._name(who))
        return 0.0 if found is None else max(0.0, found[1] - FREE_GUESSES * SECONDS_A_GUESS)

    def note_wrong(self, who: str) -> None:
        """Count a wrong guess."""
        name = self._name(who)

        def note(db: Database) -> None:
            found = kept(db.conn, _GUESSES, name)
            keep(db, _GUESSES, name, "", (0.0 if found is None else found[1]) + SECONDS_A_GUESS)

        self._parts.writer.run(note)

    def _name(self, who: str) -> str:
        return hmac.digest(secret_key(self._parts.settings).encode(), who.encode(), hashlib.sha256).hex()


class SharedPresses:
    """Presses of buttons, each seen for the first time by one process; see `SeenBefore`."""

    def __init__(self, parts: Flywheel) -> None:
        self._parts = parts

    def seen(self, name: str) -> bool:
        """Whether this press came before; from now on it did."""
        return not self._parts.writer.run(partial(keep_first, room=_PRESSES, name=name, for_s=_PRESS_S))


def _named(token: str, password_mark: str) -> str:
    return hashlib.sha256(f"{token}\n{password_mark}".encode("utf-8", "surrogatepass")).hexdigest()
