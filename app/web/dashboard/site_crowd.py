"""The crowd of simulated visitors of a site that several processes serve: one at a time, whichever process sent it.

It is a process beside the one that a button reached. The others see that it is there, and can send it home.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Protocol

from flask import Flask, current_app

from app.flywheel import Flywheel
from app.store import Database
from app.store.several.kept import drop, keep, keep_first, kept
from app.web.telling import Heard, telling_of

_THERE, _GO_HOME = "crowd", "crowd, go home"
_SITE = "site"
_BELIEVED_S = 5.0
_NAME = "site_crowd"


class SiteCrowd(Protocol):
    """What buttons do with a crowd; see `Crowd`."""

    @property
    def running(self) -> bool:
        """Whether a crowd is on the site."""

    def send(self, site: str, visitors: int, fans_of: str | None = None) -> bool:
        """Let visitors browse the site; False when a crowd is there already."""

    def stop(self) -> None:
        """Send the crowd home."""


class SharedCrowd:
    """At most one crowd of all processes. It is told of and heard of as `app.web.telling.Told`."""

    room = _GO_HOME
    every = 1

    def __init__(self, parts: Flywheel) -> None:
        self._parts = parts
        self._elsewhere = False

    @property
    def running(self) -> bool:
        """Whether a crowd is on the site, as this process knows: of another process it hears within two seconds."""
        return self._parts.crowd.running or self._elsewhere

    def send(self, site: str, visitors: int, fans_of: str | None = None) -> bool:
        """See `Crowd.send`; False also where another process has sent one."""
        if self._parts.crowd.running or not self._parts.writer.run(self._claim):
            return False
        return self._parts.crowd.send(site, visitors, fans_of)

    def stop(self) -> None:
        """Send the crowd home; one of another process goes within two seconds."""
        self._parts.crowd.stop()
        self._elsewhere = False
        self._parts.writer.run(self._send_home)

    def tell(self) -> str:
        """Nothing by itself: while a crowd of this process is there, that it is kept on record."""
        if self._parts.crowd.running:
            self._parts.writer.run(partial(keep, room=_THERE, name=_SITE, value=self._own, for_s=_BELIEVED_S))
        return ""

    def hear(self, others: Mapping[str, Heard]) -> None:
        """See whether a crowd of another process is there, and whether this one's was sent home."""
        if self._parts.store.engine.is_alone():
            self._elsewhere = False
            return
        conn = self._parts.store.reader()
        if self._parts.crowd.running and kept(conn, _GO_HOME, self._own) is not None:
            self._parts.crowd.stop()
            self._parts.writer.run(self._forget)
        there = kept(conn, _THERE, _SITE)
        self._elsewhere = there is not None and there[0] != self._own

    @property
    def _own(self) -> str:
        return str(self._parts.store.engine.identity)

    def _claim(self, db: Database) -> bool:
        drop(db, _GO_HOME, self._own)
        if keep_first(db, _THERE, _SITE, _BELIEVED_S):
            keep(db, _THERE, _SITE, self._own, _BELIEVED_S)
            return True
        there = kept(db.conn, _THERE, _SITE)
        return there is not None and there[0] == self._own  # one of this process that has gone by itself

    def _send_home(self, db: Database) -> None:
        there = kept(db.conn, _THERE, _SITE)
        if there is not None and there[0] != self._own:
            keep(db, _GO_HOME, there[0], "", _BELIEVED_S)
        else:
            drop(db, _THERE, _SITE)

    def _forget(self, db: Database) -> None:
        drop(db, _GO_HOME, self._own)
        drop(db, _THERE, _SITE)


def register(app: Flask) -> None:
    """Where processes tell each other, one crowd is the site's."""
    telling = telling_of(app)
    if telling is not None:
        crowd = SharedCrowd(app.extensions["flywheel"])
        app.extensions[_NAME] = crowd
        telling.add(crowd)


def site_crowd() -> SiteCrowd:
    """The crowd of the site."""
    parts: Flywheel = current_app.extensions["flywheel"]
    crowd: SiteCrowd = current_app.extensions.get(_NAME) or parts.crowd
    return crowd
