"""Hand-drawn: pen lettering, wobbly frames, fills that miss their outlines."""

from __future__ import annotations

import math
import random

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import mix, pick
from seed_data.artwork.lettering import ITALIC, PEN, ROMAN
from seed_data.artwork.palettes import Palette
from seed_data.artwork.pen import write
from seed_data.artwork.shapes import blob, number, squiggle, trace, wobbly
from seed_data.artwork.sheet import Scheme, Sheet
from seed_data.artwork.styles.base import Style

_BOUNCE = (0.2, -0.3, 0.1, 0.4, -0.2, 0.0, -0.4)


class HandDrawn(Style):
    """A sketchbook page."""

    display = PEN
    body = ITALIC
    label = PEN

    def scheme(self, palette: Palette, rng: random.Random) -> Scheme:
        """Sketchbook paper, sometimes kraft."""
        ground = rng.choice((mix(palette.paper, "#fffaf0", 0.5), mix(palette.soft, "#f3e6d0", 0.5)))
        return Scheme(
            (ground,),
            palette.ink,
            palette.ink,
            palette.primary,
            palette.secondary,
            palette.accent,
            palette.soft,
            ground,
        )

    def art(self, sheet: Sheet, box: Box) -> None:
        """The motif as a sketch over misplaced colour, with doodles around it."""
        canvas, scheme, rng = sheet.canvas, sheet.scheme, sheet.rng
        x, y = box.centre
        reach = min(box.width, box.height)
        canvas.rect(box, mix(scheme.b, scheme.base, 0.72))
        canvas.path(
            blob(x + reach * 0.03, y + reach * 0.03, reach * 0.4, rng, 8, 0.14), mix(scheme.b, scheme.base, 0.15)
        )
        if rng.random() < 0.5:
            hatch = "".join(
                trace("M", x - reach * 0.42 + step * reach * 0.075, y + reach * 0.4, "l", reach * 0.14, -reach * 0.8)
                for step in range(11)
            )
            canvas.line(hatch, scheme.base, reach * 0.012, 'stroke-linecap="round" opacity=".8"')
        size = reach * 0.52
        sheet.motif(
            x + size * 0.04,
            y + size * 0.03,
            size,
            (scheme.a, scheme.base, scheme.c, mix(scheme.a, scheme.ink, 0.5), scheme.base),
        )
        self._sketch(sheet, x, y, size, max(1.6, reach * 0.011))
        for doodle in range(7):
            angle = 2 * math.pi * (doodle + rng.uniform(-0.2, 0.2)) / 7
            self._doodle(
                sheet,
                x + box.width * 0.42 * math.cos(angle),
                y + box.height * 0.42 * math.sin(angle),
                reach * 0.04,
                doodle,
            )

    def _sketch(self, sheet: Sheet, x: float, y: float, size: float, width: float) -> None:
        sheet.outline_motif(x, y, size, sheet.scheme.ink, "none", width)

    def _doodle(self, sheet: Sheet, x: float, y: float, size: float, kind: int) -> None:
        s, h = number(size), number(size * 0.7)
        forms = (
            trace(
                "M",
                x - size,
                y,
                "h",
                2 * size,
                "M",
                x,
                y - size,
                "v",
                2 * size,
                "M",
                x - size * 0.7,
                y - size * 0.7,
                "l",
                size * 1.4,
                size * 1.4,
                "M",
                x + size * 0.7,
                y - size * 0.7,
                "l-",
                size * 1.4,
                size * 1.4,
            ),
            trace(
                "M",
                x,
                y,
                "c",
                h,
                " -",
                h,
                " ",
                s,
                " ",
                h,
                " 0 ",
                s,
                "s-",
                s,
                "-",
                s,
                " 0-",
                size * 1.8,
                size * 1.7,
                " ",
                s,
                " ",
                s,
                " ",
                size * 1.8,
            ),
            squiggle(x - size, y, size * 2.4, size * 0.8, 2),
        )
        sheet.canvas.line(forms[kind % 3], sheet.scheme.ink, max(1.2, size * 0.16), 'stroke-linecap="round"')

    def edges(self, sheet: Sheet) -> None:
        """Doodles in the corners."""
        canvas, unit = sheet.canvas, sheet.unit
        w, h = canvas.width, canvas.height
        canvas.path(blob(w, 0, unit * 18, sheet.rng, 7, 0.15), mix(sheet.scheme.b, sheet.scheme.base, 0.3))
        canvas.path(blob(0, h, unit * 18, sheet.rng, 7, 0.15), mix(sheet.scheme.c, sheet.scheme.base, 0.4))
        for corner, (x, y) in enumerate(((7, 8), (16, 6))):
            self._doodle(sheet, w - unit * x, unit * y, unit * 2, corner)
            self._doodle(sheet, unit * x, h - unit * y, unit * 2, corner + 1)

    def emblem(self, sheet: Sheet, x: float, y: float, size: float) -> None:
        """A sketch with its colour out of register."""
        scheme = sheet.scheme
        sheet.canvas.path(blob(x, y, size * 0.5, sheet.rng, 8, 0.12), mix(scheme.b, scheme.base, 0.35))
        sheet.motif(
            x + size * 0.04,
            y + size * 0.03,
            size * 0.78,
            (scheme.a, scheme.base, scheme.c, mix(scheme.a, scheme.ink, 0.5), scheme.base),
        )
        self._sketch(sheet, x, y, size * 0.78, max(1.4, size / 70))

    def letter(
        self, sheet: Sheet, x: float, y: float, line: str, size: float, ink: str, on: Grounds, align: str
    ) -> None:
        """Pen capitals that do not quite stand in line."""
        write(sheet, x, y, line, size, ink, on, align, weight=1.25, bounce=_BOUNCE)

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
        """Small pen capitals."""
        if size and size < 16:
            ink = pick(on, sheet.scheme.a, sheet.scheme.ink)
            sheet.canvas.text(x, y, words, size * 1.1, ROMAN, ink, on, align, room=room)
            return
        write(
            sheet,
            x,
            y,
            words,
            (size or sheet.unit * 3) * 1.05,
            pick(on, sheet.scheme.a, sheet.scheme.ink),
            on,
            align,
            weight=1.3,
        )

    def panel(self, sheet: Sheet, box: Box) -> Grounds:
        """A torn-out page."""
        fill = sheet.scheme.card
        d = wobbly(box.x, box.y, box.width, box.height, sheet.rng, sheet.unit)
        sheet.canvas.path(
            d, fill, f'stroke="{sheet.scheme.ink}" stroke-width="{number(sheet.unit * 0.5)}" stroke-linejoin="round"'
        )
        return (fill,)

    def frame(self, sheet: Sheet, box: Box) -> None:
        """Twice round with the pen."""
        for _ in range(2):
            d = wobbly(box.x, box.y, box.width, box.height, sheet.rng, sheet.unit * 0.8)
            sheet.canvas.line(d, sheet.scheme.ink, sheet.unit * 0.4, 'stroke-linecap="round"')

    def rule(self, sheet: Sheet, x: float, y: float, width: float, align: str = "start") -> None:
        """A stroke that comes back."""
        width = min(width, sheet.unit * 34)
        left = x if align == "start" else x - width / 2
        d = trace(
            "M",
            left,
            y,
            "q",
            width / 2,
            -sheet.unit * 2,
            width,
            " 0q",
            -width * 0.4,
            " 0 ",
            -width * 0.7,
            sheet.unit * 1.6,
        )
        sheet.canvas.line(d, sheet.scheme.a, sheet.unit * 0.7, 'stroke-linecap="round"')

    def plate(self, sheet: Sheet, box: Box, fill: str) -> None:
        """A wobbly lozenge."""
        sheet.canvas.path(
            wobbly(box.x, box.y, box.width, box.height, sheet.rng, 2),
            fill,
            f'stroke="{fill}" stroke-width="4" stroke-linejoin="round"',
        )
