"""One trainer for a database, wherever it runs: a second one is refused, or stands by and takes over."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import app
from app.learn import loop
from app.learn.loop import run_trainer
from app.models.errors import TrainerBusyError
from app.models.publish import read_current
from app.settings import Settings, settings_environment
from app.store import Store, TrainerElsewhereError
from tests.app.learn.traffic import Traffic

BE_THE_TRAINER = """
import sys
from app.models.locks import trainer_lock
from app.settings import load_settings
from app.store import Store
settings = load_settings()
with trainer_lock(settings.var), Store(settings.database) as store:
    right = store.engine.take_trainers_right()
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def data(traffic: Traffic, baseline: object) -> int:
    """Enough to publish from; the last seq."""
    traffic.crowd("holdout", 60, holdout=True)
    return traffic.crowd("visitor", 60)


@contextmanager
def another_trainer(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has the locks of a trainer; it is killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", BE_THE_TRAINER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(app.__file__).parents[1],
        env=settings_environment(settings),
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_who_stands_by_takes_over_when_the_trainer_is_killed(
    settings: Settings, data: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, killed = threading.Event(), threading.Event()

    class Stop(threading.Event):
        """Says that a trainer waits, and lets it wait until the other is dead."""

        def wait(self, timeout: float | None = None) -> bool:
            assert timeout is not None
            assert timeout <= 30, "the promise"
            waits.set()
            return not killed.wait(30) or self.is_set()

    def work() -> None:
        run_trainer(settings, once=True, standby=True, stop=Stop())

    trainer = threading.Thread(target=work)
    with another_trainer(settings) as first:
        trainer.start()
        assert waits.wait(30)
        assert read_current(settings.models_folder) is None
        first.kill()
        first.wait()
        killed.set()
        trainer.join(60)
    current = read_current(settings.models_folder)
    assert current is not None
    assert current.watermark == data


def test_who_is_told_to_end_while_it_stands_by_ends(settings: Settings, store: Store) -> None:
    stop = threading.Event()
    stop.set()
    with another_trainer(settings):
        assert run_trainer(settings, standby=True, stop=stop) is None


@pytest.mark.postgres_only
def test_a_trainer_on_another_host_is_refused_and_told_who_is_first(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    elsewhere = replace(settings, var=tmp_path / "elsewhere")
    elsewhere.var.mkdir()
    with another_trainer(settings) as first:
        with pytest.raises(
            TrainerElsewhereError, match=rf"a trainer is running already \(process {first.pid} on"
        ) as busy:
            run_trainer(elsewhere, once=True)
        assert busy.value.pid == first.pid
        with pytest.raises(TrainerBusyError):
            run_trainer(settings, once=True)


@pytest.mark.postgres_only
def test_a_trainer_whose_connection_was_ended_takes_its_right_again_or_stops(settings: Settings, store: Store) -> None:
    right = store.engine.take_trainers_right()
    end = (
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    store.reader().execute(end)
    right.check()
    store.reader().execute(end)
    with another_trainer(settings), pytest.raises(TrainerElsewhereError):
        right.check()
    right.check()
    right.release()
    assert loop.STANDBY_S <= 30
