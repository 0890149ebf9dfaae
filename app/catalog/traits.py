"""What a row is balanced by: types and styles, palettes of templates, all genres of films."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.values.item import Item

TRAITS = ("type", "style", "palette")
"""Attributes of items that people have tastes about, the main one first."""


def item_traits(items: Iterable[Item]) -> tuple[dict[str | int, list[tuple[str, ...]]], tuple[str, ...]]:
    """By item the values of each attribute, and the attributes' names; one that no item has is left out.

    The type of a film is its main genre and then its others, its style the decade. The colours of its poster say
    nothing.
    """
    rows = {item.item_id: [_types(item), _known(item.style), _palette(item)] for item in items}
    kept = [place for place in range(len(TRAITS)) if not rows or any(values[place] for values in rows.values())]
    return {item_id: [values[place] for place in kept] for item_id, values in rows.items()}, tuple(
        TRAITS[place] for place in kept
    )


def traits_of_some(items: Iterable[Item], names: Sequence[str]) -> dict[str | int, list[tuple[str, ...]]] | None:
    """By item the values of the attributes of these names; None where one has a value of another."""
    found: dict[str | int, list[tuple[str, ...]]] = {}
    for item in items:
        values = dict(zip(TRAITS, (_types(item), _known(item.style), _palette(item)), strict=True))
        if any(own and name not in names for name, own in values.items()):
            return None
        found[item.item_id] = [values[name] for name in names]
    return found


def _types(item: Item) -> tuple[str, ...]:
    return (item.type,) if item.year is None else tuple(dict.fromkeys((item.type, *item.tags)))


def _palette(item: Item) -> tuple[str, ...]:
    return _known(item.palette) if item.year is None else ()


def _known(slug: str) -> tuple[str, ...]:
    return (slug,) if slug else ()
