"""The home page: which shelves stand on it, in what order."""

from __future__ import annotations

from app.serve.builder import PageBuilder
from app.serve.shelves import Shelves


def add_home(shelves: Shelves, page: PageBuilder) -> None:
    """The shelf that learns first, then rows that follow from what the visitor did; for a newcomer, what is popular."""
    shelves.add_for_you(page)
    if shelves.learns and shelves.history.weights:
        shelves.add_because(page)
        shelves.add_more_of_type(page)
        shelves.add_popular(page)
        shelves.add_new(page)
    else:
        shelves.add_new(page)
        shelves.add_popular_types(page)
