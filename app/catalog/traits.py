"""What a row is balanced by: types and styles, palettes of templates, all genres of films."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from app.values.item import Item


def item_traits(items: Collection[Item]) -> tuple[dict[str | int, Sequence[tuple[str, ...]]], tuple[str, ...]]:
    """By item the values of each attribute, and the attributes' names; one that no item has is left out.

    The type of a film is its main genre and then its others, its style the decade. The colours of its poster say
    nothing.
    """
    kept = tuple(name for name, values in TRAITS.items() if not items or any(map(values, items)))
    values_of = [TRAITS[name] for name in kept]
    return {item.item_id: tuple([values(item) for values in values_of]) for item in items}, kept


def traits_of_some(items: Iterable[Item], names: Sequence[str]) -> dict[str | int, Sequence[tuple[str, ...]]] | None:
    """By item the values of the attributes of these names; None where one has a value of another."""
    found: dict[str | int, Sequence[tuple[str, ...]]] = {}
    for item in items:
        values = {name: values(item) for name, values in TRAITS.items()}
        if any(own and name not in names for name, own in values.items()):
            return None
        found[item.item_id] = [values[name] for name in names]
    return found


def _types(item: Item) -> tuple[str, ...]:
    return _known(item.type) if item.year is None else tuple(dict.fromkeys((item.type, *item.tags)))


def _style(item: Item) -> tuple[str, ...]:
    return _known(item.style)


def _palette(item: Item) -> tuple[str, ...]:
    return _known(item.palette) if item.year is None else ()


@lru_cache(maxsize=4096)
def _known(slug: str) -> tuple[str, ...]:
    return (slug,) if slug else ()


TRAITS: Mapping[str, Callable[[Item], tuple[str, ...]]] = {"type": _types, "style": _style, "palette": _palette}
"""Attributes of items that people have tastes about, the main one first."""
