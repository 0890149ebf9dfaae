"""Builds one page shelf by shelf: no item twice, each slot with its exact propensity, each shelf a slate to log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cached_property, lru_cache

import numpy as np

from app.catalog import Catalog
from app.serve.by_lot.lot import LOT, Drawn
from app.serve.first_row.interleaved import Draft
from app.serve.page import Entry, Page, Shelf
from app.serve.rankers import Ranked
from app.serve.reasons import Explained
from app.serve.rules.applied import AppliedRules, no_rules
from app.store.slates import PICKS_SHELF, LoggedSlate
from app.values.fresh_id import fresh_id
from app.values.rule import PINNED
from app.values.visitor import Visitor
from recommender import SlatePolicy
from recommender.reranking.bounds import RowBounds, RowInTheMaking
from recommender.reranking.stand_ins import StandIns

Reason = Callable[[Sequence[Ranked]], "Sequence[str | Explained]"]
"""Says why each of the entries of a shelf is shown, with the causes where a model explains them."""


Draw = Callable[[int, AbstractSet[str]], "Sequence[Drawn]"]
"""Draws so many items by lot, none of some."""


class PageBuilder:
    """One page in the making. `hidden` items never appear on it, and business rules hold."""

    def __init__(
        self,
        catalog: Catalog,
        visitor: Visitor,
        hidden: Collection[str],
        make_rng: Callable[[], np.random.Generator],
        model_version: int | None,
        now: float,
        rules: AppliedRules | None = None,
    ) -> None:
        self.page_id = fresh_id()
        self._catalog = catalog
        self._visitor = visitor
        self._make_rng = make_rng
        self._model_version = model_version
        self.now = now
        self._shelves: list[Shelf] = []
        self.rules = rules or no_rules(catalog)
        self.taken: set[str] = {*hidden, *self.rules.hidden}

    def go_on(self, page_id: str, shown: Collection[str]) -> None:
        """Go on with a page that was served, without what it showed."""
        self.page_id = page_id
        self.taken.update(shown)

    @cached_property
    def rng(self) -> np.random.Generator:
        """The generator of the page, made when chance is asked for: most pages draw by the seed of their visit."""
        return self._make_rng()

    def add(
        self,
        key: str,
        title: str,
        reason: str,
        ranked: Iterable[Ranked],
        why: Reason,
        *,
        size: int,
        policy: str,
        explore_share: float = 0.0,
        pool: Sequence[str] = (),
        link: str | None = None,
        draft: Draft | None = None,
        first_place: int = 1,
        seed: int | None = None,
        bounds: RowBounds | None = None,
    ) -> None:
        """Add a shelf of the first `size` ranked items that the page does not have yet; nothing when none is left.

        With `explore_share`, each slot from `first_place` (from 1) on may show an item drawn from `pool` instead, as
        `SlatePolicy` defines, by the generator of the page or, with `seed`, by that. `draft` says who drafted the
        ranked items. `bounds` keep one type from filling the shelf, whatever is pinned, capped or drawn.
        """
        pins = self.rules.pins(key, size, self.taken)
        pinned = frozenset(pins.values())
        free = (choice for choice in ranked if choice.item_id not in self.taken and choice.item_id not in pinned)
        placed = {place - 1: item_id for place, item_id in pins.items()}
        making = RowInTheMaking(bounds, size, placed) if bounds is not None and self.rules.spare(size) else None
        chosen = self.rules.capped(key, free, size - len(pins), pinned, making)
        if not chosen and not pins:
            return
        shown = [(choice, 1.0) for choice in chosen]
        if explore_share and chosen:
            explorable: Sequence[str] = pool
            if self.rules.rules:
                open_pool = [item_id for item_id in pool if item_id not in self.taken and item_id not in pinned]
                explorable = self.rules.capped_pool(key, open_pool, {*(choice.item_id for choice in chosen), *pinned})
            stand_ins = None if bounds is None else _stand_ins(_with_pins(shown, pins), pinned, bounds)
            shown = self._drawn(chosen, _policy(explore_share, first_place - 1), explorable, seed, stand_ins)
        entries = self._entries(_with_pins(shown, pins), why)
        if draft is not None:
            entries = [_drafted(entry, draft) for entry in entries]
        version = None if draft is None else draft.version
        self._append(Shelf(key, title, reason, fresh_id(), tuple(entries), policy, link, version))

    def _drawn(
        self,
        chosen: Sequence[Ranked],
        policy: SlatePolicy,
        pool: Sequence[str],
        seed: int | None,
        stand_ins: StandIns | None,
    ) -> list[tuple[Ranked, float]]:
        """What the policy shows in place of the chosen, with its propensity."""
        by_id = {choice.item_id: choice for choice in chosen}
        slots, explorable = list(by_id), pool
        if not self.taken.isdisjoint(pool):
            explorable = [item_id for item_id in pool if item_id not in self.taken]
        if seed is None:
            drawn = policy.draw(slots, explorable, len(slots), self.rng, stand_ins)
        else:
            drawn = policy.draw_again(slots, explorable, len(slots), seed, stand_ins)
        return [
            (by_id[str(slot.item_id)], slot.propensity)
            if slot.source == "rank"
            else (Ranked(str(slot.item_id), "explore", None), slot.propensity)
            for slot in drawn
        ]

    def add_drawn(self, key: str, title: str, reason: str, draw: Draw, why: Reason, *, size: int, policy: str) -> None:
        """Add a shelf of what is drawn by lot for the places without a pin; nothing when nothing is.

        draw: so many items, none of those given.
        """
        pins = self.rules.pins(key, size, self.taken)
        drawn = draw(size - len(pins), self.taken.union(pins.values()))
        shown = [(Ranked(entry.item_id, LOT, None), entry.propensity) for entry in drawn]
        entries = self._entries(_with_pins(shown, pins), why)
        if entries:
            self._append(Shelf(key, title, reason, fresh_id(), tuple(entries), policy))

    def _entries(self, shown: Sequence[tuple[Ranked, float]], why: Reason) -> list[Entry]:
        """Entries with their reasons, of what stands there with which chance."""
        choices = [choice for choice, _ in shown]
        found = []
        for position, ((choice, propensity), said) in enumerate(zip(shown, why(choices), strict=True), start=1):
            item = self._catalog.get(choice.item_id)
            if item is None:
                raise LookupError(f"ranked item {choice.item_id!r} is not in the catalog")
            text, causes = said if isinstance(said, Explained) else (said, ())
            found.append(Entry(item, position, choice.source, choice.score, propensity, text, None, causes))
        return found

    def _append(self, shelf: Shelf) -> None:
        self._shelves.append(shelf)
        self.taken.update(entry.item.item_id for entry in shelf.entries)

    def slates(self) -> list[LoggedSlate]:
        """The shelves as the records that the slate log keeps."""
        return [
            LoggedSlate(
                slate_id=shelf.slate_id or "",
                page_id=self.page_id,
                visitor_id=self._visitor.visitor_id,
                shelf=shelf.key,
                policy=shelf.policy,
                arm=self._visitor.arm,
                model_version=self._model_version,
                served_at=self.now,
                origin=self._visitor.origin,
                items=tuple(entry.item.item_id for entry in shelf.entries),
                sources=tuple(entry.source for entry in shelf.entries),
                propensities=tuple(entry.propensity for entry in shelf.entries),
                scores=tuple(entry.score for entry in shelf.entries),
                teams=_teams(shelf),
                challenger_version=shelf.challenger_version,
                rules=self.rules.rule_ids or None,
            )
            for shelf in self._shelves
        ]

    def page(self, *, logged: bool, notice: str | None = None, more: bool = False) -> Page:
        """The finished page. When it was not `logged`, its shelves carry no slate id and events are organic."""
        shelves = self._shelves if logged else [replace(shelf, slate_id=None) for shelf in self._shelves]
        picks = next((shelf for shelf in shelves if shelf.key == PICKS_SHELF), None)
        rows = tuple(shelf for shelf in shelves if shelf is not picks)
        visitor, version = self._visitor, self._model_version
        return Page(self.page_id, rows, visitor.arm, version, notice, more, picks, visitor.judges)


def _stand_ins(shown: Sequence[tuple[Ranked, float]], pinned: AbstractSet[str], bounds: RowBounds) -> StandIns:
    """The row as chance finds it: nothing makes room but what has a place without a pin."""
    row = [choice.item_id for choice, _ in shown]
    return StandIns(bounds, row, [place for place, item_id in enumerate(row) if item_id not in pinned])


@lru_cache(maxsize=16)
def _policy(explore_share: float, first_slot: int) -> SlatePolicy:
    """The policy of these settings, which every page has."""
    return SlatePolicy(explore_share, first_slot)


def _with_pins(shown: Sequence[tuple[Ranked, float]], pins: Mapping[int, str]) -> list[tuple[Ranked, float]]:
    """What stands on a shelf: pins at their places, or at the end of a shelf that is too short, the others around them.

    A pin is sure: its propensity is 1. The places of the others follow from it, and their chances stay as they are.
    """
    found = list(shown)
    for place in sorted(pins):
        found.insert(place - 1, (Ranked(pins[place], PINNED, None), 1.0))
    return found


def _drafted(entry: Entry, draft: Draft) -> Entry:
    """The entry with its side. What a rule had pinned belongs to neither, as what was drawn by chance does."""
    by_chance = entry.source in ("explore", PINNED)
    team, drafted = draft.place(entry.item.item_id, "explore" if by_chance else entry.source)
    return entry._replace(team=team, propensity=entry.propensity * drafted)


def _teams(shelf: Shelf) -> tuple[str, ...] | None:
    return None if shelf.challenger_version is None else tuple(entry.team or "" for entry in shelf.entries)
