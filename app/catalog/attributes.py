"""What items have in common by their looks: the description that gives every item a place before anybody touched it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from app.values.item import Item


def item_attributes(items: Iterable[Item]) -> dict[str | int, list[str]]:
    """Attributes of each item by id: type, style and palette, every two of them together, and a film's genres.

    Pairs matter because tastes are about them: somebody may like retro posters and minimal résumés.
    """
    return {item.item_id: _attributes(item) for item in items}


def _attributes(item: Item) -> list[str]:
    single = [f"type={item.type}", f"style={item.style}"]
    if item.year is None:
        single.append(f"palette={item.palette}")
    pairs = [f"{one}&{other}" for one, other in combinations(single, 2)]
    genres = [] if item.year is None else [f"genre={tag}" for tag in item.tags]
    return single + pairs + genres
