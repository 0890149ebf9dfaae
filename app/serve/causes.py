"""Causes: what put an item on a page, as shares that add up to a hundred. The one place that names them.

Cards, the page of an item and the inspector all ask here, so that they say the same. What a model adds to a score may
come from an item of the history, from a trait, or from the trend of the day; whatever its explanation names is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple

from app.catalog import Catalog
from app.serve.traits import parse_trait, trait_of_attribute, traits_of
from app.values.item import Item
from recommender import Contribution, Source

MAX_CAUSES = 3
"""Causes that are named; what else adds to the score is one further cause, the rest."""
_WORTH_NAMING = 0.02
_WHOLE = 100
_WISH, _REST = ("wish", ""), ("rest", "")
_amount = itemgetter(1)


class Cause(NamedTuple):
    """One cause. kind: ``item`` of the history, ``trait``, ``wish``, ``trend`` or ``rest``.

    key: the item's id or the trait's key, else empty. share: of all that adds to the score, in (0, 1]. percent: the
    share in whole hundredths; those of all causes of an entry add up to 100.
    """

    kind: str
    key: str
    share: float
    percent: int


Name = tuple[str, str]
"""Kind and key of a cause."""


def cause_name(source: Source | Contribution) -> Name | None:
    """What a source of a model's explanation is called: an item of the history, the trend, or a trait of which the
    history has some; None for what has no name that visitors know, such as how often anybody opens an item.
    """
    if source.item_id is not None:
        return "item", str(source.item_id)
    if source.cause is None:
        return "trend", ""
    trait = trait_of_attribute(source.cause) if source.alike else None
    return None if trait is None else ("trait", trait.key)


def causes_of(amounts: Iterable[tuple[Name | None, float]], wish: float = 0.0) -> tuple[Cause, ...]:
    """The causes of a score, largest first, the rest last.

    amounts: what each source adds, by its name. wish: what the visitor's wishes add. What takes away from a score is no
    cause of being shown, and has no share.
    """
    adding = [row for row in amounts if row[1] > 0]
    if wish > 0:
        adding.append((_WISH, wish))
    adding.sort(key=_amount, reverse=True)
    whole = sum([amount for _, amount in adding])
    names: list[Name] = []
    shares: list[float] = []
    for name, amount in adding:
        share = amount / whole
        if share < _WORTH_NAMING or len(names) == MAX_CAUSES:
            break
        if name is not None:
            names.append(name)
            shares.append(share)
    rest = 1.0 - sum(shares)
    if adding and rest >= _WORTH_NAMING / 2:
        names.append(_REST)
        shares.append(rest)
    percents = whole_percents(shares)
    return tuple([Cause(*name, share, percent) for name, share, percent in zip(names, shares, percents, strict=True)])


def whole_percents(shares: Sequence[float]) -> list[int]:
    """Shares as whole hundredths that add up to 100: each is rounded down, and the largest rests are rounded up."""
    scale = _WHOLE / (sum(shares) or 1.0)
    exact = [scale * share for share in shares]
    rounded = [int(value) for value in exact]
    missing = _WHOLE - sum(rounded)
    if missing:
        order = sorted(range(len(exact)), key=lambda index: rounded[index] - exact[index])
        for index in order[:missing]:
            rounded[index] += 1
    return rounded


def cause_words(cause: Cause, catalog: Catalog, room: int | None = None) -> str:
    """What a cause is called; a title in at most `room` characters, in full without one."""
    if cause.kind == "item":
        item = catalog.get(cause.key)
        if item is None:
            return "something that is gone"
        return f"“{item.title if room is None else short_title(item.title, room)}”"
    if cause.kind == "trait":
        found = parse_trait(cause.key)
        return f"your liking for {found.words}" if found else "your liking for its kind"
    return {"wish": "what you asked for", "trend": "the trend of the day"}.get(cause.kind, "everything else you opened")


def short_title(title: str, room: int) -> str:
    """A title within `room` characters, cut after a word and ended by an ellipsis; its first word stays whole."""
    if len(title) <= room:
        return title
    words, kept = title.split(), ""
    for word in words:
        if kept and len(kept) + 1 + len(word) > room - 1:
            break
        kept = f"{kept} {word}" if kept else word
    return kept if kept == title else f"{kept}…"


def likeness(one: Item, other: Item) -> str:
    """What two items have in common by their looks, in words; empty for nothing."""
    theirs = set(traits_of(other))
    return ", ".join(trait.words for trait in traits_of(one) if trait in theirs)
