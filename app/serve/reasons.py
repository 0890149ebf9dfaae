"""The sentence under every entry that says why it is there."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

from app.catalog import Catalog
from app.serve.causes import (
    MAX_CAUSES,
    WISH,
    WORTH_NAMING,
    Cause,
    as_causes,
    cause_name,
    cause_words,
    causes_of,
    likeness,
)
from app.serve.rankers import Ranked
from app.serve.traits import Trait, parse_trait, traits_of
from app.store.interactions import BY_FIRST_MODEL, BY_MODEL
from app.values.item import Item
from app.visitors import History
from recommender import Explainer, FactorModel, ItemToItemModel

BY_FACTORS = (BY_MODEL, BY_FIRST_MODEL)
"""Sources of entries whose scores are sums of factors, which can be explained."""

_NAMED = 2
_KEPT = 10_000
_MOST_SAID = 500
"""Items of which what was said is kept: more than a visit sees."""
_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ROOM, _ROOM_ALONE = 22, 34
"""Characters of a title where two causes are named, and where one is: a card has three lines."""
_ALONE = 90
"""Hundredths from which on a cause is named without its share: the others are next to nothing."""
_BY_SOURCE = {
    "popularity": "Popular with everyone right now",
    "editorial": "Picked by the editors",
    "new": "New here",
    "explore": "A wild card, to learn what you like",
    "search": "Matches your search",
    "pinned": "Picked by the shop",
    "lot": "Drawn by lot, to judge rankings by",
    "item-to-item": "People who opened what you opened went on to this",
}


def verb_for(item_id: str, history: History) -> str:
    """What the visitor did with an item, as the strongest word for it."""
    opinions = history.opinions
    if item_id in opinions.used:
        return "used"
    if item_id in opinions.liked:
        return "liked"
    if item_id in opinions.saved:
        return "saved"
    return "opened"


@lru_cache(_KEPT)
def liking_words(trait: Trait | None, count: int) -> str:
    """A trait that `count` items of a history have, as a cause."""
    if trait is None or not count:
        return f"For your liking for {trait.words if trait else 'its kind'}"
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{trait.words}, like {number} you opened"


class Explained(NamedTuple):
    """The sentence under an entry, and the causes that it names."""

    text: str
    causes: tuple[Cause, ...]


class Reasons:
    """Says of entries why each is shown; made for a history and the model that ranks it. Safe between threads; what was
    said of an item is kept, where no wishes add to its score.
    """

    def __init__(
        self,
        history: History,
        model: FactorModel | ItemToItemModel | None,
        catalog: Catalog,
        wish: Callable[[str], float] | None = None,
        standing: Callable[[Item], str] | None = None,
    ) -> None:
        """wish: what the visitor's wishes add to the score of an item. standing: says how popular an item is."""
        self._history = history
        self._standing = standing
        self._wish = wish
        self._model = model
        self._catalog = catalog
        self._explainer: Explainer | None = None
        self._said: dict[str, Explained] = {}
        self._lock = threading.Lock()
        self._words: dict[tuple[str, str, int | None], str] = {}

    def with_wish(self, wish: Callable[[str], float] | None) -> Reasons:
        """The same for a ranking that wishes added to."""
        return self if wish is None else Reasons(self._history, self._model, self._catalog, wish, self._standing)

    def __call__(self, choices: Sequence[Ranked]) -> list[str | Explained]:
        """Why each of `choices` is shown: for a learned score, what contributes most to it, with the shares."""
        causes = self._causes(choices)
        return [causes.get(choice.item_id) or self._by_source(choice) for choice in choices]

    def briefly(self, choices: Sequence[Ranked]) -> list[str | Explained]:
        """The same without how popular each is: of a row that is in this order, and says so in its heading."""
        causes = self._causes(choices)
        return [causes.get(choice.item_id) or _BY_SOURCE[choice.source] for choice in choices]

    def _by_source(self, choice: Ranked) -> str:
        item = self._catalog.get(choice.item_id) if choice.source == "popularity" and self._standing else None
        return self._standing(item) if item is not None and self._standing else _BY_SOURCE[choice.source]

    def _causes(self, choices: Sequence[Ranked]) -> dict[str, Explained]:
        """Of those that a model ranked."""
        ranked = [choice.item_id for choice in choices if choice.source in BY_FACTORS]
        if not ranked or not isinstance(self._model, FactorModel):
            return {}
        with self._lock:
            if self._wish is not None:  # on the scale of the newest ranking
                return self._explained(self._model, ranked)
            said = self._said
            new = [item_id for item_id in ranked if item_id not in said]
            if new:
                if len(said) + len(new) > _MOST_SAID:
                    said = self._said = {}
                    new = ranked
                said.update(self._explained(self._model, new))
            return {item_id: said[item_id] for item_id in ranked}

    def _explained(self, model: FactorModel, ranked: Sequence[str]) -> dict[str, Explained]:
        """All asked at once, which costs a fraction of one by one."""
        wish = self._wish
        if self._explainer is None:
            self._explainer = model.explainer(self._history.weights)
        known = [item_id for item_id in ranked if item_id in model]
        wishes = None if wish is None else (WISH, [max(0.0, wish(item_id)) for item_id in known])
        rows = self._explainer.leading(known, cause_name, MAX_CAUSES, WORTH_NAMING, wishes)
        found = {}
        for item_id, shares in zip(known, rows, strict=True):
            causes = as_causes(shares)
            found[item_id] = Explained(self._sentence(causes, item_id), causes)
        for item_id in ranked:
            if item_id not in found:  # newer than the model, and ranked among its like
                causes = causes_of([(WISH, wish(item_id))] if wish else ())
                found[item_id] = Explained(self._sentence(causes, item_id), causes)
        return found

    def _sentence(self, causes: tuple[Cause, ...], item_id: str) -> str:
        named = [cause for cause in causes[:_NAMED] if cause.kind != "rest"]  # the rest comes last
        if not named:
            return "Close to your taste as a whole"
        first = named[0]
        if first.percent < _ALONE and len(named) == _NAMED:
            second = named[1]
            one, other = self._words_of(first, _ROOM), self._words_of(second, _ROOM)
            if one == other:  # titles that begin alike
                one, other = self._words_of(first), self._words_of(second)
            between = "; " if "trait" in (first.kind, second.kind) else ", "
            return f"{first.percent} % {one}{between}{second.percent} % {other}"
        words = self._words_of(first, _ROOM_ALONE)
        if first.kind == "item":
            return f"Because you {verb_for(first.key, self._history)} {words}{self._in_common(first.key, item_id)}"
        if first.kind == "trait":
            return words
        return {"wish": "You asked for it", "trend": "Trending today"}.get(first.kind, f"For {words}")

    def _words_of(self, cause: Cause, room: int | None = None) -> str:
        name = cause.kind, cause.key, room
        words = self._words.get(name)
        if words is None:
            trait = cause.kind == "trait"
            words = self._like_others(cause.key) if trait else cause_words(cause, self._catalog, room)
            self._words[name] = words
        return words

    @cached_property
    def _traits(self) -> Counter[Trait]:
        """How many items of the history have each trait."""
        items = [self._catalog.get(item_id) for item_id in self._history.weights]
        return Counter(chain.from_iterable(traits_of(item) for item in items if item is not None))

    def _in_common(self, opened_id: str, item_id: str) -> str:
        """What an item shares with the opened one, so that the cards of one click do not all say the same."""
        opened, item = self._catalog.get(opened_id), self._catalog.get(item_id)
        shared = likeness(opened, item) if opened and item else ""
        return f": {shared} too" if shared else ""

    def _like_others(self, key: str) -> str:
        """A trait, and how many items of the history have it: "Retro, like three you opened"."""
        trait = parse_trait(key)
        return liking_words(trait, 0 if trait is None else self._traits[trait])
