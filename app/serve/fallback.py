"""A first model for the time when no published one is usable: made of recent clicks, and anew now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from app.catalog.attributes import item_attributes
from app.models.first_model import RECENT_INTERACTIONS, FirstModel, first_model
from app.settings import Settings
from app.store import Store
from app.store.items import all_items
from app.visitors.contribution import contribution_rules, recent_training_rows

_REBUILD_AFTER_S = 30.0
_REST_FOR_COST = 20.0  # so many times what the last one cost: making models must not take a site's processors

_log = structlog.get_logger(__name__)


class FirstModelFallback:
    """The second link of the chain. None until there are clicks to learn from."""

    def __init__(self, store: Store, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._model: FirstModel | None = None
        self._rest_s = _REBUILD_AFTER_S
        self._built_at: float | None = None
        self._building = threading.Lock()

    def model(self) -> FirstModel | None:
        """A model of the newest clicks, half a minute old, or twenty times what it costs.

        Only the first page waits for it; later ones get the older model while a new one is made beside them.
        """
        if self._built_at is None:
            with self._building:
                if self._built_at is None:
                    self._rebuild()
        elif self._clock() - self._built_at > self._rest_s and self._building.acquire(blocking=False):
            older = self._model  # read before the thread starts: it may be done sooner than this page goes on
            threading.Thread(target=self._rebuild_beside, name="first-model", daemon=True).start()
            return older
        return self._model

    def _rebuild(self) -> None:
        started = self._clock()
        self._model = self._build()
        self._built_at = self._clock()
        self._rest_s = max(_REBUILD_AFTER_S, _REST_FOR_COST * (self._built_at - started))

    def _rebuild_beside(self) -> None:
        try:
            self._rebuild()
        except Exception as error:
            _log.warning("first_model_not_rebuilt", reason=str(error))
            self._built_at = self._clock()  # the older model stays; a page asks again once it is too old again
        finally:
            self._building.release()

    def _build(self) -> FirstModel | None:
        rows = recent_training_rows(self._store, contribution_rules(self._settings), RECENT_INTERACTIONS)
        if not rows:
            return None
        return first_model(rows.values(), item_attributes(all_items(self._store.reader())), self._settings)
