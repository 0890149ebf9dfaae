"""“Why am I seeing this?”, answered from the slate as it was logged."""

from __future__ import annotations

from app.flywheel import Flywheel
from app.store.slates import LoggedSlate, get_slate
from app.values.item import Item
from app.values.visitor import Visitor

_SHELVES = {
    "for-you": "“For you”",
    "because": "“Because you opened …”",
    "more-of-type": "more of the type you open most",
    "popular": "“Popular now”",
    "new": "“New here”",
    "similar": "“More like this”",
    "search": "your search results",
    "grid": "the list of its type",
    "api": "recommendations",
}
_SOURCES = {
    "als": "The model put it there: visitors whose clicks resemble yours turn to it.",
    "item-to-item": "Visitors who opened what you opened went on to this.",
    "popularity": "It is what everybody opens most right now; your own clicks had no part in it.",
    "editorial": "It is in the editors' order; there were no clicks to rank by yet.",
    "new": "It is among the newest here; your own clicks had no part in it.",
    "search": "It matches the words that you searched for.",
    "browse": "It shares the type and style of what you were looking at.",
    "explore": "It is a wild card: drawn by chance, so that the model learns what it would otherwise never show you.",
}


def why_shown(flywheel: Flywheel, visitor: Visitor, item: Item, where: tuple[str, int] | None) -> list[str]:
    """Sentences on why the item stood at that place; none when it did not, or not for this visitor."""
    if where is None:
        return []
    slate_id, position = where
    slate = get_slate(flywheel.store.reader(), slate_id)
    if slate is None or slate.visitor_id != visitor.visitor_id or position > len(slate.items):
        return []
    return sentences(slate, position) if slate.items[position - 1] == item.item_id else []


def sentences(slate: LoggedSlate, position: int) -> list[str]:
    """The place, the reason, and for a drawn place the chance with which it was shown."""
    source = slate.sources[position - 1]
    propensity = slate.propensities[position - 1]
    shelf = _SHELVES.get(slate.shelf, "a row of popular items")
    said = [f"It was number {position} in {shelf}.", _SOURCES.get(source, "It was part of that row.")]
    version = slate.model_version
    if slate.teams is not None and slate.teams[position - 1] == "challenger":
        version = slate.challenger_version
    if source == "als" and version is not None:
        said[1] += f" Ranked by model version {version}."
    if slate.teams is not None:
        said.append(f"Version {slate.challenger_version} was on trial, and filled this row together with the champion.")
    if propensity < 1:
        said.append(
            f"This place showed this very item with a chance of {_percent(propensity)}, which is kept on record."
        )
    return said


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 else f"{share:.2%}"
