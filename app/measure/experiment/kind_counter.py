"""Counting events of kinds that metrics name: how many, what they carry, and on how many entries of slates."""

from __future__ import annotations

from collections.abc import Iterable

from app.measure.experiment.visitor_table import VisitorTable


class KindCounter:
    """Adds to the sums of visitors. What was counted is remembered by visitor, kind and item, so that an undo takes it
    away again.
    """

    def __init__(self, visitors: VisitorTable) -> None:
        self._visitors = visitors
        self._places = {column: place for place, column in enumerate(visitors.columns)}
        parts = (column.partition(":") for column in visitors.columns)
        self.kinds = frozenset(kind for part, _, kind in parts if part in _PARTS)
        """Kinds that some metric counts."""
        # By visitor, then kind and item; by slate, then item and kind.
        self._given: dict[int, dict[tuple[str, str], tuple[float, float]]] = {}
        self._entries: dict[str, set[tuple[str, str]]] = {}

    def forget(self, index: int, slate_ids: Iterable[str] = ()) -> None:
        """Remember nothing of a visitor, and of entries of these slates, which are counted anew."""
        self._given.pop(index, None)
        for slate_id in slate_ids:
            self._entries.pop(slate_id, None)

    def count_before(self, index: int, kind: str, undo: bool, value: float | None) -> None:
        """An event from before the exposure; one that was taken back later counts all the same, as nobody knew."""
        if not undo:
            self._add(index, f"count_before:{kind}", 1.0)
            self._add(index, f"value_before:{kind}", value or 0.0)

    def count(
        self, index: int, item_id: str, kind: str, undo: bool, slate_id: str | None, value: float | None
    ) -> dict[str, float]:
        """An event from after the exposure; returns by how much each column changed."""
        key, given = (kind, item_id), self._given.setdefault(index, {})
        number, worth = given.get(key, (0.0, 0.0))
        changed: dict[str, float] = {}
        if undo:
            given.pop(key, None)
            changed |= {f"count:{kind}": -number, f"value:{kind}": -worth}
        else:
            given[key] = (number + 1, worth + (value or 0.0))
            changed |= {f"count:{kind}": 1.0, f"value:{kind}": value or 0.0}
            if slate_id is not None:
                entries = self._entries.setdefault(slate_id, set())
                if (item_id, kind) not in entries:
                    entries.add((item_id, kind))
                    changed[f"entries:{kind}"] = 1.0
        for column, change in changed.items():
            self._add(index, column, change)
        return changed | self._any(index, kind)

    def _any(self, index: int, kind: str) -> dict[str, float]:
        """Whether the visitor did anything of the kind, as a change of its column."""
        place, counted = self._places.get(f"any:{kind}"), self._places.get(f"count:{kind}")
        if place is None or counted is None:
            return {}
        before, after = self._visitors.sums[index, place], float(self._visitors.sums[index, counted] > 0)
        self._visitors.sums[index, place] = after
        return {f"any:{kind}": after - float(before)}

    def _add(self, index: int, column: str, change: float) -> None:
        place = self._places.get(column)
        if place is not None:
            self._visitors.sums[index, place] += change


_PARTS = frozenset({"count", "value", "any", "entries", "count_before", "value_before"})
