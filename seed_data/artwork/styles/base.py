"""What every style can do; a style overrides what makes it recognisable."""

from __future__ import annotations

import random

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import mix, pick
from seed_data.artwork.lettering import BOLD, LIGHT, PLAIN, Face, fit
from seed_data.artwork.palettes import Palette
from seed_data.artwork.scenes import draw_scene
from seed_data.artwork.shapes import trace
from seed_data.artwork.sheet import Scheme, Sheet


class Style:
    """A way of drawing: faces, colours, backgrounds, pictures, and how lettering is set."""

    display: Face = LIGHT
    body: Face = PLAIN
    label: Face = PLAIN.spaced(0.14)
    leads: int = 4
    """Most lines of a headline."""

    def scheme(self, palette: Palette, rng: random.Random) -> Scheme:
        """How this style uses a palette."""
        return Scheme(
            (palette.paper,),
            palette.ink,
            palette.ink,
            palette.primary,
            palette.secondary,
            palette.accent,
            palette.soft,
            palette.paper,
        )

    def background(self, sheet: Sheet) -> None:
        """Fill the whole sheet. Nothing but colours of `scheme.ground` may lie where lettering can come."""
        sheet.canvas.rect(sheet.canvas.box, sheet.scheme.base)

    def edges(self, sheet: Sheet) -> None:
        """Decorate the margins of a sheet; the middle stays free."""

    def art(self, sheet: Sheet, box: Box) -> None:
        """Fill `box` with a picture in this style. The caller has clipped."""
        draw_scene(sheet, box)

    def picture(self, sheet: Sheet, box: Box, radius: float = 0) -> None:
        """`art` cut to `box`."""
        sheet.canvas.clip(box, radius)
        self.art(sheet, box)
        sheet.canvas.close()

    def emblem(self, sheet: Sheet, x: float, y: float, size: float) -> None:
        """A small picture on plain ground, as over a headline or in a logo."""
        sheet.motif(x, y, size)

    def panel(self, sheet: Sheet, box: Box) -> Grounds:
        """A field to letter upon, laid over a picture; returns the colours it shows."""
        sheet.canvas.rect(box, sheet.scheme.card)
        return (sheet.scheme.card,)

    def frame(self, sheet: Sheet, box: Box) -> None:
        """A border."""
        sheet.canvas.rect(box, "none", f'stroke="{sheet.scheme.ink}"')

    def headline(
        self,
        sheet: Sheet,
        box: Box,
        on: Grounds,
        align: str = "start",
        valign: str = "top",
        words: str = "",
        largest: float = 0,
        ink: str = "",
    ) -> Box:
        """Letter the title as large as `box` allows; returns the space it takes."""
        words = words or sheet.words.headline
        fitted = fit(words, self.display, box.width, box.height, largest or sheet.unit * 15, self.leads)
        spare = box.height - fitted.height
        top = box.y + (0 if valign == "top" else spare / 2 if valign == "middle" else spare)
        x = box.x if align == "start" else box.centre[0]
        colour = pick(on, ink or sheet.scheme.shout, sheet.scheme.ink)
        for row, line in enumerate(fitted.lines):
            self.letter(sheet, x, top + fitted.size * 0.72 + row * fitted.leading, line, fitted.size, colour, on, align)
        return Box(box.x, top, box.width, fitted.height)

    def letter(
        self, sheet: Sheet, x: float, y: float, line: str, size: float, ink: str, on: Grounds, align: str
    ) -> None:
        """One line of a headline."""
        sheet.canvas.text(x, y, line, size, self.display, ink, on, align)

    def small(
        self,
        sheet: Sheet,
        x: float,
        y: float,
        words: str,
        on: Grounds,
        align: str = "start",
        size: float = 0,
        room: float = 0,
        ink: str = "",
    ) -> None:
        """One line of small print."""
        sheet.canvas.text(
            x, y, words, size or sheet.unit * 3.4, self.body, ink or sheet.scheme.ink, on, align, room=room
        )

    def tag(
        self,
        sheet: Sheet,
        x: float,
        y: float,
        words: str,
        on: Grounds,
        align: str = "start",
        size: float = 0,
        room: float = 0,
    ) -> None:
        """A short label over a headline."""
        ink = pick(on, sheet.scheme.a, sheet.scheme.ink)
        sheet.canvas.text(x, y, words, size or sheet.unit * 3, self.label, ink, on, align, room=room)

    def rule(self, sheet: Sheet, x: float, y: float, width: float, align: str = "start") -> None:
        """A dividing line."""
        left = x if align == "start" else x - width / 2
        sheet.canvas.line(trace("M", left, y, "h", width), sheet.scheme.a, max(1, sheet.unit * 0.4))

    def button(self, sheet: Sheet, x: float, y: float, words: str, align: str = "start", size: float = 0) -> None:
        """A call to action; (x, y) is the middle of its left side, or its centre."""
        size = size or sheet.unit * 3.6
        width = size * (0.62 * len(words) + 2.6)
        height = size * 2.3
        left = x if align == "start" else x - width / 2
        fill = sheet.scheme.a
        self.plate(sheet, Box(left, y - height / 2, width, height), fill)
        ink = pick((fill,), sheet.palette.paper, sheet.palette.ink)
        sheet.canvas.text(
            left + width / 2, y + size * 0.35, words, size, BOLD, ink, (fill,), "middle", room=width * 0.84
        )

    def plate(self, sheet: Sheet, box: Box, fill: str) -> None:
        """What a button is drawn on."""
        sheet.canvas.rect(box, fill, radius=box.height / 2)

    def band(self, sheet: Sheet, box: Box, fill: str) -> None:
        """A strip of colour for a headline across a picture."""
        sheet.canvas.rect(box, fill)

    def chart(self, sheet: Sheet) -> tuple[str, ...]:
        """Colours for the parts of a chart."""
        scheme = sheet.scheme
        return scheme.a, scheme.b, scheme.c, mix(scheme.a, scheme.ink, 0.4)
