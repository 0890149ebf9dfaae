"""What the processes of one site tell each other once a second, beside their requests: calls counted, figures, a crowd.

One commit and one question a process and second, whatever the traffic; a process that is alone does neither.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from flask import Flask

from app.flywheel import Flywheel
from app.settings import Settings
from app.store.several.kept import Keeping, kept_in

KEPT_ROUNDS = 5
"""What was told is believed for so many rounds, unless it is told anew."""
_NAME = "telling"


@dataclass(frozen=True, slots=True)
class Heard:
    """What another process told, and how many seconds ago."""

    value: str
    age_s: float


class Told(Protocol):
    """One thing that processes tell each other.

    room: its own name. every: rounds from one time to the next.
    """

    room: str
    every: int

    def tell(self) -> str:
        """What this process has to say now; empty for nothing."""

    def hear(self, others: Mapping[str, Heard]) -> None:
        """Take up what every other process said last."""


class Telling:
    """What one process tells the others and hears of them; used by one thread."""

    def __init__(self, parts: Flywheel) -> None:
        self._parts = parts
        self._told: list[Told] = []
        self._rounds = 0

    @staticmethod
    def process_name() -> str:
        """How this process is called, where somebody reads it."""
        return f"{socket.gethostname()[:30]}:{os.getpid()}"

    def add(self, told: Told) -> None:
        """Tell, and hear of, one thing more."""
        self._told.append(told)

    def round(self) -> None:
        """Tell and hear once. Raises what a write and a read may raise."""
        opened = self._parts.opened
        if opened is None:
            return
        engine = opened.store.engine
        heard: dict[str, dict[str, Heard]] = {told.room: {} for told in self._told}
        every = {told.room: told.every for told in self._told}
        if not engine.is_alone():
            own = str(engine.identity)
            said = [(told.room, told.tell()) for told in self._told if self._rounds % told.every == 0]
            if said := [(room, value) for room, value in said if value]:
                kept = [(room, value, float(KEPT_ROUNDS * every[room])) for room, value in said]
                opened.writer.run(Keeping(own, kept))
            for room, name, value, left_s in kept_in(opened.store.reader(), list(heard)):
                if name != own:
                    heard[room][name] = Heard(value, max(0.0, KEPT_ROUNDS * every[room] - left_s))
            self._rounds += 1
        for told in self._told:
            told.hear(heard[told.room])


def register(app: Flask) -> None:
    """Nothing where one process serves the site: `telling_of` is None then."""
    settings: Settings = app.config["SETTINGS"]
    if settings.database_url:
        parts: Flywheel = app.extensions["flywheel"]
        telling = Telling(parts)
        app.extensions[_NAME] = telling
        parts.tell_others = telling.round


def telling_of(app: Flask) -> Telling | None:
    """Where an application adds what its process tells others."""
    telling: Telling | None = app.extensions.get(_NAME)
    return telling
