"""What a rule changes of a page, row by row: what leaves, what comes, what moves."""

from __future__ import annotations

from dataclasses import dataclass

from app.serve.page import Page, Shelf
from app.values.item import Item


@dataclass(frozen=True, slots=True)
class Move:
    """An item of a row, and its place (from 1) before and after; None where it does not stand there."""

    item: Item
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class RowChange:
    """What is different on one row. left, come: in the order of their places. moved: those that changed their place."""

    title: str
    left: tuple[Move, ...]
    come: tuple[Move, ...]
    moved: tuple[Move, ...]


def row_changes(before: Page, after: Page) -> list[RowChange]:
    """The rows of either page on which something is different, in the order of the page after."""
    old, new = ({shelf.key: shelf for shelf in page.shelves} for page in (before, after))
    changes = (_change(old.get(key), new.get(key)) for key in [*new, *(key for key in old if key not in new)])
    return [change for change in changes if change.left or change.come or change.moved]


def _change(before: Shelf | None, after: Shelf | None) -> RowChange:
    was, now = _places(before), _places(after)
    title = next(shelf.title for shelf in (after, before) if shelf is not None)
    moves = [
        Move(item, was[item_id][0] if item_id in was else None, now[item_id][0] if item_id in now else None)
        for item_id, (_, item) in (was | now).items()
    ]
    return RowChange(
        title,
        tuple(move for move in moves if move.after is None),
        tuple(sorted((move for move in moves if move.before is None), key=lambda move: move.after or 0)),
        tuple(move for move in moves if None not in (move.before, move.after) and move.before != move.after),
    )


def _places(shelf: Shelf | None) -> dict[str, tuple[int, Item]]:
    entries = () if shelf is None else shelf.entries
    return {entry.item.item_id: (entry.position, entry.item) for entry in entries}
