"""The trainer's process: a step every few seconds until it is told to end."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

import structlog

from app.learn.trainer import StepReport, Trainer
from app.learn.training_state import Progress
from app.measure.evaluation.gate import SIGNED, SignOff
from app.models.config import als_config
from app.models.errors import RegistryError, StorageUnavailableError, TrainerBusyError
from app.models.locks import trainer_lock
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store, TrainerElsewhereError
from app.store.engines.connection import TrainersRight

STANDBY_S = 5.0
"""How often a trainer that stands by looks whether it is needed."""
MAX_REST_S = 60.0
"""Longest rest, doubled each time, before a storage of models that cannot be had is tried again."""
MAX_FAILURES = 5
"""Steps that may fail one after the other, such as on a full disk, before the trainer gives up."""

_log = structlog.get_logger(__name__)


class _EndedError(Exception):
    """A full fit was left because the process was told to end."""


def run_trainer(
    settings: Settings,
    *,
    once: bool = False,
    until_watermark: int | None = None,
    on_progress: Progress | None = None,
    stop: threading.Event | None = None,
    standby: bool = False,
    sign_off: Callable[[], SignOff] = lambda: SIGNED,
) -> StepReport | None:
    """Train until SIGTERM, SIGINT or `stop`; returns the last step's report, None when told to end within the first.

    once: learn everything there is, put it before the gate, and return. until_watermark: return when every change up to
    that event seq has been before the gate. standby: where another trainer is at work, wait and take over from it.
    sign_off: whether the use case is signed, asked at each judgement.
    Raises TrainerBusyError or TrainerElsewhereError when another trainer is at work, NotInitialisedError without an
    event database, SettingError for settings that cannot be trained with, and what went wrong when steps keep failing.
    """
    stop = stop or threading.Event()

    def show(sweep: int, sweeps: int) -> None:
        if stop.is_set():
            raise _EndedError
        if on_progress is not None:
            on_progress(sweep, sweeps)

    als_config(settings)  # settings that the library refuses are refused before anything is read
    with ExitStack() as held:
        held.enter_context(_ends_on_signal(stop))
        store = held.enter_context(Store(settings.database))
        right = _be_the_one(settings, store, held, stop if standby else None)
        if right is None:
            return None
        store.reader()
        registry = Registry(settings, store.reader)
        trainer = Trainer(settings, store, registry, on_progress=show, sign_off=sign_off)
        _log.info("trainer_started", events=store.name, models=registry.storage.name)
        report = None
        failures = outages = 0
        while not stop.is_set():
            try:
                right.check()
                report = trainer.step(force=once)
                failures = 0
                _tell(report)
                if outages or report.candidate is not None:
                    _note_trouble(registry, None)
                outages = 0
            except _EndedError:
                break
            except TrainerElsewhereError:
                raise
            except StorageUnavailableError as error:
                if once:
                    raise
                outages += 1
                _log.error("model_not_kept", error=str(error), outages=outages)
                _note_trouble(registry, error.to_strangers)
                stop.wait(min(settings.update_interval_s * 2**outages, MAX_REST_S))
                continue
            except Exception as error:
                failures += 1
                if once or failures >= MAX_FAILURES:
                    raise
                _log.error("trainer_step_failed", error=str(error), failures=failures)
            if report and (once or (until_watermark is not None and report.settled >= until_watermark)):
                break
            stop.wait(settings.update_interval_s)
        _log.info("trainer_ended", watermark=report and report.watermark)
        return report


def _be_the_one(
    settings: Settings, store: Store, held: ExitStack, standby: threading.Event | None
) -> TrainersRight | None:
    """Take the locks that one trainer has, for as long as `held` lasts; None when told to end while waiting for them.

    standby: told to wait until they are free, and what ends that. Raises TrainerBusyError and TrainerElsewhereError.
    """
    while True:
        with ExitStack() as taken:
            try:
                taken.enter_context(trainer_lock(settings.var))
                right = store.engine.take_trainers_right()
                taken.callback(right.release)
            except (TrainerBusyError, TrainerElsewhereError) as busy:
                if standby is None:
                    raise
                _log.info("trainer_stands_by", reason=str(busy))
            else:
                held.enter_context(taken.pop_all())
                return right
        if standby.wait(STANDBY_S):
            return None


@contextmanager
def _ends_on_signal(stop: threading.Event) -> Iterator[None]:
    """Let SIGTERM and SIGINT set `stop` for the time of the block; outside the main thread signals are left alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _note_trouble(registry: Registry, said: str | None) -> None:
    """Let the site say why no model comes. Where the registry cannot be written either, the site knows by itself."""
    try:
        registry.note_trouble(time.time(), said)
    except RegistryError as error:
        _log.warning("trouble_not_noted", error=str(error))


def _tell(report: StepReport) -> None:
    for sentence in report.fixed:
        _log.warning("fixed", what=sentence)
    if report.decided is not None:
        _log.info("trial_ended", version=report.decided.version, verdict=report.decided.verdict)
    learned = report.learned
    if learned.added or learned.withdrawn or learned.rebuilt:
        _log.info(
            "learned",
            watermark=report.watermark,
            read=learned.read,
            added=learned.added,
            withdrawn=learned.withdrawn,
            rows=report.rows,
            rebuilt=learned.rebuilt,
            seconds=round(report.seconds, 3),
        )
    version = report.candidate
    if version is not None:
        _log.info(
            {"champion": "model_published", "challenger": "trial_started"}.get(version.state, "model_refused"),
            version=version.version,
            kind=version.kind,
            watermark=version.watermark,
            rows=version.rows,
            verdict=version.verdict,
        )
