"""The rules in force: one reference, swapped whole when a rule is made or ended or the catalog changes."""

from __future__ import annotations

import threading

from app.catalog import Catalog
from app.serve.rules.applied import AppliedRules, no_rules
from app.store import Store
from app.store.rules import read_rules
from app.values.rule import Rule


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
            self._take(tuple(row.rule for row in read_rules(self._store.reader())), self._applied.catalog)

    def use_catalog(self, catalog: Catalog) -> None:
        """Apply the rules to this catalog from now on."""
        with self._lock:
            self._take(self._applied.rules, catalog)

    def _take(self, rules: tuple[Rule, ...], catalog: Catalog) -> None:
        if rules != self._applied.rules or catalog is not self._applied.catalog:
            self._applied = AppliedRules.of(rules, catalog)
