"""The rules in force: one reference, swapped whole when a rule is made or ended or the catalog changes."""

from __future__ import annotations

import threading
from collections.abc import Collection

from app.catalog import Catalog
from app.serve.rules.applied import AppliedRules, no_rules
from app.store import Store
from app.store.rules import read_rules


class RuleBook:
    """Takes up the rules of one database. Safe between threads."""

    def __init__(self, store: Store, catalog: Catalog) -> None:
        self._store = store
        self._applied = no_rules(catalog)
        self._lock = threading.Lock()
        self.refresh()

    @property
    def applied(self) -> AppliedRules:
        """The rules on the catalog in use; read it once a page."""
        return self._applied

    def refresh(self) -> None:
        """Take up what was made or ended; whoever writes a rule calls it, and a job makes up for commands."""
        with self._lock:
            rules = tuple(row.rule for row in read_rules(self._store.reader()))
            if rules != self._applied.rules:
                self._applied = AppliedRules.of(rules, self._applied.catalog)

    def use_catalog(self, catalog: Catalog, changed: Collection[str] | None = None) -> None:
        """Apply the rules to this catalog from now on. changed: ids of the items that differ; None for any."""
        with self._lock:
            if changed is None:
                self._applied = AppliedRules.of(self._applied.rules, catalog)
            else:
                self._applied = self._applied.with_catalog(catalog, changed)
