"""The trainer's process: alone, ending when told, going on when a step fails."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from typing import TextIO, cast

import pytest

from app.learn.loop import MAX_FAILURES, run_trainer
from app.learn.progress import fit_progress
from app.models.errors import TrainerBusyError
from app.models.locks import trainer_lock
from app.models.publish import read_current
from app.settings import SettingError, Settings
from app.store import NotInitialisedError
from tests.app.learn.traffic import Traffic


@pytest.fixture
def data(traffic: Traffic, baseline: object) -> int:
    """Enough to publish from; the last seq."""
    traffic.crowd("holdout", 60, holdout=True)
    return traffic.crowd("visitor", 60)


def test_once_learns_publishes_and_ends(settings: Settings, data: int) -> None:
    report = run_trainer(settings, once=True)
    assert report is not None
    assert report.settled == data
    assert read_current(settings.models_folder) is not None


def test_it_ends_when_everything_up_to_a_watermark_was_judged(settings: Settings, data: int) -> None:
    report = run_trainer(settings, until_watermark=data)
    assert report is not None
    assert report.watermark == report.settled == data


def test_a_second_trainer_is_refused_and_told_who_is_first(settings: Settings) -> None:
    settings.var.mkdir(exist_ok=True)
    with (
        trainer_lock(settings.var),
        pytest.raises(TrainerBusyError, match=rf"a trainer is running already \(process {os.getpid()},") as refusal,
    ):
        run_trainer(settings, once=True)
    assert refusal.value.pid == os.getpid()
    with trainer_lock(settings.var):
        pass


def test_settings_that_cannot_be_trained_with_are_named(settings: Settings) -> None:
    with pytest.raises(SettingError, match="regularization"):
        run_trainer(replace(settings, regularization=0.0), once=True)


@pytest.mark.sqlite_only("is about a file that is not there")
def test_without_a_database_it_says_what_to_run(settings: Settings) -> None:
    with pytest.raises(NotInitialisedError, match="flask init-db"):
        run_trainer(settings, once=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.usefixtures("data")
def test_a_signal_ends_it_even_within_a_fit_and_leaves_the_handlers_as_they_were(
    settings: Settings, number: signal.Signals
) -> None:
    before = signal.getsignal(number)
    sweeps = []

    def end_after_the_first(sweep: int, _: int) -> None:
        sweeps.append(sweep)
        os.kill(os.getpid(), number)

    assert run_trainer(settings, on_progress=end_after_the_first) is None
    assert sweeps == [1]
    assert signal.getsignal(number) is before
    assert read_current(settings.models_folder) is None


@pytest.mark.usefixtures("data")
def test_it_gives_up_after_failing_again_and_again(settings: Settings) -> None:
    settings.models_folder.write_text("in the way", encoding="utf-8")
    with pytest.raises(OSError, match="models"):
        run_trainer(settings, stop=_CountingEvent(MAX_FAILURES + 2))


class _CountingEvent(threading.Event):
    """An event that counts waits and ends the test when there are too many."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._left = most

    def wait(self, timeout: float | None = None) -> bool:
        self._left -= 1
        assert self._left > 0, "it should have given up"
        return super().wait(0)


class _Screen:
    """A stream that keeps what is written."""

    def __init__(self, *, terminal: bool) -> None:
        self.written = ""
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def write(self, text: str) -> int:
        self.written += text
        return len(text)

    def flush(self) -> None: ...


def test_progress_is_one_line_on_a_terminal_and_a_few_elsewhere() -> None:
    for terminal, newlines in ((True, 1), (False, 4)):
        screen = _Screen(terminal=terminal)
        show = fit_progress(cast(TextIO, screen))
        for sweep in range(1, 13):
            show(sweep, 12)
        assert screen.written.count("\n") == newlines
        assert screen.written.endswith("sweep 12 of 12\n")
