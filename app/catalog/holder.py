"""The catalog in use: one reference, swapped whole while requests go on with the one they started with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

from app.catalog.catalog import Catalog
from app.store import Store
from app.store.item_changes import changed_items
from app.store.items import last_item_change

Follower = Callable[[Catalog, Collection[str]], None]
"""Takes the next catalog, and the ids of the items that differ from the one before."""


class CatalogHolder:
    """Takes up what was written to the items of one database. Safe between threads."""

    def __init__(self, store: Store, catalog: Catalog, change: int) -> None:
        """catalog: the items as of change number `change`; see `last_item_change`."""
        self._store = store
        self._current = catalog
        self._change = change
        self._followers: list[Follower] = []
        self._lock = threading.Lock()

    @property
    def current(self) -> Catalog:
        """The catalog. Read it once a request, so that a page is made of one."""
        return self._current

    def tell(self, follower: Follower) -> None:
        """Hand every new catalog to `follower`, before `current` is it."""
        self._followers.append(follower)

    def refresh(self) -> bool:
        """Take up what was written since the last call; whether anything was."""
        with self._lock:
            conn = self._store.reader()
            change = last_item_change(conn)
            if change == self._change:
                return False
            written, removed = changed_items(conn, self._change)
            catalog = self._current.with_changes(written, removed)
            changed = {*removed, *(item.item_id for item in written)}
            for follower in self._followers:
                follower(catalog, changed)
            self._current, self._change = catalog, change
            return True
