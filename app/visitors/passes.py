"""How often each item was on a visitor's screen: what is seen again and again and never opened is to step back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.store.passes import ViewRow

REMEMBERED_S = 14 * 86_400.0
"""Impressions older than this are forgotten: what stepped back gets another chance."""


@dataclass(slots=True)
class Passes:
    """Counts of one visitor. counts: item to the number of slates on which it was on screen since an undo."""

    counts: dict[str, int] = field(default_factory=dict)
    _counted: set[tuple[str, str]] = field(default_factory=set)

    def add(self, item_id: str, slate_id: str | None, undo: bool) -> None:
        """Count an impression, of a slate once; an undo takes back all of its item, and without a slate none counts."""
        if undo:
            self.counts.pop(item_id, None)
        elif slate_id is not None and (item_id, slate_id) not in self._counted:
            self._counted.add((item_id, slate_id))
            self.counts[item_id] = self.counts.get(item_id, 0) + 1


def passes_of(rows: Iterable[ViewRow]) -> Passes:
    """The counts after rows of one visitor, oldest first."""
    passes = Passes()
    for row in rows:
        passes.add(row.item_id, row.slate_id, row.undo)
    return passes
