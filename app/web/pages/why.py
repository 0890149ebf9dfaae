"""“Why am I seeing this?”, answered from the slate as it was logged: the same causes as under its card."""

from __future__ import annotations

from dataclasses import dataclass

from app.flywheel import Flywheel
from app.measure.governance.lineage import EntryLineage, SlateLineage, lineage
from app.serve.causes import WISH, Cause, cause_name, cause_words, causes_with_popularity
from app.store.slates import LoggedSlate, get_slate
from app.store.wishes import wishes_of
from app.values.item import Item
from app.values.visitor import Visitor
from app.web.addresses import quoted_id

_SHELVES = {
    "for-you": "“For you”",
    "because": "“Because you opened …”",
    "more-of-type": "more of the type you open most",
    "popular": "“Popular now”",
    "new": "“New here”",
    "similar": "“More like this”",
    "pairs": "“Goes with it”",
    "search": "your search results",
    "grid": "the list of its type",
    "api": "recommendations",
    "by-lot": "“Drawn by lot”",
    "by-lot-more": "“More, drawn by lot”",
}
_SOURCES = {
    "als": "The model put it there, by what you did so far.",
    "first-factors": "A first model put it there, by what you did so far; none has passed the exam yet.",
    "item-to-item": "Visitors who opened what you opened went on to this.",
    "popularity": "It is what everybody opens most right now; your own clicks had no part in it.",
    "editorial": "It is in the editors' order; there were no clicks to rank by yet.",
    "new": "It is among the newest here; your own clicks had no part in it.",
    "search": "It matches the words that you searched for.",
    "browse": "It shares the type and style of what you were looking at.",
    "lot": "It was drawn by lot: what you open of such rows judges rankings, and flatters none of them.",
    "pinned": "The shop put it there, for everybody.",
    "explore": "It is a wild card: drawn by chance, so that the model learns what it would otherwise never show you.",
}
_ABOUT_AN_ITEM = frozenset({"because", "similar"})
"""Shelves of neighbours of one item; the history had no part in their order."""


@dataclass(frozen=True, slots=True)
class CauseLine:
    """One cause as people read it: what it is, its share in hundredths, what links it to the item, and where it is."""

    words: str
    percent: int
    evidence: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Why:
    """Why an item stood at a place: the place, the reason, the causes, and what is technical about it."""

    place: str
    reason: str
    causes: tuple[CauseLine, ...]
    technical: tuple[str, ...]

    @property
    def percents(self) -> tuple[int, ...]:
        """Shares of the causes, for the line that shows them."""
        return tuple(cause.percent for cause in self.causes)


def why_shown(flywheel: Flywheel, visitor: Visitor, item: Item, where: tuple[str, int] | None) -> Why | None:
    """Why the item stood at that place; None when it did not, or not for this visitor."""
    if where is None:
        return None
    slate_id, position = where
    slate = get_slate(flywheel.store.reader(), slate_id)
    if slate is None or slate.visitor_id != visitor.visitor_id or position > len(slate.items):
        return None
    if slate.items[position - 1] != item.item_id:
        return None
    behind = slate_lineage(flywheel, slate_id, position)
    return explain_entry(flywheel, behind, behind.entries[0], opened=True)


def slate_lineage(flywheel: Flywheel, slate_id: str, position: int | None = None) -> SlateLineage:
    """What is behind a slate or one entry, with the model in use taken from memory."""
    loaded = flywheel.serve.models_in_use()
    return lineage(flywheel.store, flywheel.registry, flywheel.settings, slate_id, position, loaded)


def explain_entry(flywheel: Flywheel, behind: SlateLineage, entry: EntryLineage, opened: bool = False) -> Why:
    """Why an entry of a logged slate was shown. opened: whether its visitor has opened the item since."""
    slate = behind.slate
    causes = () if slate.shelf in _ABOUT_AN_ITEM else _causes(flywheel, behind, entry)
    lines = tuple(_line(flywheel, cause, entry.item_id, opened) for cause in causes)
    place, reason, technical = sentences(slate, entry.position)
    return Why(place, reason, lines, tuple(technical))


def _causes(flywheel: Flywheel, behind: SlateLineage, entry: EntryLineage) -> tuple[Cause, ...]:
    if not entry.shares or entry.score is None:
        return ()
    asked = wishes_of(flywheel.store.reader(), behind.slate.visitor_id)
    # A score is the sum of what the history adds, and of what the visitor had asked for by then.
    wish = entry.score - sum(share.share for share in entry.shares)
    had_asked = any(wish.set_at < behind.slate.served_at for wish in asked)
    adding = [(cause_name(share), share.share) for share in entry.shares]
    popularity = sum(share.share for share in entry.shares if share.cause == "rate")
    return causes_with_popularity([*adding, (WISH, wish)] if had_asked else adding, popularity)


def _line(flywheel: Flywheel, cause: Cause, item_id: str, opened: bool) -> CauseLine:
    catalog = flywheel.catalog
    evidence, link = "", None
    if cause.kind == "item" and cause.key in catalog:
        evidence = flywheel.serve.co_openings.evidence(cause.key, item_id, catalog, without_self=opened)
        link = f"item/{quoted_id(cause.key)}"
    words = cause_words(cause, catalog)
    return CauseLine(words[:1].upper() + words[1:], cause.percent, evidence, link)


def sentences(slate: LoggedSlate, position: int) -> tuple[str, str, list[str]]:
    """The place, the reason, and what is technical about it: the version, a trial, the chance of a drawn place."""
    source = slate.sources[position - 1]
    propensity = slate.propensities[position - 1]
    shelf = _SHELVES.get(slate.shelf, "a row of popular items")
    technical = []
    version = slate.model_version
    if slate.teams is not None and slate.teams[position - 1] == "challenger":
        version = slate.challenger_version
    if source == "als" and version is not None:
        technical.append(f"Ranked by model version {version}.")
    if "balance" in slate.policy.split("+") and source != "explore":
        technical.append("The row was then balanced by the types and styles that you turn to.")
    if slate.teams is not None:
        technical.append(
            f"Version {slate.challenger_version} was on trial, and filled this row together with the champion."
        )
    if propensity < 1:
        technical.append(
            f"This place showed this very item with a chance of {_percent(propensity)}, which is kept on record."
        )
    return f"It was number {position} in {shelf}.", _SOURCES.get(source, "It was part of that row."), technical


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 else f"{share:.2%}"
