"""Playful: pastel blobs, confetti, stickers and bubble letters."""

from __future__ import annotations

import random

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import WHITE, mix, pick
from seed_data.artwork.lettering import BOLD, PEN
from seed_data.artwork.palettes import Palette
from seed_data.artwork.pen import write
from seed_data.artwork.shapes import blob, number, squiggle, trace
from seed_data.artwork.sheet import Scheme, Sheet
from seed_data.artwork.styles.base import Style

_BOUNCE = (0.0, -0.7, 0.5, -0.3, 0.6)


class Playful(Style):
    """A birthday party."""

    display = PEN
    body = BOLD
    label = BOLD

    def scheme(self, palette: Palette, rng: random.Random) -> Scheme:
        """A pastel of one of the art colours."""
        tone = rng.choice(palette.art)
        ground = mix(tone, "#ffffff", 0.72)
        return Scheme(
            (ground,),
            palette.ink,
            palette.ink,
            palette.primary,
            palette.secondary,
            palette.accent,
            palette.soft,
            "#ffffff",
        )

    def art(self, sheet: Sheet, box: Box) -> None:
        """Blobs in two colours, the motif as a sticker, and confetti."""
        canvas, scheme, rng = sheet.canvas, sheet.scheme, sheet.rng
        x, y = box.centre
        reach = min(box.width, box.height)
        first, second, third = rng.sample((scheme.a, scheme.b, scheme.c), 3)
        canvas.rect(box, mix(first, WHITE, 0.55))
        canvas.path(blob(box.x + box.width * 0.18, box.y + box.height * 0.2, reach * 0.4, rng), second)
        canvas.path(blob(box.x + box.width * 0.86, box.y + box.height * 0.84, reach * 0.42, rng), third)
        canvas.path(blob(x, y, reach * 0.36, rng, 7, 0.12), WHITE)
        self._confetti(sheet, box, 16, reach * 0.035)
        sheet.motif(x, y, reach * 0.46)

    def _confetti(self, sheet: Sheet, box: Box, count: int, size: float) -> None:
        rng, canvas = sheet.rng, sheet.canvas
        colours = sheet.palette.art
        for piece in range(count):
            x, y = box.x + box.width * rng.random(), box.y + box.height * rng.random()
            colour = mix(colours[piece % 3], sheet.palette.ink, 0.12)
            kind = piece % 4
            if kind == 0:
                canvas.circle(x, y, size * 0.5, colour)
            elif kind == 1:
                canvas.line(squiggle(x, y, size * 3, size * 0.9, 2), colour, size * 0.34, 'stroke-linecap="round"')
            elif kind == 2:
                canvas.raw(
                    f'<rect x="{number(x)}" y="{number(y)}" width="{number(size)}" height="{number(size * 0.5)}"'
                    f' fill="{colour}" transform="rotate({rng.randrange(180)} {number(x)} {number(y)})"/>'
                )
            else:
                canvas.line(
                    trace("M", x - size * 0.6, y, "h", size * 1.2, "M", x, y - size * 0.6, "v", size * 1.2),
                    colour,
                    size * 0.34,
                    'stroke-linecap="round"',
                )

    def edges(self, sheet: Sheet) -> None:
        """Blobs in the corners and confetti along the top and the bottom."""
        canvas, unit, rng = sheet.canvas, sheet.unit, sheet.rng
        canvas.path(blob(0, 0, unit * 20, rng), sheet.scheme.a)
        canvas.path(blob(canvas.width, canvas.height, unit * 22, rng), sheet.scheme.b)
        canvas.path(blob(canvas.width, unit * 2, unit * 11, rng), sheet.scheme.c)

    def emblem(self, sheet: Sheet, x: float, y: float, size: float) -> None:
        """A sticker."""
        sheet.canvas.path(blob(x, y, size * 0.6, sheet.rng, 8, 0.08), WHITE)
        sheet.motif(x, y, size * 0.74)

    def letter(
        self, sheet: Sheet, x: float, y: float, line: str, size: float, ink: str, on: Grounds, align: str
    ) -> None:
        """Fat round letters that jump a little."""
        write(sheet, x, y, line, size, pick(on, ink), on, align, weight=2.15, bounce=_BOUNCE)

    def panel(self, sheet: Sheet, box: Box) -> Grounds:
        """A white card with very round corners."""
        sheet.canvas.rect(box, WHITE, radius=sheet.unit * 7)
        return (WHITE,)

    def frame(self, sheet: Sheet, box: Box) -> None:
        """A dashed line like a seam."""
        stroke = (
            f'stroke="{sheet.scheme.a}" stroke-width="{number(sheet.unit)}" stroke-dasharray="{number(sheet.unit * 3)}"'
            ' stroke-linecap="round"'
        )
        sheet.canvas.rect(box, "none", stroke, radius=sheet.unit * 7)

    def rule(self, sheet: Sheet, x: float, y: float, width: float, align: str = "start") -> None:
        """A wiggle."""
        width = min(width, sheet.unit * 24)
        left = x if align == "start" else x - width / 2
        sheet.canvas.line(
            squiggle(left, y, width, sheet.unit * 2, 4), sheet.scheme.a, sheet.unit, 'stroke-linecap="round"'
        )
