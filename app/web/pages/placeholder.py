"""What stands for an item without a picture: the first letters of its title on the colour of its type."""

from __future__ import annotations

import zlib

from markupsafe import escape

from app.values.item import Item

_LETTERS = 2
# One look for light and one for dark pages; letters have a contrast of 7 to 1 and more on their ground.
_STYLE = (
    ".g{{fill:hsl({hue} 38% 91%)}}.d{{fill:hsl({hue} 38% 86%)}}.l{{fill:hsl({hue} 45% 24%)}}"
    "@media(prefers-color-scheme:dark){{.g{{fill:hsl({hue} 22% 17%)}}.d{{fill:hsl({hue} 22% 22%)}}"
    ".l{{fill:hsl({hue} 40% 84%)}}}}"
)
_FONT = "system-ui,sans-serif"


def placeholder_svg(item: Item) -> str:
    """A complete SVG document of the size that pages reserve for the item's picture; the same for the same item."""
    width, height = item.image_size
    unit = min(width, height)
    style = _STYLE.format(hue=zlib.crc32(item.type.encode()) % 360)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<style>{style}</style><rect class="g" width="{width}" height="{height}"/>'
        f'<circle class="d" cx="{width / 2:g}" cy="{height / 2:g}" r="{unit * 0.3:g}"/>'
        f'<text class="l" x="{width / 2:g}" y="{height / 2:g}" text-anchor="middle" dominant-baseline="central" '
        f'font-family="{_FONT}" font-weight="600" font-size="{unit * 0.22:g}">{escape(initials(item.title))}</text>'
        "</svg>"
    )


def initials(title: str) -> str:
    """The first letters or digits of the first two words, in capitals; empty for a title that has none."""
    words = ("".join(filter(str.isalnum, word)) for word in title.split())
    return "".join(word[0].upper() for word in [word for word in words if word][:_LETTERS])
