"""Item-to-item neighbours for the time when no ALS model is usable: built from recent clicks, rebuilt now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from app.store import Store
from app.visitors.contribution import ContributionRules, recent_training_rows
from recommender import Interactions, ItemToItemModel

RECENT_INTERACTIONS = 20_000
"""From how many of the newest interactions neighbours are made."""

_REBUILD_AFTER_S = 30.0

_log = structlog.get_logger(__name__)


class ItemToItemFallback:
    """The second link of the chain. None until there are clicks to learn neighbours from."""

    def __init__(self, store: Store, rules: ContributionRules, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._model: ItemToItemModel | None = None
        self._built_at: float | None = None
        self._building = threading.Lock()

    def model(self) -> ItemToItemModel | None:
        """Neighbours from the newest clicks, about half a minute old at most.

        Only the first page waits for them; later ones get the older neighbours while new ones are made beside them.
        """
        if self._built_at is None:
            with self._building:
                if self._built_at is None:
                    self._rebuild()
        elif self._clock() - self._built_at > _REBUILD_AFTER_S and self._building.acquire(blocking=False):
            older = self._model  # read before the thread starts: it may be done sooner than this page goes on
            threading.Thread(target=self._rebuild_beside, name="item-to-item", daemon=True).start()
            return older
        return self._model

    def _rebuild(self) -> None:
        self._model = self._build()
        self._built_at = self._clock()

    def _rebuild_beside(self) -> None:
        try:
            self._rebuild()
        except Exception as error:
            _log.warning("neighbours_not_rebuilt", reason=str(error))
            self._built_at = self._clock()  # the older neighbours stay; a page asks again once they are too old again
        finally:
            self._building.release()

    def _build(self) -> ItemToItemModel | None:
        rows = recent_training_rows(self._store, self._rules, RECENT_INTERACTIONS)
        return ItemToItemModel.from_interactions(Interactions.from_rows(rows.values())) if rows else None
