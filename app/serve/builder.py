"""Builds one page shelf by shelf: no item twice, each slot with its exact propensity, each shelf a slate to log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from app.catalog import Catalog
from app.serve.by_lot.lot import LOT, Drawn
from app.serve.first_row.interleaved import Draft
from app.serve.page import Entry, Page, Shelf
from app.serve.rankers import Ranked
from app.serve.reasons import Explained
from app.store.slates import PICKS_SHELF, LoggedSlate
from app.values.fresh_id import fresh_id
from app.values.visitor import Visitor
from recommender import SlatePolicy

Reason = Callable[[Sequence[Ranked]], "Sequence[str | Explained]"]
"""Says why each of the entries of a shelf is shown, with the causes where a model explains them."""


class PageBuilder:
    """One page in the making. `hidden` items never appear on it."""

    def __init__(
        self,
        catalog: Catalog,
        visitor: Visitor,
        hidden: Collection[str],
        make_rng: Callable[[], np.random.Generator],
        model_version: int | None,
        now: float,
    ) -> None:
        self.page_id = fresh_id()
        self._catalog = catalog
        self._visitor = visitor
        self._make_rng = make_rng
        self._model_version = model_version
        self.now = now
        self._shelves: list[Shelf] = []
        self.taken: set[str] = set(hidden)

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
    ) -> None:
        """Add a shelf of the first `size` ranked items that the page does not have yet; nothing when none is left.

        With `explore_share`, each slot from `first_place` (from 1) on may show an item drawn from `pool` instead, as
        `SlatePolicy` defines, by the generator of the page or, with `seed`, by that. `draft` says who drafted the
        ranked items.
        """
        chosen = [choice for choice in ranked if choice.item_id not in self.taken][:size]
        if not chosen:
            return
        if explore_share:
            drawn = self._drawn(chosen, SlatePolicy(explore_share, first_place - 1), pool, seed)
        else:
            drawn = [(choice, 1.0) for choice in chosen]
        reasons = why([choice for choice, _ in drawn])
        entries = []
        for position, ((choice, chance), said) in enumerate(zip(drawn, reasons, strict=True), start=1):
            item_id = choice.item_id
            item = self._catalog.get(item_id)
            if item is None:
                raise LookupError(f"ranked item {item_id!r} is not in the catalog")
            team, drafted = (None, 1.0) if draft is None else draft.place(item_id, choice.source)
            text, causes = said if isinstance(said, Explained) else (said, ())
            entries.append(Entry(item, position, choice.source, choice.score, chance * drafted, text, team, causes))
        version = None if draft is None else draft.version
        self._append(Shelf(key, title, reason, fresh_id(), tuple(entries), policy, link, version))

    def _drawn(
        self, chosen: Sequence[Ranked], policy: SlatePolicy, pool: Sequence[str], seed: int | None
    ) -> list[tuple[Ranked, float]]:
        """What the policy shows in place of the chosen, with its propensity."""
        by_id = {choice.item_id: choice for choice in chosen}
        slots, explorable = list(by_id), [item_id for item_id in pool if item_id not in self.taken]
        if seed is None:
            drawn = policy.draw(slots, explorable, len(slots), self.rng)
        else:
            drawn = policy.draw_again(slots, explorable, len(slots), seed)
        return [
            (by_id[str(slot.item_id)], slot.propensity)
            if slot.source == "rank"
            else (Ranked(str(slot.item_id), "explore", None), slot.propensity)
            for slot in drawn
        ]

    def add_drawn(self, key: str, title: str, reason: str, drawn: Sequence[Drawn], why: Reason, *, policy: str) -> None:
        """Add a shelf of what was drawn by lot, none of which the page has yet; nothing when nothing was."""
        reasons = why([Ranked(entry.item_id, LOT, None) for entry in drawn])
        entries = [
            Entry(item, position, LOT, None, entry.propensity, str(said))
            for position, (entry, said) in enumerate(zip(drawn, reasons, strict=True), start=1)
            if (item := self._catalog.get(entry.item_id)) is not None
        ]
        if entries:
            self._append(Shelf(key, title, reason, fresh_id(), tuple(entries), policy))

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


def _teams(shelf: Shelf) -> tuple[str, ...] | None:
    return None if shelf.challenger_version is None else tuple(entry.team or "" for entry in shelf.entries)
