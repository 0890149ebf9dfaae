"""What an item has of a field: its id, type, style, category, tag, palette, or a free attribute of its shop."""

from __future__ import annotations

from app.values.item import Item

RANGE = ".."
"""Between two numbers, of which one may be left out: ``price`` ``..20``."""


def values_of(item: Item, field: str) -> tuple[str | float, ...]:
    """The values of an item in a field; none for a field that it does not have. category: its type and style."""
    match field:
        case "item_id":
            return (item.item_id,)
        case "type" | "style" | "palette":
            value: str = getattr(item, field)
            return (value,) if value else ()
        case "category":
            return tuple(name for name in (item.type, item.style) if name)
        case "tag":
            return item.tags
    return next(((v if isinstance(v, tuple) else (v,)) for name, v in item.attributes if name == field), ())


def has(item: Item, field: str, value: str) -> bool:
    """Whether an item has a value in a field: a text as it is written, a number as such or between two (``5..20``)."""
    return any(_is(found, value) for found in values_of(item, field))


def _is(found: str | float, value: str) -> bool:
    if isinstance(found, str):
        return found == value
    low, between, high = value.partition(RANGE)
    try:
        if between:
            return (float(low) if low else found) <= found <= (float(high) if high else found)
        return float(value) == found
    except ValueError:
        return False
