"""What a page is made of: shelves of entries, each with its source, propensity and reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from app.serve.causes import Cause
from app.serve.rankers import Ranked
from app.values.item import Item


class Entry(NamedTuple):
    """One item at one position (from 1) of a shelf. A home page makes eighty, and a tuple is made in a quarter of the
    time of a frozen dataclass.

    source: what put it there: als, first-factors, item-to-item, popularity, editorial, new, search, browse, explore or
    lot.
    score: the ranking score of its source, or None where the source has none.
    propensity: probability with which the policy shows this item at this position, given the shelves above it and what
    chance put before it on this one.
    reason: the sentence that the visitor reads.
    causes: what its score comes from, where a model explains it.
    team: on a shelf of a trial, the side that put it there: champion, challenger, both, or explore for neither.
    """

    item: Item
    position: int
    source: str
    score: float | None
    propensity: float
    reason: str
    team: str | None = None
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """One ranked row of a page. `slate_id` is None where the slate could not be logged: its events are then organic."""

    key: str
    title: str
    reason: str
    slate_id: str | None
    entries: tuple[Entry, ...]
    policy: str
    link: str | None = None
    challenger_version: int | None = None

    @property
    def has_many_reasons(self) -> bool:
        """Whether its entries are shown for more than one reason."""
        return len({entry.reason for entry in self.entries}) > 1


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that one answer shows. notice: what the visitor must be told. more: whether a next page exists.
    picks: items of which a newcomer is asked to pick some.
    by_lot: whether it was drawn by lot, so that models can be judged by what is opened of it.
    """

    page_id: str
    shelves: tuple[Shelf, ...]
    arm: str
    model_version: int | None
    notice: str | None = None
    more: bool = False
    picks: Shelf | None = None
    by_lot: bool = False


@dataclass(frozen=True, slots=True)
class Recommended:
    """What a history gets, best first, and the model version that ranked it; None where a fallback did."""

    model_version: int | None
    ranked: tuple[Ranked, ...]


@dataclass(frozen=True, slots=True)
class ServeState:
    """What ranks pages right now. fallback: None while a model is in use, else the link of the chain that serves.

    watermark: the newest event that the model has learned from.
    """

    model_version: int | None
    fallback: str | None
    loaded_at: float | None
    items: int
    history_cache_size: int
    problem: str | None = None
    watermark: int = 0
