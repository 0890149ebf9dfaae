"""A business card: who, what, and how to get in touch."""

from __future__ import annotations

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import is_dark, pick
from seed_data.artwork.layouts.logo import split_name
from seed_data.artwork.shapes import trace
from seed_data.artwork.sheet import Sheet
from seed_data.artwork.styles.base import Style

_ROLES = ("Founder", "Managing Director", "Studio Manager", "Owner", "Client Partner", "Head of Operations")


def draw_business_card(sheet: Sheet, style: Style, layout: str) -> None:
    """Draw one card in the named layout; an unknown layout is drawn as ``split``."""
    style.background(sheet)
    {"centered": _centered, "corner": _corner}.get(layout, _split)(sheet, style)


def _contact(sheet: Sheet, style: Style, x: float, y: float, width: float, on: Grounds, align: str = "start") -> None:
    dots = (sheet.scheme.a, sheet.scheme.b, sheet.scheme.c)
    lines = (sheet.words.site, "+1 555 0100", sheet.words.place.split(", ")[1])
    size = sheet.unit * 4.6
    for row, line in enumerate(lines):
        at = y + row * size * 1.55
        if align == "start":
            sheet.canvas.circle(
                x + size * 0.25, at - size * 0.33, size * 0.22, dots[row] if dots[row] not in on else sheet.scheme.ink
            )
        style.small(sheet, x + (size if align == "start" else 0), at, line, on, align, size, room=width - size)


def _split(sheet: Sheet, style: Style) -> None:
    canvas = sheet.canvas
    w, h = canvas.width, canvas.height
    on = sheet.scheme.ground
    style.picture(sheet, Box(0, 0, w * 0.36, h))
    x, width = w * 0.43, w * 0.5
    name, trade = split_name(sheet.words.headline)
    used = style.headline(sheet, Box(x, h * 0.16, width, h * 0.24), on, "start", "top", name, sheet.unit * 13)
    if trade:
        style.tag(sheet, x, used.bottom + sheet.unit * 6.6, trade, on, size=sheet.unit * 4, room=width)
    y = h * 0.6
    style.small(
        sheet, x, y, f"{sheet.words.person}, {_ROLES[sheet.seed % len(_ROLES)]}", on, size=sheet.unit * 4.8, room=width
    )
    _contact(sheet, style, x, y + sheet.unit * 10.5, width, on)


def _centered(sheet: Sheet, style: Style) -> None:
    canvas = sheet.canvas
    w, h = canvas.width, canvas.height
    on = sheet.scheme.ground
    style.frame(sheet, canvas.box.inset(sheet.unit * 5.5))
    style.emblem(sheet, w / 2, h * 0.31, h * 0.27)
    name, trade = split_name(sheet.words.headline)
    used = style.headline(
        sheet, Box(w * 0.14, h * 0.51, w * 0.72, h * 0.15), on, "middle", "top", name, sheet.unit * 12
    )
    if trade:
        style.tag(sheet, w / 2, used.bottom + sheet.unit * 7, trade, on, "middle", sheet.unit * 3.8, room=w * 0.64)
    style.small(
        sheet,
        w / 2,
        h * 0.86,
        f"{sheet.words.person}  ·  {sheet.words.site}",
        on,
        "middle",
        sheet.unit * 4.2,
        room=w * 0.72,
    )


def _corner(sheet: Sheet, style: Style) -> None:
    """A block of colour cut across one corner with the mark on it."""
    canvas, scheme = sheet.canvas, sheet.scheme
    w, h = canvas.width, canvas.height
    on = scheme.ground
    fill = scheme.a
    canvas.path(trace("M", w, " 0V", h, "H", w * 0.58, "L", w * 0.7, " 0z"), fill)
    ink = pick((fill,), sheet.palette.paper, sheet.palette.ink)
    size = h * 0.34
    tone = sheet.palette.paper if is_dark(fill) else sheet.palette.ink
    sheet.outline_motif(w * 0.82, h * 0.5, size, tone, fill, 2.2)
    x, width = w * 0.08, w * 0.5
    name, trade = split_name(sheet.words.headline)
    style.headline(sheet, Box(x, h * 0.15, width, h * 0.25), on, "start", "top", sheet.words.person, sheet.unit * 11)
    style.small(sheet, x, h * 0.5, _ROLES[sheet.seed % len(_ROLES)], on, size=sheet.unit * 5, room=width)
    style.rule(sheet, x, h * 0.58, width * 0.5)
    _contact(sheet, style, x, h * 0.7, width * 0.9, on)
    canvas.text(w * 0.82, h * 0.83, name, sheet.unit * 5, style.body, ink, (fill,), "middle", room=w * 0.26)
    if trade:
        canvas.text(w * 0.82, h * 0.9, trade, sheet.unit * 3.8, style.body, ink, (fill,), "middle", room=w * 0.26)
