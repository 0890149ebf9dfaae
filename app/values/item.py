"""What the catalog knows of one item."""

from __future__ import annotations

from dataclasses import dataclass

PLACEHOLDER_SIZE = (480, 600)
"""Width and height in pixels that a page reserves for an item whose picture has no known size."""


@dataclass(frozen=True, slots=True)
class Item:
    """One template or film. `type`, `style`, `palette` and `layout` are slugs such as ``social-post``.

    position: place in the editorial order, from 0.
    added_at: Unix seconds at which the item joined the catalog.
    seed: the number from which the artwork is drawn.
    year: release year of a film, else None.
    image: file of the picture, relative to the folder of images; None shows a placeholder.
    image_width, image_height: size of the picture in pixels, known before it is drawn; None where nobody said.
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

    @property
    def image_size(self) -> tuple[int, int]:
        """Width and height that a page reserves for the picture."""
        if self.image_width and self.image_height:
            return self.image_width, self.image_height
        return PLACEHOLDER_SIZE
