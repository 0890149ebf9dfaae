"""What the catalog knows of one item."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One template or film. `type`, `style`, `palette` and `layout` are slugs such as ``social-post``.

    position: place in the editorial order, from 0.
    added_at: Unix seconds at which the item joined the catalog.
    seed: the number from which the artwork is drawn.
    year: release year of a film, else None.
    """

    item_id: str
    position: int
    title: str
    type: str
    style: str
    palette: str
    layout: str
    tags: tuple[str, ...]
    added_at: float
    seed: int
    year: int | None = None
