"""Personas: made-up visitors with a short history, to look through somebody else's eyes. Nothing of it is recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from app.catalog import Catalog
from app.serve.reasons import Explained, Reasons
from app.serve.shelves import Shelves
from app.values.item import Item
from app.visitors import History

_OPENED = 4
"""Things that a persona has opened: the best known of what they look for."""


@dataclass(frozen=True, slots=True)
class Persona:
    """One made-up visitor. likes: whether an item is of the kind that they open; None for somebody who is new."""

    key: str
    name: str
    likes: Callable[[Item], bool] | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """An item of a row with the reason under it."""

    item: Item
    reason: str


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The row of a history beside the row of popularity. opened: the items of the history. apart: how many items of
    the first row are not in the second.
    """

    opened: tuple[Item, ...]
    learned: tuple[Seen, ...]
    popular: tuple[Seen, ...]
    apart: int


NEWCOMER = Persona("new", "New visitor")
_TEMPLATES = (
    NEWCOMER,
    Persona("retro", "Retro lover", lambda item: item.style == "retro"),
    Persona("minimal", "Minimalist", lambda item: item.style == "minimal"),
    Persona("wedding", "Wedding planner", lambda item: "wedding" in item.tags or "wedding" in item.title.lower()),
)
_FILMS = (
    NEWCOMER,
    Persona("sci-fi", "Sci-fi fan", lambda item: "sci-fi" in item.tags),
    Persona("romance", "Romantic", lambda item: "romance" in item.tags),
    Persona("classics", "Lover of classics", lambda item: (item.year or 9999) < 1965),
)


def personas_of(catalog: Catalog) -> tuple[Persona, ...]:
    """The personas whose things the catalog has."""
    all_of_it = _FILMS if catalog.items and catalog.items[0].year is not None else _TEMPLATES
    return tuple(one for one in all_of_it if one.likes is None or any(map(one.likes, catalog.items)))


def persona_history(persona: Persona, shelves: Shelves) -> History:
    """What a persona has opened, as a history that nobody has."""
    likes = persona.likes
    if likes is None:
        return History()
    ranked = shelves.baseline.rank({}, len(shelves.catalog), ())
    fitting = [choice.item_id for choice in ranked if likes(shelves.catalog[choice.item_id])]
    return History(dict.fromkeys(fitting[:_OPENED], 1.0))


def side_by_side(shelves: Shelves, history: History, now: float) -> SideBySide:
    """The rows of a history and of popularity, without chance and without a record."""
    catalog, size = shelves.catalog, shelves.size
    why = Reasons(history, shelves.model, catalog)
    as_if = replace(shelves, history=history, why=why, trial_challenger=None)
    hidden = history.opinions.hidden
    learned = as_if.row_of(as_if.ranker, history, size, hidden, now).ranked[:size]
    if not history.weights:
        learned = as_if.baseline.rank({}, size, hidden)
    popular = as_if.baseline.rank(history.weights, size, hidden)
    apart = {choice.item_id for choice in learned} - {choice.item_id for choice in popular}

    def seen(rows: list[str], reasons: Mapping[str, str]) -> tuple[Seen, ...]:
        return tuple(Seen(catalog[item_id], reasons.get(item_id, "")) for item_id in rows)

    texts = {
        choice.item_id: said.text if isinstance(said, Explained) else said
        for choice, said in zip(learned, why(learned), strict=True)
    }
    opened = tuple(item for item in map(catalog.get, history.weights) if item is not None)
    return SideBySide(
        opened, seen([c.item_id for c in learned], texts), seen([c.item_id for c in popular], {}), len(apart)
    )
