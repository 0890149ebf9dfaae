"""Traits: what a visitor would call an item by, such as its type, style and colour, or a film's genres and decade."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from app.catalog import label
from app.values.item import Item

KINDS = ("type", "style", "colour", "genre", "decade")
_KEPT = 50_000


class Trait(NamedTuple):
    """One value of one kind: a kind of `KINDS`, and a slug."""

    kind: str
    value: str

    @property
    def key(self) -> str:
        """The trait as one text, such as ``style:retro``."""
        return f"{self.kind}:{self.value}"

    @property
    def words(self) -> str:
        """What people call it."""
        return f"{label(self.value)} colours" if self.kind == "colour" else label(self.value)


@lru_cache(_KEPT)
def parse_trait(key: str) -> Trait | None:
    """The trait that a key names; None for a text that is no key."""
    kind, separator, value = key.partition(":")
    return Trait(kind, value) if kind in KINDS and separator and value else None


def trait_of_attribute(attribute: str) -> Trait | None:
    """The trait that an attribute of a model (``style=retro``) is called by; None for one that has no such name."""
    kind, _, value = attribute.partition("=")
    return parse_trait(f"{'colour' if kind == 'palette' else kind}:{value}")


@lru_cache(_KEPT)
def traits_of(item: Item) -> tuple[Trait, ...]:
    """The traits of an item: type, style and colour of a template, genres and decade of a film."""
    if item.year is not None:
        found = [*(Trait("genre", tag) for tag in item.tags or (item.type,)), Trait("decade", item.style)]
    else:
        found = [Trait("type", item.type), Trait("style", item.style), Trait("colour", item.palette)]
    return tuple(trait for trait in found if trait.value)
