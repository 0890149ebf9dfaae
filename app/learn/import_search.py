"""After an import, settings searched on the site's own past; what is better goes on trial beside the champion."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from app.learn.challenge import challenge, champion_settings, tuned_settings
from app.learn.training_state import Progress
from app.measure.evaluation.gate import SignOff
from app.models.lineage import difference
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion
from app.settings import Settings
from app.store import Store
from app.store.events import newest_imported

NOTE = "Found on the site's own past after an import."


@dataclass(slots=True)
class ImportSearch:
    """Knows the newest imported event, and whether settings were searched since.

    looked: event seq up to which imported events were looked for. imported, searched: seq of the newest one, and of
    the newest one that a search knew; 0 for none.
    """

    settings: Settings
    store: Store
    registry: Registry
    looked: int = -1
    imported: int = 0
    searched: int = 0

    def is_due(self, watermark: int) -> bool:
        """Whether events up to `watermark` were imported since the last search, and searches are wanted."""
        if not self.settings.tune_after_import_s:
            return False
        if self.looked < 0:
            self.looked = self.imported = self.searched = self.registry.searched_until()
        if watermark > self.looked:
            self.imported = newest_imported(self.store.reader(), self.looked, watermark) or self.imported
            self.looked = watermark
        return self.imported > self.searched

    def search(self, now: Callable[[], float], sign_off: SignOff, on_progress: Progress | None) -> ModelVersion | None:
        """Search for `tune_after_import_s` of the processor, keep what came of it, and put settings better than
        those of the champion before the gate; returns the version, None when there were none.
        """
        own = champion_settings(self.settings, self.registry)
        tried, said = tuned_settings(own, self.store, self.settings.tune_after_import_s, clock=time.process_time)
        found = difference(tried, own) or "nothing better than the champion's settings"
        with self.registry.publishing():
            self.registry.add_search(now(), self.imported, found, said)
        self.searched = self.imported
        if tried == own:
            return None
        return challenge(
            tried,
            self.store,
            self.registry,
            by="trainer",
            note=NOTE,
            now=now,
            on_progress=on_progress,
            sign_off=sign_off,
        )
