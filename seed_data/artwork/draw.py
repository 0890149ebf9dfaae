"""From an item to its artwork."""

from __future__ import annotations

from app.values.item import Item
from seed_data.artwork.canvas import Canvas
from seed_data.artwork.layouts import LAYOUTS, draw_announcement
from seed_data.artwork.palettes import PALETTES, Palette
from seed_data.artwork.sheet import Sheet
from seed_data.artwork.styles import STYLES
from seed_data.artwork.words import words_for

FILM_SIZE = (400, 600)
SIZES: dict[str, tuple[int, int]] = {
    "presentation": (640, 360),
    "poster": (480, 640),
    "social-post": (480, 480),
    "story": (360, 640),
    "resume": (480, 679),
    "invitation": (450, 630),
    "logo": (480, 480),
    "business-card": (560, 320),
    "flyer": (480, 679),
    "menu": (480, 679),
    "infographic": (480, 720),
}


def artwork_size(type: str, year: int | None = None) -> tuple[int, int]:
    """Width and height of the viewBox of an item of `type`; with a year, or of no known type, a film, 2:3."""
    return SIZES.get(type, FILM_SIZE) if year is None else FILM_SIZE


def artwork_svg(item: Item) -> str:
    """The picture of `item`: a complete SVG document that needs nothing from outside, the same for the same item.

    Unknown styles, palettes, layouts and types are drawn with the nearest default rather than refused.
    """
    return draw(item).svg()


def draw(item: Item) -> Canvas:
    """The canvas behind `artwork_svg`, which also knows what lettering lies on what."""
    palette = PALETTES.get(item.palette) or list(PALETTES.values())[item.seed % len(PALETTES)]
    if item.year is not None:
        return _film(item, palette)
    canvas = Canvas(*artwork_size(item.type), item.seed)
    style = STYLES.get(item.style, STYLES["minimal"])
    words = words_for(item, canvas.rng)
    sheet = Sheet(canvas, palette, style.scheme(palette, canvas.rng), words, item.tags, item.seed)
    LAYOUTS.get(item.type, draw_announcement)(sheet, style, item.layout)
    return canvas


def _film(item: Item, palette: Palette) -> Canvas:
    from seed_data.artwork.film import draw_film

    canvas = Canvas(*FILM_SIZE, item.seed)
    draw_film(item, palette, canvas)
    return canvas
