"""The model in use: one reference, swapped whole while requests go on with the one they started with."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from app.models.publish import CurrentModelWatch
from app.store import said_to_strangers
from recommender import ArtifactError, FactorModel

_log = structlog.get_logger(__name__)


def _nothing_more(model: FactorModel) -> None:
    """What is prepared where nobody asks for anything."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A published model as the web process holds it. loaded_at is in Unix seconds.

    watermark: the newest event that it has learned from.
    """

    version: int
    model: FactorModel
    loaded_at: float
    watermark: int = 0


class ModelHolder:
    """Looks for a newly published model and swaps it in; a broken one leaves the old in place and is remembered."""

    def __init__(
        self,
        watch: CurrentModelWatch,
        now: Callable[[], float] = time.time,
        challenger_watch: CurrentModelWatch | None = None,
    ) -> None:
        self._watch = watch
        self._challenger_watch = challenger_watch
        self._challenger: ServedModel | None = None
        self._now = now
        self._served: ServedModel | None = None
        self._prepare: Callable[[FactorModel], None] = _nothing_more
        self._poll_lock = threading.Lock()
        self.problem: str | None = None

    @property
    def served(self) -> ServedModel | None:
        """The model in use, or None. Read it once a request, so that a page is ranked by one model."""
        return self._served

    @property
    def challenger(self) -> ServedModel | None:
        """The model on trial beside the one in use, or None."""
        return self._challenger

    def prepare_with(self, prepare: Callable[[FactorModel], None]) -> None:
        """Hand every model to `prepare` before the first visitor gets it."""
        self._prepare = prepare

    def poll(self) -> None:
        """Swap in a newly published model, if there is one, and follow the beginnings and ends of trials.

        A model that is damaged is named in `problem`; whatever else goes wrong is named there and raised. Either is
        tried again at a later poll, and pages go on with the model that there is.
        """
        with self._poll_lock:
            try:
                self._poll_champion()
            finally:
                self._poll_challenger()

    def _poll_champion(self) -> None:
        try:
            news = self._watch.poll()
            if news is None:
                return
            current, model = news
            self._warm(model)
        except ArtifactError as error:
            self.problem = said_to_strangers(error)
            _log.error("model_not_loaded", problem=str(error), still_serving=self._served and self._served.version)
            return
        except Exception as error:
            self._watch.forget()
            self.problem = f"the model could not be read: {type(error).__name__}: {said_to_strangers(error)}"
            raise
        self._served = ServedModel(current.version, model, self._now(), current.watermark)
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
            watch.forget()  # it may come back as it was: a folder that was away, a version on trial again
            return
        try:
            news = watch.poll()
            if news is None:
                return
            current, model = news
            self._warm(model)
        except ArtifactError as error:
            self._challenger = None
            _log.error("challenger_not_loaded", problem=str(error))
        except Exception:
            self._challenger = None
            watch.forget()
            raise
        else:
            self._challenger = ServedModel(current.version, model, self._now(), current.watermark)
            _log.info("trial_started", challenger=current.version)

    def _warm(self, model: FactorModel) -> None:
        """Load kernels, touch mapped pages and prepare: better here than in a visitor's request."""
        model.recommend(model.item_ids[:2], k=1)
        self._prepare(model)
