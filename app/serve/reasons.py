"""The sentence under every entry that says why it is there."""

from __future__ import annotations

from app.catalog import Catalog
from app.serve.rankers import Ranked
from app.visitors import History
from recommender import Explainer, FactorModel, ItemToItemModel

_BY_SOURCE = {
    "popularity": "Popular with everyone right now",
    "editorial": "Picked by the editors",
    "new": "New here",
    "explore": "A wild card, to learn what you like",
    "search": "Matches your search",
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


class Reasons:
    """Says of one page's entries why each is shown; made for a history and the model that ranks it."""

    def __init__(self, history: History, model: FactorModel | ItemToItemModel | None, catalog: Catalog) -> None:
        self._history = history
        self._model = model
        self._catalog = catalog
        self._explainer: Explainer | None = None

    def __call__(self, choice: Ranked) -> str:
        """Why `choice` is shown: for a learned score, the item of the history that contributes most to it."""
        if choice.source == "als" and isinstance(self._model, FactorModel):
            if self._explainer is None:
                self._explainer = self._model.explainer(self._history.weights)
            strongest = self._explainer.strongest(choice.item_id)
            cause = self._catalog.get(str(strongest.item_id)) if strongest is not None and strongest.share > 0 else None
            if cause is not None:
                return f"Because you {verb_for(cause.item_id, self._history)} “{cause.title}”"
            return "Close to your taste as a whole"
        if choice.source == "item-to-item":
            return "People who opened what you opened went on to this"
        return _BY_SOURCE[choice.source]
