"""The sentence under every entry that says why it is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from app.catalog import Catalog
from app.serve.causes import Cause, added, cause_words, causes_of
from app.serve.rankers import Ranked
from app.serve.traits import parse_trait, traits_of
from app.visitors import History
from recommender import Explainer, FactorModel, ItemToItemModel

_NAMED = 2
_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ALONE = 90
"""Hundredths from which on a cause is named without its share: the others are next to nothing."""
_BY_SOURCE = {
    "popularity": "Popular with everyone right now",
    "editorial": "Picked by the editors",
    "new": "New here",
    "explore": "A wild card, to learn what you like",
    "search": "Matches your search",
    "lot": "Drawn by lot, to judge rankings by",
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


class Explained(NamedTuple):
    """The sentence under an entry, and the causes that it names."""

    text: str
    causes: tuple[Cause, ...]


class Reasons:
    """Says of one page's entries why each is shown; made for a history and the model that ranks it."""

    def __init__(
        self,
        history: History,
        model: FactorModel | ItemToItemModel | None,
        catalog: Catalog,
        wish: Callable[[str], float] | None = None,
    ) -> None:
        """wish: what the visitor's wishes add to the score of an item."""
        self._history = history
        self._wish = wish
        self._model = model
        self._catalog = catalog
        self._explainer: Explainer | None = None

    def __call__(self, choice: Ranked) -> str | Explained:
        """Why `choice` is shown: for a learned score, what contributes most to it, with the shares."""
        if choice.source == "als" and isinstance(self._model, FactorModel):
            if self._explainer is None:
                self._explainer = self._model.explainer(self._history.weights)
            found = self._explainer.explain(choice.item_id) if choice.item_id in self._model else []
            from_model = added(found)
            wish = self._wish(choice.item_id) if self._wish else 0.0
            causes = causes_of(from_model.contributions, wish, from_model.trait, from_model.other)
            return Explained(self._sentence(causes), causes)
        if choice.source == "item-to-item":
            return "People who opened what you opened went on to this"
        return _BY_SOURCE[choice.source]

    def _sentence(self, causes: tuple[Cause, ...]) -> str:
        named = [cause for cause in causes if cause.kind != "rest"][:_NAMED]
        if not named:
            return "Close to your taste as a whole"
        first = named[0]
        if first.percent < _ALONE and len(named) > 1:
            between = "; " if any(cause.kind == "trait" for cause in named) else ", "
            return between.join(f"{cause.percent} % {self._words(cause)}" for cause in named)
        words = cause_words(first, self._catalog)
        if first.kind == "item":
            return f"Because you {verb_for(first.key, self._history)} {words}"
        if first.kind == "trait":
            return self._like_others(first.key)
        return {"wish": "You asked for it", "trend": "Trending today"}.get(first.kind, f"For {words}")

    def _words(self, cause: Cause) -> str:
        return self._like_others(cause.key) if cause.kind == "trait" else cause_words(cause, self._catalog)

    def _like_others(self, key: str) -> str:
        """A trait, and how many items of the history have it: "Retro, like three you opened"."""
        trait = parse_trait(key)
        items = [self._catalog.get(item_id) for item_id in self._history.weights]
        count = sum(trait in traits_of(item) for item in items if item is not None)
        if trait is None or not count:
            return f"For your liking for {trait.words if trait else 'its kind'}"
        number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
        return f"{trait.words}, like {number} you opened"
