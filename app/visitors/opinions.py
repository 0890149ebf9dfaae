"""What a visitor thinks of items now, folded from what they did and took back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


class OpinionEvent(Protocol):
    """The part of a stored event that opinions are made from."""

    @property
    def kind(self) -> str: ...
    @property
    def item_id(self) -> str: ...
    @property
    def undo(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Opinions:
    """Ids of the items that a visitor likes, has saved, has used, and does not want to see."""

    liked: frozenset[str] = frozenset()
    saved: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


def fold_opinions(events: Iterable[OpinionEvent]) -> Opinions:
    """Opinions after `events`, oldest first: an undo takes back its kind; of like and dislike the later one holds."""
    stands: dict[str, set[str]] = {"like": set(), "save": set(), "use": set(), "dislike": set()}
    opposite = {"like": "dislike", "dislike": "like"}
    for event in events:
        if event.kind not in stands:
            continue
        if event.undo:
            stands[event.kind].discard(event.item_id)
            continue
        stands[event.kind].add(event.item_id)
        if event.kind in opposite:
            stands[opposite[event.kind]].discard(event.item_id)
    return Opinions(
        liked=frozenset(stands["like"]),
        saved=frozenset(stands["save"]),
        used=frozenset(stands["use"]),
        hidden=frozenset(stands["dislike"]),
    )
