"""The trainer's disk fills up while it learns: the published model stays whole, and learning goes on by itself."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from app.cli.demo import flask_command
from app.models.current import load_current
from app.models.locks import publish_lock
from app.models.publish import recover
from app.models.registry import Registry
from app.settings import Settings, settings_environment
from benchmarks.promises.beside import Beside
from benchmarks.promises.disk import Disk, compile_disk
from benchmarks.promises.kills import item_ids
from benchmarks.promises.senders import MAX_PROBLEMS, Senders
from benchmarks.promises.sites import Site, wait_until
from benchmarks.site.running import benchmark_settings

FAULTS = {"disk full": errno.ENOSPC, "disk read-only": errno.EROFS, "disk failing": errno.EIO}
PUBLISHES_WITHIN_S = 600.0
"""A trainer rests after a candidate in proportion to what it took, and the first, which compiles, may take a minute of
a crowded machine."""
_REFUSED_WRITES = 3
_START_AGAIN_AFTER_S = 1.0


@dataclass(slots=True)
class TrainerOutages:
    """versions: judged before the first fault and after each. starts: of the trainer, by a supervisor.

    loads: of what is published, all the time. damaged: loads that failed, in words. fixed: what a later trainer found
    to put right at the end.
    """

    versions: list[int] = field(default_factory=list)
    starts: int = 0
    loads: int = 0
    refused_writes: int = 0
    damaged: list[str] = field(default_factory=list)
    fixed: list[str] = field(default_factory=list)


def fail_under_trainer(folder: Path, seconds: float) -> TrainerOutages:
    """Let every write of the trainer fail for `seconds` at a time, for each kind of fault, while visitors click."""
    changes = {"update_interval_s": 0.2, "publish_min_events": 20, "publish_max_wait_s": 1.0, "trust_after_s": 0.0}
    settings = benchmark_settings((folder / "var").absolute(), **changes)
    for words in (("seed", "--visitors", "200"), ("baseline",)):
        flask_command(settings, *words)
    disk = Disk(compile_disk(folder), f"{settings.var}/", folder / "disk")
    found = TrainerOutages()
    with (
        Site(settings),
        Senders(settings, item_ids(), count=2, pause_s=0.2),
        _Supervised(settings, disk, found),
        _Loading(settings, found),
    ):
        found.versions.append(_next_version(settings, 0))
        for number in FAULTS.values():
            refused = disk.refused
            disk.fail(number)
            wait_until("a write that fails", lambda: disk.refused >= refused + _REFUSED_WRITES, PUBLISHES_WITHIN_S)  # noqa: B023
            time.sleep(seconds)
            disk.fail(0)
            found.versions.append(_next_version(settings, found.versions[-1]))
    found.refused_writes = disk.refused
    with publish_lock(settings.models_folder):
        registry = Registry(settings)
        recover(settings, registry)
        found.fixed = recover(settings, registry)
    return found


def _next_version(settings: Settings, before: int) -> int:
    """The first version above `before` that was judged, published or refused by the gate; waits for it."""

    def newest() -> int:
        judged = (row.version for row in Registry(settings).versions(10) if row.state != "candidate")
        return max(judged, default=0)

    wait_until(f"a version after {before}", lambda: newest() > before, PUBLISHES_WITHIN_S)
    return newest()


class _Supervised(Beside):
    """A trainer that is started again whenever it ends."""

    def __init__(self, settings: Settings, disk: Disk, found: TrainerOutages) -> None:
        self._environment = {**os.environ, **settings_environment(settings), **disk.environment()}
        self._log = settings.var / "trainer.log"
        self._found = found
        super().__init__(self._supervise)

    def _supervise(self) -> None:
        command = [sys.executable, "-m", "flask", "--app", "app", "trainer"]
        while not self._stop.is_set():
            with self._log.open("ab") as log:
                trainer = subprocess.Popen(
                    command, env=self._environment, start_new_session=True, stdout=log, stderr=log
                )
            self._found.starts += 1
            while trainer.poll() is None and not self._stop.wait(0.1):
                pass
            if trainer.poll() is None:
                trainer.kill()
                trainer.wait()
            self._stop.wait(_START_AGAIN_AFTER_S)


class _Loading(Beside):
    """Loads what is published all the time, as a site that starts would."""

    def __init__(self, settings: Settings, found: TrainerOutages) -> None:
        self._folder = settings.models_folder
        self._found = found
        super().__init__(self._load)

    def _load(self) -> None:
        while not self._stop.wait(0.02):
            if not self._folder.is_dir():
                continue
            try:
                self._found.loads += load_current(self._folder) is not None
            except Exception as error:
                if len(self._found.damaged) < MAX_PROBLEMS:
                    self._found.damaged.append(repr(error))
