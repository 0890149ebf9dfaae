"""Rows that are drawn by lot, for visitors whose pages judge models."""

from __future__ import annotations

from dataclasses import replace

from app.catalog.among import Among
from app.serve.builder import PageBuilder
from app.serve.shelves import Shelves


def add_drawn_home(shelves: Shelves, page: PageBuilder) -> None:
    """The home page of a visitor whose pages judge models: two rows that are drawn by lot, and what is new."""
    add_by_lot(shelves, page, "by-lot", "Drawn by lot")
    add_by_lot(shelves, page, "by-lot-more", "More, drawn by lot")
    shelves.add_new(page)


def add_by_lot(
    shelves: Shelves, page: PageBuilder, key: str, title: str, among: Among | None = None, k: int | None = None
) -> None:
    """A row that nobody's ranking chose, with exact propensities; nothing for a visitor whose pages judge no models.

    Of some items alone it is no row that models are judged by: what is drawn from was narrowed.
    """
    if shelves.lot is None:
        return
    lot = shelves.lot if among is None else replace(shelves.lot, everything=among, popular_share=0.0)
    known = shelves.history.weights.keys()
    page.add_drawn(
        key,
        title,
        "So that rankings can be judged by what nobody's ranking chose",
        lambda count, taken: lot.draw(count, taken | known, page.rng),
        shelves.why,
        size=k or shelves.size,
        policy="neutral" if among is None else "neutral-type",
    )
