"""Bold: full colour to the edge, huge shapes, black capitals."""

from __future__ import annotations

import random

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import is_dark, mix, pick
from seed_data.artwork.lettering import BLACK, BOLD
from seed_data.artwork.palettes import Palette
from seed_data.artwork.shapes import number, trace
from seed_data.artwork.sheet import Scheme, Sheet
from seed_data.artwork.styles.base import Style


class Bold(Style):
    """Loud and simple."""

    display = BLACK.spaced(-0.02)
    body = BOLD
    label = BOLD.spaced(0.06)

    def scheme(self, palette: Palette, rng: random.Random) -> Scheme:
        """One strong colour floods the sheet."""
        ground = rng.choice((palette.primary, palette.primary, palette.secondary, palette.accent, palette.ink))
        others = [colour for colour in (palette.accent, palette.secondary, palette.primary) if colour != ground][:2]
        ink = palette.paper if is_dark(ground) else palette.ink
        loud = pick((ground,), mix(others[0], palette.paper, 0.2), ink) if is_dark(ground) else ink
        return Scheme((ground,), ink, loud, others[0], others[1], palette.paper, palette.soft, ground)

    def art(self, sheet: Sheet, box: Box) -> None:
        """Discs and quarters larger than the box, halftone dots, and the motif cut off by the edge."""
        canvas, scheme, rng = sheet.canvas, sheet.scheme, sheet.rng
        canvas.rect(box, scheme.base)
        reach = min(box.width, box.height)
        x, y = box.centre
        choice = rng.randrange(3)
        if choice == 0:
            canvas.circle(x, y + reach * 0.06, reach * 0.46, scheme.a)
            self._dots(sheet, box.x + box.width * 0.04, box.y + box.height * 0.06, reach * 0.3, scheme.b)
        elif choice == 1:
            canvas.circle(box.right, box.y, reach * 0.62, scheme.a)
            canvas.circle(box.x, box.bottom, reach * 0.55, scheme.b)
            self._dots(sheet, box.right - reach * 0.34, box.bottom - reach * 0.32, reach * 0.28, scheme.c)
        else:
            half = box.width / 2
            canvas.rect(Box(box.x + half, box.y, half, box.height), scheme.a)
            canvas.path(
                trace(
                    "M", box.x + half, y - reach * 0.42, "a", reach * 0.42, reach * 0.42, " 0 0 0 0 ", reach * 0.84, "z"
                ),
                scheme.b,
            )
            canvas.path(
                trace(
                    "M", box.x + half, y - reach * 0.42, "a", reach * 0.42, reach * 0.42, " 0 0 1 0 ", reach * 0.84, "z"
                ),
                scheme.c,
            )
        dark = sheet.palette.ink
        paper = sheet.palette.paper
        main = scheme.c if choice != 2 else dark
        sheet.motif(
            x, y + reach * 0.03, reach * (0.72 if choice else 0.6), (main, mix(scheme.b, paper, 0.3), dark, dark, paper)
        )

    def _dots(self, sheet: Sheet, x: float, y: float, side: float, fill: str) -> None:
        step = side / 5
        d = "".join(trace("M", x + column * step, y + row * step, "h.1") for row in range(6) for column in range(6))
        sheet.canvas.line(d, fill, step * 0.42, 'stroke-linecap="round"')

    def edges(self, sheet: Sheet) -> None:
        """A quarter disc in one corner."""
        canvas, scheme = sheet.canvas, sheet.scheme
        canvas.circle(canvas.width, 0, sheet.unit * 17, scheme.a)
        canvas.circle(0, canvas.height, sheet.unit * 12, scheme.b)

    def emblem(self, sheet: Sheet, x: float, y: float, size: float) -> None:
        """On a solid disc."""
        scheme = sheet.scheme
        sheet.canvas.circle(x, y, size * 0.58, scheme.a)
        dark, paper = sheet.palette.ink, sheet.palette.paper
        sheet.motif(x, y, size * 0.7, (paper, mix(paper, scheme.a, 0.4), dark, dark, scheme.a))

    def panel(self, sheet: Sheet, box: Box) -> Grounds:
        """A solid block."""
        sheet.canvas.rect(box, sheet.scheme.card)
        return (sheet.scheme.card,)

    def frame(self, sheet: Sheet, box: Box) -> None:
        """A thick line."""
        sheet.canvas.rect(box, "none", f'stroke="{sheet.scheme.ink}" stroke-width="{number(sheet.unit * 2)}"')

    def rule(self, sheet: Sheet, x: float, y: float, width: float, align: str = "start") -> None:
        """A short thick bar."""
        width = min(width, sheet.unit * 16)
        left = x if align == "start" else x - width / 2
        sheet.canvas.rect(Box(left, y - sheet.unit, width, sheet.unit * 2), sheet.scheme.a)
