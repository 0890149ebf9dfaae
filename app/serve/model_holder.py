"""The model in use: one reference, swapped whole while requests go on with the one they started with."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from app.models.publish import CurrentModelWatch
from recommender import ArtifactError, FactorModel

_log = structlog.get_logger(__name__)


def _nothing_more(model: FactorModel) -> None:
    """What is prepared where nobody asks for anything."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A published model as the web process holds it. loaded_at is in Unix seconds."""

    version: int
    model: FactorModel
    loaded_at: float


class ModelHolder:
    """Looks for a newly published model and swaps it in; a broken one leaves the old in place and is remembered."""

    def __init__(
        self,
        watch: CurrentModelWatch,
        poll_s: float,
        now: Callable[[], float] = time.time,
        challenger_watch: CurrentModelWatch | None = None,
    ) -> None:
        self._watch = watch
        self._challenger_watch = challenger_watch
        self._challenger: ServedModel | None = None
        self._poll_s = poll_s
        self._now = now
        self._served: ServedModel | None = None
        self._prepare: Callable[[FactorModel], None] = _nothing_more
        self._stop = threading.Event()
        self._poll_lock = threading.Lock()
        self.problem: str | None = None
        self._thread = threading.Thread(target=self._keep_polling, name="model-watch", daemon=True)

    @property
    def served(self) -> ServedModel | None:
        """The model in use, or None. Read it once a request, so that a page is ranked by one model."""
        return self._served

    @property
    def challenger(self) -> ServedModel | None:
        """The model on trial beside the one in use, or None."""
        return self._challenger

    def start(self, prepare: Callable[[FactorModel], None] = _nothing_more) -> None:
        """Load what is published now, then look for news from a thread of its own, away from any request.

        `prepare` gets every model before the first visitor does.
        """
        self._prepare = prepare
        self.poll()
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def poll(self) -> None:
        """Swap in a newly published model, if there is one, and follow the beginnings and ends of trials."""
        with self._poll_lock:
            self._poll_champion()
            self._poll_challenger()

    def _poll_champion(self) -> None:
        try:
            news = self._watch.poll()
        except ArtifactError as error:
            self.problem = str(error)
            _log.error("model_not_loaded", problem=self.problem, still_serving=self._served and self._served.version)
            return
        if news is None:
            return
        current, model = news
        self._warm(model)
        self._served = ServedModel(current.version, model, self._now())
        self.problem = None
        _log.info("model_swapped", version=current.version, watermark=current.watermark)

    def _poll_challenger(self) -> None:
        """Take up the model on trial. One that cannot be loaded is as good as none: pages then show the champion's."""
        watch = self._challenger_watch
        if watch is None:
            return
        if not watch.exists():
            if self._challenger is not None:
                _log.info("trial_ended", challenger=self._challenger.version)
            self._challenger = None
            return
        try:
            news = watch.poll()
        except ArtifactError as error:
            self._challenger = None
            _log.error("challenger_not_loaded", problem=str(error))
            return
        if news is not None:
            current, model = news
            self._warm(model)
            self._challenger = ServedModel(current.version, model, self._now())
            _log.info("trial_started", challenger=current.version)

    def _warm(self, model: FactorModel) -> None:
        """Load kernels, touch mapped pages and prepare: better here than in a visitor's request."""
        model.recommend(model.item_ids[:2], k=1)
        self._prepare(model)

    def _keep_polling(self) -> None:
        while not self._stop.wait(self._poll_s):
            self.poll()
