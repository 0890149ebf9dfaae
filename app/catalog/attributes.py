"""What items have in common by their looks: the description that gives every item a place before anybody touched it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations

from app.values.item import Item

_LONGEST = 60
"""A longer text describes one item; it is nothing that items share."""


_TAGS = 6
"""Tags of a template, foremost first, that a liking may be named after."""


def item_attributes(items: Iterable[Item]) -> dict[str | int, list[str]]:
    """Attributes of each item by id: type, style and palette, every two of them together, and a film's genres.

    Pairs matter because tastes are about them: somebody may like retro posters and minimal résumés. Of a shop's own
    items also tags and whatever else their source says, where at least two items have it in common.
    """
    found = {item.item_id: _attributes(item) for item in items}
    if any(own for _, own in found.values()):
        shared = Counter(name for _, own in found.values() for name in own)
        return {item_id: looks + [name for name in own if shared[name] > 1] for item_id, (looks, own) in found.items()}
    return {item_id: looks for item_id, (looks, _) in found.items()}


def attributes_of(item: Item) -> list[str]:
    """All attributes of one item, whether others have them or not; see `item_attributes`."""
    looks, own = _attributes(item)
    return looks + own


def stage_attributes(items: Iterable[Item]) -> dict[str | int, list[str]]:
    """Attributes of each item by id that a liking may be named after, tags among them; no pairs.

    For the second stage, which learns how much a liking for each kind of attribute tells.
    """
    items = list(items)
    single = {item_id: [name for name in names if "&" not in name] for item_id, names in item_attributes(items).items()}
    for item in items:
        if item.layout:
            single[item.item_id] += [f"tag={tag}" for tag in item.tags[:_TAGS]]
    return single


def _attributes(item: Item) -> tuple[list[str], list[str]]:
    """What the bundled catalogs say of an item, and what a shop says."""
    single = [f"type={item.type}"]
    if item.style:
        single.append(f"style={item.style}")
    if item.year is None and item.palette:
        single.append(f"palette={item.palette}")
    pairs = [f"{one}&{other}" for one, other in combinations(single, 2)]
    genres = [] if item.year is None else [f"genre={tag}" for tag in item.tags]
    return single + pairs + genres, [] if item.layout else list(dict.fromkeys(_own(item)))


def _own(item: Item) -> Iterator[str]:
    yield from (f"tag={tag}" for tag in item.tags)
    for name, value in item.attributes:
        if isinstance(value, tuple):
            yield from (f"{name}={text}" for text in value if len(text) <= _LONGEST)
        elif isinstance(value, str):
            if len(value) <= _LONGEST:
                yield f"{name}={value}"
        elif value > 0:
            # Prices and sizes are alike by their ratio: half an octave is one band.
            yield f"{name}~{round(2 * math.log2(value))}"
