"""Causes: what put an item on a page, as shares that add up to a hundred. The one place that names them.

Cards, the page of an item and the inspector all ask here, so that they say the same. What a model adds to a score may
come from an item of the history, from a trait, or from the trend of the day; whatever its explanation names is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor
from typing import NamedTuple

from app.catalog import Catalog
from app.serve.traits import parse_trait, trait_of_attribute, traits_of
from app.values.item import Item
from recommender import Contribution

MAX_CAUSES = 3
"""Causes that are named; what else adds to the score is one further cause, the rest."""
_WORTH_NAMING = 0.02
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause. kind: ``item`` of the history, ``trait``, ``wish``, ``trend`` or ``rest``.

    key: the item's id or the trait's key, else empty. share: of all that adds to the score, in (0, 1]. percent: the
    share in whole hundredths; those of all causes of an entry add up to 100.
    """

    kind: str
    key: str
    share: float
    percent: int


def causes_of(
    contributions: Iterable[tuple[str | None, float]],
    wish: float = 0.0,
    trait: Sequence[tuple[str, float]] = (),
    other: float = 0.0,
) -> tuple[Cause, ...]:
    """The causes of a score, largest first, the rest last.

    contributions: what each item of the history adds, with None for what comes from the trend of the day. wish: what
    the visitor's wishes add. trait: what the liking for a trait adds, by its key. other: what adds to the score and has
    no name. What takes away from a score is no cause of being shown, and has no share.
    """
    amounts = [("trend" if item_id is None else "item", item_id or "", amount) for item_id, amount in contributions]
    amounts += [("trait", key, amount) for key, amount in trait]
    amounts.append(("wish", "", wish))
    whole = sum(amount for _, _, amount in amounts if amount > 0) + max(other, 0.0)
    if not whole > 0:
        return ()
    ranked = sorted(amounts, key=lambda row: -row[2])
    named = [row for row in ranked if row[2] / whole >= _WORTH_NAMING][:MAX_CAUSES]
    rest = 1.0 - sum(amount for _, _, amount in named) / whole
    shares = [(kind, key, amount / whole) for kind, key, amount in named]
    if rest >= _WORTH_NAMING / 2:
        shares.append(("rest", "", rest))
    percents = whole_percents([share for _, _, share in shares])
    return tuple(Cause(kind, key, share, percent) for (kind, key, share), percent in zip(shares, percents, strict=True))


class Added(NamedTuple):
    """What adds to a score, as `causes_of` takes it."""

    contributions: list[tuple[str | None, float]]
    trait: list[tuple[str, float]]
    other: float


def added(found: Iterable[Contribution]) -> Added:
    """What a model's explanation says: items of the history and the trend; traits of which the history has some; and
    what has no name that visitors know, such as how often anybody opens an item.
    """
    result, other = Added([], [], 0.0), 0.0
    for row in found:
        share = float(row.share)
        trait = trait_of_attribute(row.cause) if row.cause and row.alike else None
        if row.item_id is not None or row.cause is None:
            result.contributions.append((None if row.item_id is None else str(row.item_id), share))
        elif trait is not None:
            result.trait.append((trait.key, share))
        else:
            other += max(share, 0.0)
    return result._replace(other=other)


def whole_percents(shares: Sequence[float]) -> list[int]:
    """Shares as whole hundredths that add up to 100: each is rounded down, and the largest rests are rounded up."""
    total = sum(shares) or 1.0
    exact = [_WHOLE * share / total for share in shares]
    rounded = [floor(value) for value in exact]
    order = sorted(range(len(exact)), key=lambda index: rounded[index] - exact[index])
    for index in order[: _WHOLE - sum(rounded)]:
        rounded[index] += 1
    return rounded


def cause_words(cause: Cause, catalog: Catalog) -> str:
    """What a cause is called."""
    if cause.kind == "item":
        item = catalog.get(cause.key)
        return f"“{item.title}”" if item else "something that is gone"
    if cause.kind == "trait":
        found = parse_trait(cause.key)
        return f"your liking for {found.words}" if found else "your liking for its kind"
    return {"wish": "what you asked for", "trend": "the trend of the day"}.get(cause.kind, "everything else you opened")


def likeness(one: Item, other: Item) -> str:
    """What two items have in common by their looks, in words; empty for nothing."""
    theirs = set(traits_of(other))
    return ", ".join(trait.words for trait in traits_of(one) if trait in theirs)
