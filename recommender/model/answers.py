"""What a model answers: recommended items, and what each item of a history adds to a score."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import repeat
from typing import NamedTuple

from recommender.interactions.checks import ItemId


class Recommendation(NamedTuple):
    """One recommended item and the score it was ranked by."""

    item_id: ItemId
    score: float


def name_all(names: Iterable[ItemId], scores: Iterable[float]) -> list[Recommendation]:
    """A Recommendation of each name and score."""
    return list(map(tuple.__new__, repeat(Recommendation), zip(names, scores, strict=True)))


make_recommendation: Callable[[tuple[ItemId, float]], Recommendation] = partial(tuple.__new__, Recommendation)
"""`Recommendation._make` without its check of the length, which takes as long again."""


class Source(NamedTuple):
    """What may add to a score, without how much; see `Contribution`."""

    item_id: ItemId | None
    cause: str | None = None
    alike: tuple[ItemId, ...] = ()


make_source: Callable[[tuple[ItemId | None, str | None, tuple[ItemId, ...]]], Source] = partial(tuple.__new__, Source)
"""`Source._make` without its check of the length."""


class Contribution(NamedTuple):
    """How much of a score comes from one item of the history; the shares of all contributions add up to the score.

    item_id is None for what comes from no item of the history by itself. Then `cause` says from what: an attribute of
    the item such as ``style=retro``, ``classes`` (what users of like mind take) or ``rate`` (how often it is taken by
    anybody), which only a model with a second stage knows; None is the trend of the day. alike: the items of the
    history that have the attribute.
    """

    item_id: ItemId | None
    share: float
    cause: str | None = None
    alike: tuple[ItemId, ...] = ()
