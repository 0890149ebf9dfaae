"""The first slide of a presentation."""

from __future__ import annotations

from seed_data.artwork.canvas import Box
from seed_data.artwork.colour import is_dark, mix
from seed_data.artwork.sheet import Sheet
from seed_data.artwork.styles.base import Style


def draw_presentation(sheet: Sheet, style: Style, layout: str) -> None:
    """Draw one slide in the named layout; an unknown layout is drawn as ``split``."""
    {"cover": _cover, "band": _band}.get(layout, _split)(sheet, style)


def _split(sheet: Sheet, style: Style) -> None:
    canvas, m = sheet.canvas, sheet.unit * 10
    w, h = canvas.width, canvas.height
    style.background(sheet)
    right = sheet.seed % 3 != 0
    half = w * 0.42
    style.picture(sheet, Box(w - half if right else 0, 0, half, h))
    x = m if right else half + m
    width = w - half - 2 * m
    on = sheet.scheme.ground
    style.tag(sheet, x, h * 0.2, sheet.words.kicker, on, size=sheet.unit * 3.4, room=width)
    used = style.headline(sheet, Box(x, h * 0.27, width, h * 0.4), on, largest=sheet.unit * 15)
    style.rule(sheet, x, used.bottom + sheet.unit * 7, width)
    style.small(
        sheet, x, h * 0.88, f"{sheet.words.person}  ·  {sheet.words.date}", on, room=width, size=sheet.unit * 3.8
    )


def _cover(sheet: Sheet, style: Style) -> None:
    """A card that overlaps a wide picture."""
    canvas = sheet.canvas
    w, h = canvas.width, canvas.height
    style.background(sheet)
    style.picture(sheet, Box(w * 0.4, 0, w * 0.6, h))
    card = Box(w * 0.06, h * 0.16, w * 0.5, h * 0.68)
    on = style.panel(sheet, card)
    x = card.centre[0]
    style.tag(sheet, x, card.y + h * 0.12, sheet.words.kicker, on, "middle", sheet.unit * 3.4, room=card.width * 0.8)
    head = Box(card.x + w * 0.045, card.y + h * 0.16, card.width - w * 0.09, h * 0.32)
    style.headline(sheet, head, on, "middle", "middle", largest=sheet.unit * 14)
    style.small(
        sheet,
        x,
        card.bottom - h * 0.07,
        f"Presented by {sheet.words.person}",
        on,
        "middle",
        sheet.unit * 3.8,
        room=card.width * 0.8,
    )


def _band(sheet: Sheet, style: Style) -> None:
    """The picture in a strip at the top, a number and the title below."""
    canvas, m = sheet.canvas, sheet.unit * 10
    w, h = canvas.width, canvas.height
    style.background(sheet)
    style.picture(sheet, Box(0, 0, w, h * 0.44))
    on = sheet.scheme.ground
    style.headline(sheet, Box(m, h * 0.54, w * 0.6, h * 0.32), on, "start", "top", largest=sheet.unit * 15)
    fill = sheet.scheme.a if sheet.scheme.a not in on else mix(sheet.scheme.a, sheet.palette.ink, 0.35)
    box = Box(w * 0.74, h * 0.33, w * 0.2, h * 0.5)
    canvas.rect(box, fill)
    ink = sheet.palette.paper if is_dark(fill) else sheet.palette.ink
    style.small(sheet, box.centre[0], box.y + h * 0.12, "Edition", (fill,), "middle", sheet.unit * 3.8, ink=ink)
    canvas.text(
        box.centre[0],
        box.y + h * 0.29,
        f"{1 + sheet.seed % 12:02d}",
        sheet.unit * 17,
        style.display,
        ink,
        (fill,),
        "middle",
    )
    style.small(
        sheet,
        box.centre[0],
        box.bottom - h * 0.07,
        sheet.words.person,
        (fill,),
        "middle",
        sheet.unit * 3.4,
        room=box.width * 0.84,
        ink=ink,
    )
