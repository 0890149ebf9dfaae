"""What the catalog knows of one item."""

from __future__ import annotations

from dataclasses import dataclass

AttributeValue = str | float | tuple[str, ...]
"""What an attribute of an item may be: a text, a number or a list of texts."""

PLACEHOLDER_SIZE = (480, 600)
"""Width and height in pixels that a page reserves for an item whose picture has no known size."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that may be recommended: a template, a film, a product of anybody's shop.

    `type` and `style` are its first two categories, as slugs such as ``social-post`` or as the shop spells them;
    `style`, `palette` and `layout` are empty where nothing is said. tags: further categories and words.

    position: place in the editorial order, from 0.
    added_at: Unix seconds at which the item joined the catalog.
    seed: the number from which the artwork is drawn.
    year: release year of a film, else None.
    image: file of the picture, relative to the folder of images; None shows a placeholder.
    image_width, image_height: size of the picture in pixels, known before it is drawn; None where nobody said.
    image_url: address of the picture where another host keeps it. url: address of the item at its shop.
    attributes: what else its source says, as (name, value) in the order of the source.
    available: False for an item that is on no list now; its own page is shown all the same.
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
    image: str | None = None
    image_width: int | None = None
    image_height: int | None = None
    image_url: str | None = None
    url: str | None = None
    attributes: tuple[tuple[str, AttributeValue], ...] = ()
    available: bool = True

    def __hash__(self) -> int:
        return hash(self.item_id)  # what is kept by item is asked for hundreds of times a page

    @property
    def image_size(self) -> tuple[int, int]:
        """Width and height that a page reserves for the picture."""
        if self.image_width and self.image_height:
            return self.image_width, self.image_height
        return PLACEHOLDER_SIZE
