"""Lettering with the pen alphabet: hand lettering, bubble letters and neon tubes."""

from __future__ import annotations

from seed_data.artwork.canvas import Grounds
from seed_data.artwork.colour import pick
from seed_data.artwork.lettering import PEN, PEN_UNIT, measure
from seed_data.artwork.shapes import number
from seed_data.artwork.sheet import Sheet
from seed_data.artwork.strokes import drawable, stroke_path


def write(
    sheet: Sheet,
    x: float,
    y: float,
    line: str,
    size: float,
    ink: str,
    on: Grounds,
    align: str = "start",
    weight: float = 1.2,
    bounce: tuple[float, ...] = (0.0,),
) -> None:
    """Write one line with its baseline at `y`; `weight` is the stroke in glyph units.

    Characters that the pen does not know make the whole line fall back to a system font.
    """
    plain = drawable(line)
    colour = pick(on, ink)
    if plain is None:
        sheet.canvas.text(x, y, line, size, PEN, colour, on, align)
        return
    scale = size * PEN_UNIT
    length = measure(plain, PEN, size)
    left = x if align == "start" else x - length / 2
    sheet.canvas.lettering.append((colour, on))
    place = f"translate({number(left)} {number(y - 10 * scale)}) scale({round(scale, 3)})"
    stroke = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
    d = stroke_path(plain, bounce)
    sheet.canvas.raw(
        f'<g transform="{place}" {stroke}><path d="{d}" stroke="{colour}" stroke-width="{number(weight)}"/></g>'
    )
