"""A publisher that is killed with SIGKILL, at whatever moment, leaves the old model or the new one in use.

The publisher is a fork of this process, in which everything is imported and warm; the site is played by a watch that
stays alive through all the kills.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.learn.trial import end_trial, start_trial
from app.models.current import CHALLENGER_POINTER, load_current, read_current
from app.models.locks import PUBLISH_LOCK, publish_lock
from app.models.publish import prune_artifacts, recover
from app.models.registry import Registry
from app.models.registry_rows import Step
from app.models.storage import FolderStorage
from app.models.watch import CurrentModelWatch
from app.settings import Settings
from tests.app.learn.versions import add_version, marked_as, publish_version

pytestmark = [
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
    pytest.mark.sqlite_only("models and their registry are files, whatever the events are kept in"),
]

# What the interpreter reports of itself that changes something on disk: each is a moment to die just before.
_MOMENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate", "sqlite3.connect"}
_NEVER = 10**9
_LONGEST_S = 10.0


class _Site:
    """What the web process sees: the version in use after each look."""

    def __init__(self, settings: Settings) -> None:
        self._watch = CurrentModelWatch(FolderStorage(settings.models_folder))
        self.version = 0

    def look(self) -> None:
        news = self._watch.poll()
        if news is not None:
            current, model = news
            assert marked_as(model) == current.version
            assert model.recommend(["item-1"], k=3)
            self.version = current.version


def _publish_one(settings: Settings, registry: Registry) -> None:
    with publish_lock(settings.models_folder):
        publish_version(settings, registry)
        prune_artifacts(settings, registry)


def _try_one(settings: Settings, registry: Registry, outcome: str) -> None:
    """A whole trial: the next version is put on trial, and it ends with `outcome` as its state."""
    with publish_lock(settings.models_folder):
        version = add_version(settings, registry)
        start_trial(registry, version.version, version.created_at, "a test")
        word = "promoted" if outcome == "champion" else outcome
        verdict = Step(version.version, version.created_at, word, "a test", "Decided.")
        end_trial(registry, verdict, outcome)


def _in_child(work: Callable[[], None]) -> int:
    """Run `work` in a fork of this process, which then ends at once; returns the child's pid."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(1)
    return pid


def _end_of(pid: int) -> int:
    """The exit code of a child that ends by itself.

    A fork has the locks that other threads of this process held at that moment, those inside SQLite among them, and
    waits for them for ever. It is killed then, at a moment of its own.
    """
    killer = threading.Timer(_LONGEST_S, os.kill, (pid, signal.SIGKILL))
    killer.start()
    _, status = os.waitpid(pid, 0)
    killer.cancel()
    killer.join()
    return os.waitstatus_to_exitcode(status)


def _die_before(moment: int, folder: Path) -> None:
    """Kill this process just before its `moment`-th change to something in `folder`, counted from 1."""
    left = moment

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event in _MOMENTS and arguments and str(folder) in str(arguments[0]):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def _check_after_death(settings: Settings, registry: Registry, site: _Site, before: int) -> int:
    """Everything is as before or as after a whole publication; returns the version in use."""
    site.look()
    loaded = load_current(settings.models_folder)
    assert loaded is not None
    current, model = loaded
    assert marked_as(model) == current.version == site.version
    assert current.version >= before
    registry.versions()  # the site reads it before any trainer has fixed anything
    with publish_lock(settings.models_folder):
        recover(settings, registry)
        assert recover(settings, registry) == []
    champion = registry.champion()
    assert champion is not None
    assert champion.version == current.version
    assert {row.state for row in registry.versions()} <= {"champion", "challenger", "retired", "refused"}
    hidden = [entry.name for entry in settings.models_folder.iterdir() if entry.name.startswith(".")]
    assert hidden == [PUBLISH_LOCK]
    return current.version


def test_killed_before_any_of_its_steps(settings: Settings, registry: Registry) -> None:
    _publish_one(settings, registry)
    site = _Site(settings)
    version, deaths, moved = 1, 0, 0
    for moment in range(1, 1000):

        def work(moment: int = moment) -> None:
            _die_before(moment, settings.var)
            _publish_one(settings, registry)
            os._exit(0)

        status = _end_of(_in_child(work))
        before, version = version, _check_after_death(settings, registry, site, version)
        moved += version > before
        if status == 0:
            break
        assert status == -signal.SIGKILL
        deaths += 1
    assert deaths >= 20
    assert version > before, "the one that was left alive has published"
    assert 1 < moved < deaths, "some died before the pointer was replaced and some after"


@pytest.mark.parametrize("outcome", ["champion", "refused"])
def test_killed_before_any_step_of_a_trial(settings: Settings, registry: Registry, outcome: str) -> None:
    _publish_one(settings, registry)
    site, challengers = _Site(settings), CurrentModelWatch(FolderStorage(settings.models_folder), CHALLENGER_POINTER)
    version, deaths, left_on_trial = 1, 0, 0
    for moment in range(1, 1000):

        def work(moment: int = moment) -> None:
            _die_before(moment, settings.var)
            _try_one(settings, registry, outcome)
            os._exit(0)

        status = _end_of(_in_child(work))
        news = challengers.poll()  # the site sees the pointer before anybody has fixed anything: whole, or not at all
        assert news is None or marked_as(news[1]) == news[0].version
        pointer, on_trial = read_current(settings.models_folder, CHALLENGER_POINTER), registry.challenger()
        version = _check_after_death(settings, registry, site, version)
        fixed = read_current(settings.models_folder, CHALLENGER_POINTER)
        if on_trial is not None and version != on_trial.version:
            left_on_trial += 1
            assert fixed is not None
            assert (fixed.version, fixed.checksum) == (on_trial.version, on_trial.checksum)
            with publish_lock(settings.models_folder):
                ended = Step(on_trial.version, 0.0, "retired", "a test", "Over.")
                end_trial(registry, ended, "retired")
        else:
            assert fixed is None, f"what was left over of {pointer} goes"
        assert read_current(settings.models_folder, CHALLENGER_POINTER) is None
        if status == 0:
            break
        assert status == -signal.SIGKILL
        deaths += 1
    assert deaths >= 20
    assert 1 < left_on_trial < deaths, "some died before the trial was on, some while it was"
    assert (registry.versions(1)[0].state) == outcome


def test_killed_at_fifty_random_moments(settings: Settings, registry: Registry) -> None:
    _publish_one(settings, registry)
    site = _Site(settings)
    started = time.perf_counter()
    _publish_one(settings, registry)
    one_publication_s = time.perf_counter() - started
    rng = np.random.default_rng(5)
    version = 2
    for _ in range(50):
        reading, writing = os.pipe()

        def work(told: int = writing) -> None:
            for _ in range(_NEVER):
                os.write(told, b".")
                _publish_one(settings, registry)

        pid = _in_child(work)
        for _ in range(int(rng.integers(1, 4))):  # it has begun its first publication, its second or its third
            if select.select([reading], [], [], _LONGEST_S)[0]:
                os.read(reading, 1)
        signal.sigtimedwait([], float(rng.uniform(0.0, one_publication_s)))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(reading)
        os.close(writing)
        version = _check_after_death(settings, registry, site, version)
    assert version > 25, "two of three children live for a publication and more"
