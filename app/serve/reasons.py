"""The sentence under every entry that says why it is there."""

from __future__ import annotations

from app.catalog import Catalog
from app.serve.histories import History
from app.serve.rankers import Ranked
from recommender import FactorModel, ItemToItemModel

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


def reason_for(choice: Ranked, history: History, model: FactorModel | ItemToItemModel | None, catalog: Catalog) -> str:
    """Why `choice` is shown: for a learned score, the item of the history that contributes most to it."""
    if choice.source == "als" and isinstance(model, FactorModel):
        contributions = model.explain(history.weights, choice.item_id)
        if contributions:
            strongest = max(contributions, key=lambda contribution: contribution.share)
            cause = catalog.get(str(strongest.item_id))
            if cause is not None and strongest.share > 0:
                return f"Because you {verb_for(cause.item_id, history)} “{cause.title}”"
        return "Close to your taste as a whole"
    if choice.source == "item-to-item":
        return "People who opened what you opened went on to this"
    return _BY_SOURCE[choice.source]
