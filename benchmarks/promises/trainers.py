"""Two trainers on one folder: one works, the other says who does; when the first is killed, the next takes over."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.settings import Settings, settings_environment
from benchmarks.promises.sites import make_site_folder, wait_until

STARTS_WITHIN_S = 60.0
_STARTED = b"trainer_started"


@dataclass(slots=True)
class Trainers:
    """refused: what those said that came second. takeovers: trainers that went to work after one was killed."""

    started: int = 0
    refused: list[str] = field(default_factory=list)
    takeovers: int = 0


def start_two_and_kill(var: Path, rounds: int) -> Trainers:
    """Start two trainers at once, `rounds` times; kill with SIGKILL the one that works, before the next round."""
    settings = make_site_folder(var)
    found = Trainers()
    for number in range(rounds):
        with _trainer(settings, f"{number}-a") as one, _trainer(settings, f"{number}-b") as other:
            _await_one(one, other)
            working, refused = (one, other) if one.works else (other, one)
            found.started += working.works + refused.works
            found.refused.append(refused.last_line.replace(str(working.process.pid), "PID"))
            found.takeovers += number > 0
            working.process.kill()
            working.process.wait()
    return found


def _await_one(one: _Trainer, other: _Trainer) -> None:
    wait_until("one trainer at work", lambda: one.works or other.works, STARTS_WITHIN_S)
    wait_until("the end of the other", lambda: one.ended or other.ended, STARTS_WITHIN_S)


@dataclass(slots=True)
class _Trainer:
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def works(self) -> bool:
        """Whether it has the lock, by its own words."""
        return _STARTED in self.log.read_bytes()

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.process.poll() is not None

    @property
    def last_line(self) -> str:
        """What it said last."""
        return (self.log.read_text(encoding="utf-8").splitlines() or [""])[-1]


@contextmanager
def _trainer(settings: Settings, name: str) -> Iterator[_Trainer]:
    log = settings.var / f"trainer-{name}.log"
    command = [sys.executable, "-m", "flask", "--app", "app", "trainer"]
    environment = {**os.environ, **settings_environment(settings)}
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, start_new_session=True, stdout=file, stderr=file)
    try:
        yield _Trainer(process, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
