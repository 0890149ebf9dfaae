"""Catalogs of growing size: the committed templates, then copies of them with ids, titles and looks of their own."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import chain

from app.values.item import Item
from seed_data.artwork.palettes import PALETTES
from seed_data.looks import LAYOUTS, STYLES_OF_TYPE
from seed_data.templates import load_templates


def grown_catalog(copies: int, seed: int = 7) -> list[Item]:
    """`copies` times the template catalog, the originals first; the same arguments give the same items.

    A copy keeps type, topic and tags of its original and is dressed anew: style, palette, layout, artwork and day.
    Raises ValueError for less than one copy.
    """
    if copies < 1:
        raise ValueError(f"copies = {copies} must be at least 1; 1 is the catalog as it is")
    originals = load_templates()
    rng = random.Random(seed)
    palettes = sorted(PALETTES)

    def copy(original: Item, number: int) -> Item:
        return replace(
            original,
            item_id=f"{original.item_id}-{number}",
            position=original.position + number * len(originals),
            title=f"{original.title} {number + 1}",
            style=rng.choice(STYLES_OF_TYPE[original.type]) if rng.random() < 0.5 else original.style,
            palette=rng.choice(palettes),
            layout=rng.choice(LAYOUTS[original.type]),
            added_at=original.added_at - 3600.0 * number,
            seed=rng.randrange(1, 1_000_000),
        )

    return list(chain(originals, *([copy(item, number) for item in originals] for number in range(1, copies))))
