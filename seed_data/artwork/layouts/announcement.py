"""Posters, flyers, posts, stories and invitations: a picture, a headline and where to go."""

from __future__ import annotations

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import is_dark, mix, pick
from seed_data.artwork.shapes import arch
from seed_data.artwork.sheet import Sheet
from seed_data.artwork.styles.base import Style


def draw_announcement(sheet: Sheet, style: Style, layout: str) -> None:
    """Draw one sheet in the named layout; an unknown layout is drawn as ``hero``."""
    _LAYOUTS.get(layout, _hero)(sheet, style)


def _tall(sheet: Sheet) -> bool:
    return sheet.canvas.height > sheet.canvas.width * 1.1


def _details(sheet: Sheet, style: Style, box: Box, on: Grounds, align: str, ink: str = "") -> None:
    """Date, place and a call to action, spread over `box`."""
    words = sheet.words
    size = sheet.unit * 3.6
    x = box.x if align == "start" else box.centre[0]
    rows = [words.when, words.where] if _tall(sheet) else [words.when]
    gap = size * 1.5
    y = box.y + size
    for row in rows:
        style.small(sheet, x, y, row, on, align, size, room=box.width, ink=ink)
        y += gap
    if box.bottom - y > size * 1.6:
        style.button(sheet, x, min(y + size * 0.9, box.bottom - size * 1.2), words.call, align)


def _hero(sheet: Sheet, style: Style) -> None:
    """The picture fills the upper part to the edges; everything else stands on plain ground below."""
    canvas, m = sheet.canvas, sheet.unit * 7
    w, h = canvas.width, canvas.height
    style.background(sheet)
    share = 0.56 if _tall(sheet) else 0.54
    style.picture(sheet, Box(0, 0, w, h * share))
    on = sheet.scheme.ground
    top = h * share + m * 0.9
    style.tag(sheet, m, top + sheet.unit * 2.2, sheet.words.kicker, on)
    room = Box(m, top + sheet.unit * 5.4, w - 2 * m, h * 0.2)
    used = style.headline(sheet, room, on, largest=sheet.unit * 13)
    style.rule(sheet, m, used.bottom + sheet.unit * 5.2, w - 2 * m)
    _details(
        sheet, style, Box(m, used.bottom + sheet.unit * 8, w - 2 * m, h - used.bottom - sheet.unit * 11), on, "start"
    )


def _stack(sheet: Sheet, style: Style) -> None:
    """Headline above, the picture between margins, details at the foot."""
    canvas, m = sheet.canvas, sheet.unit * 7
    w, h = canvas.width, canvas.height
    style.background(sheet)
    on = sheet.scheme.ground
    style.tag(sheet, w / 2, m + sheet.unit * 3, sheet.words.kicker, on, "middle")
    head = Box(m, m + sheet.unit * 7, w - 2 * m, h * 0.22)
    used = style.headline(sheet, head, on, "middle", "top", largest=sheet.unit * 15)
    foot = sheet.unit * 21
    top = used.bottom + sheet.unit * 5
    radius = sheet.unit * (4 if sheet.seed % 2 else 0)
    style.picture(sheet, Box(m, top, w - 2 * m, h - top - foot - sheet.unit * 3), radius)
    _details(sheet, style, Box(m, h - foot, w - 2 * m, foot - m * 0.6), on, "middle")


def _frame(sheet: Sheet, style: Style) -> None:
    """Everything centred within a border, with a small emblem on top."""
    canvas = sheet.canvas
    w, h = canvas.width, canvas.height
    style.background(sheet)
    style.edges(sheet)
    inner = canvas.box.inset(sheet.unit * 6)
    style.frame(sheet, inner)
    on = sheet.scheme.ground
    x = w / 2
    style.emblem(sheet, x, h * 0.27, min(w * 0.34, h * 0.24))
    style.tag(sheet, x, h * 0.455, sheet.words.kicker, on, "middle", room=w * 0.7)
    head = Box(w * 0.14, h * 0.49, w * 0.72, h * 0.21)
    style.headline(sheet, head, on, "middle", "middle", largest=sheet.unit * 12)
    style.rule(sheet, x, h * 0.745, w * 0.3, "middle")
    words = sheet.words
    size = sheet.unit * 3.5
    style.small(sheet, x, h * 0.79, words.when, on, "middle", size, room=w * 0.68)
    style.small(sheet, x, h * 0.79 + size * 1.6, words.where, on, "middle", size, room=w * 0.68)
    if _tall(sheet):
        style.small(sheet, x, h * 0.79 + size * 3.2, words.call, on, "middle", size, room=w * 0.6)


def _band(sheet: Sheet, style: Style) -> None:
    """A band of solid colour with the headline lies across the picture."""
    canvas, scheme, m = sheet.canvas, sheet.scheme, sheet.unit * 7
    w, h = canvas.width, canvas.height
    style.background(sheet)
    style.picture(sheet, Box(0, 0, w, h * 0.62))
    fill = scheme.a if scheme.a not in scheme.ground else mix(scheme.a, sheet.palette.ink, 0.4)
    band = Box(0, h * 0.5, w * 0.88, h * 0.24)
    style.band(sheet, band, fill)
    on = (fill,)
    ink = sheet.palette.paper if is_dark(fill) else sheet.palette.ink
    inside = Box(m, band.y + m * 0.7, band.width - 1.6 * m, band.height - 1.4 * m)
    style.headline(sheet, inside, on, "start", "middle", largest=sheet.unit * 12, ink=ink)
    ground = scheme.ground
    style.tag(sheet, m, band.bottom + sheet.unit * 7, sheet.words.kicker, ground)
    _details(
        sheet,
        style,
        Box(m, band.bottom + sheet.unit * 9.5, w - 2 * m, h - band.bottom - sheet.unit * 13),
        ground,
        "start",
    )


def _card(sheet: Sheet, style: Style) -> None:
    """The picture above, and the words on a card that overlaps it."""
    canvas = sheet.canvas
    w, h = canvas.width, canvas.height
    style.background(sheet)
    style.picture(sheet, Box(0, 0, w, h * (0.62 if _tall(sheet) else 0.66)))
    card = Box(w * 0.09, h * 0.5, w * 0.82, h * 0.43) if _tall(sheet) else Box(w * 0.1, h * 0.47, w * 0.8, h * 0.46)
    on = style.panel(sheet, card)
    x = card.centre[0]
    pad = sheet.unit * (7 if _tall(sheet) else 4.5)
    style.tag(sheet, x, card.y + pad + sheet.unit * 2.6, sheet.words.kicker, on, "middle", room=card.width - 2 * pad)
    head = Box(
        card.x + pad, card.y + pad + sheet.unit * 6, card.width - 2 * pad, card.height - 2 * pad - sheet.unit * 19
    )
    style.headline(sheet, head, on, "middle", "middle", largest=sheet.unit * 12)
    style.small(
        sheet, x, card.bottom - pad - sheet.unit * 8.2, sheet.words.when, on, "middle", room=card.width - 2 * pad
    )
    style.button(sheet, x, card.bottom - pad - sheet.unit * 1.6, sheet.words.call, "middle", sheet.unit * 3.2)


def _split(sheet: Sheet, style: Style) -> None:
    """The picture on one half, the words on the other."""
    canvas, m = sheet.canvas, sheet.unit * 7
    w, h = canvas.width, canvas.height
    style.background(sheet)
    right = sheet.seed % 2 == 0
    half = w * 0.46
    style.picture(sheet, Box(w - half if right else 0, 0, half, h))
    x = m if right else half + m * 0.8
    width = w - half - m * 1.7
    on = sheet.scheme.ground
    style.tag(sheet, x, h * 0.19, sheet.words.kicker, on, room=width)
    used = style.headline(sheet, Box(x, h * 0.24, width, h * 0.4), on, "start", "top", largest=sheet.unit * 11)
    style.rule(sheet, x, used.bottom + sheet.unit * 6, width)
    style.small(sheet, x, used.bottom + sheet.unit * 12.5, sheet.words.when, on, room=width)
    style.button(sheet, x, h * 0.84, sheet.words.call, size=sheet.unit * 3.4)


def _arch(sheet: Sheet, style: Style) -> None:
    """A window with a round top in front of the picture."""
    canvas, scheme = sheet.canvas, sheet.scheme
    w, h = canvas.width, canvas.height
    style.picture(sheet, canvas.box)
    box = Box(w * 0.13, h * 0.1, w * 0.74, h * 0.8)
    fill = scheme.card
    canvas.path(arch(box.x, box.y, box.width, box.height), fill)
    rim = box.inset(sheet.unit * 2.2)
    canvas.line(arch(rim.x, rim.y, rim.width, rim.height), pick((fill,), scheme.a, scheme.ink), 1.2)
    on = (fill,)
    x = w / 2
    style.emblem(sheet, x, h * 0.285, w * 0.2)
    style.tag(sheet, x, h * 0.435, sheet.words.kicker, on, "middle", sheet.unit * 2.7, room=box.width * 0.78)
    head = Box(box.x + w * 0.07, h * 0.465, box.width - w * 0.14, h * 0.2)
    style.headline(sheet, head, on, "middle", "middle", largest=sheet.unit * 10)
    style.rule(sheet, x, h * 0.7, w * 0.22, "middle")
    ink = pick(on, scheme.ink, sheet.palette.ink, sheet.palette.paper)
    for row, line in enumerate((sheet.words.when, sheet.words.where, sheet.words.call)):
        style.small(
            sheet, x, h * (0.75 + 0.042 * row), line, on, "middle", sheet.unit * 3.1, room=box.width * 0.8, ink=ink
        )


_LAYOUTS = {
    "hero": _hero,
    "stack": _stack,
    "frame": _frame,
    "band": _band,
    "card": _card,
    "split": _split,
    "arch": _arch,
}
