"""Causes: what put an item on a page, as shares that add up to a hundred. The one place that names them.

Cards, the page of an item and the inspector all ask here, so that they say the same. What a model adds to a score may
come from an item of the history, from a trait, or from the trend of the day; whatever its explanation names is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import NamedTuple

from app.catalog import Catalog
from app.catalog.short_titles import short_title
from app.serve.traits import parse_trait, trait_of_attribute, traits_of
from app.values.item import Item
from recommender import Contribution, Share, Source, leading_shares

Name = tuple[str, str]
"""Kind and key of a cause."""

MAX_CAUSES = 3
"""Causes that are named; what else adds to the score is one further cause, the rest."""
WORTH_NAMING = 0.02
"""A cause with less of the whole is part of the rest."""
WISH: Name = ("wish", "")
_TREND: Name = ("trend", "")
_REST: Name = ("rest", "")
_POPULARITY: Name = ("popularity", "")
_WORDS = {
    "wish": "what you asked for",
    "trend": "the trend of the day",
    "popularity": "how often people open it",
    "rest": "everything else",
}
_KEPT = 10_000
"""Attributes of which the name is kept."""


class Cause(NamedTuple):
    """One cause. kind: ``item`` of the history, ``trait``, ``wish``, ``trend``, ``popularity`` or ``rest``.

    key: the item's id or the trait's key, else empty. share: of all that adds to the score, in (0, 1]. percent: the
    share in whole hundredths; those of all causes of an entry add up to 100.
    """

    kind: str
    key: str
    share: float
    percent: int


make_cause: Callable[[tuple[str, str, float, int]], Cause] = partial(tuple.__new__, Cause)
"""`Cause._make` without its check of the length: there are a hundred and more a page."""


def cause_name(source: Source | Contribution) -> Name | None:
    """What a source of a model's explanation is called: an item of the history, the trend, or a trait of which the
    history has some; None for what has no name that visitors know, such as how often anybody opens an item.
    """
    if source.item_id is not None:
        return "item", str(source.item_id)
    if source.cause is None:
        return _TREND
    return _attribute_name(source.cause) if source.alike else None


@lru_cache(_KEPT)
def _attribute_name(attribute: str) -> Name | None:
    trait = trait_of_attribute(attribute)
    return None if trait is None else ("trait", trait.key)


def causes_of(amounts: Iterable[tuple[Name | None, float]]) -> tuple[Cause, ...]:
    """The causes of a score, largest first, the rest last. amounts: what each source adds, by its name; what takes away
    from a score is no cause of being shown, and has no share.
    """
    return as_causes(leading_shares(amounts, MAX_CAUSES, WORTH_NAMING))


def causes_with_popularity(amounts: Iterable[tuple[Name | None, float]], popularity: float) -> tuple[Cause, ...]:
    """`causes_of`, with how often anybody opens the item taken out of the rest.

    popularity: what that adds; it is among the amounts, without a name. A card has no room for what is the same on
    everybody's page; whoever asks why is told.
    """
    amounts = list(amounts)
    causes = causes_of(amounts)
    whole = sum(amount for _, amount in amounts if amount > 0)
    if not causes or causes[-1].kind != "rest" or popularity < WORTH_NAMING * whole:
        return causes
    *named, rest = causes
    share = min(popularity / whole, rest.share)
    percent = round(rest.percent * share / rest.share)
    apart = make_cause((*_POPULARITY, share, percent))
    if percent == rest.percent:
        return (*named, apart)
    return (*named, apart, make_cause((*_REST, rest.share - share, rest.percent - percent)))


def as_causes(shares: Iterable[Share[Name]]) -> tuple[Cause, ...]:
    """Shares of a score as causes; what has no name is the rest."""
    return tuple([make_cause((*(name or _REST), share, percent)) for name, share, percent in shares])


def cause_words(cause: Cause, catalog: Catalog, room: int | None = None) -> str:
    """What a cause is called; a title in at most `room` characters, in full without one."""
    if cause.kind == "item":
        item = catalog.get(cause.key)
        if item is None:
            return "something that is gone"
        return f"“{item.title if room is None else short_title(item.title, room, catalog)}”"
    if cause.kind == "trait":
        found = parse_trait(cause.key)
        return f"your liking for {found.words}" if found else "your liking for its kind"
    return _WORDS[cause.kind]


def likeness(one: Item, other: Item) -> str:
    """What two items have in common by their looks, in words; empty for nothing."""
    theirs = set(traits_of(other))
    return ", ".join(trait.words for trait in traits_of(one) if trait in theirs)
