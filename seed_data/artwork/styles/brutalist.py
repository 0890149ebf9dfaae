"""Brutalist: raw blocks, black outlines, hard shadows, mono type, no apologies."""

from __future__ import annotations

import random

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import channels, mix
from seed_data.artwork.lettering import BLACK, MONO
from seed_data.artwork.palettes import Palette
from seed_data.artwork.shapes import burst, number, trace
from seed_data.artwork.sheet import Scheme, Sheet
from seed_data.artwork.styles.base import Style

_BLACK = "#111111"


class Brutalist(Style):
    """Newsprint and neon stickers."""

    display = BLACK.spaced(-0.035)
    body = MONO
    label = MONO.spaced(0.0)

    def scheme(self, palette: Palette, rng: random.Random) -> Scheme:
        """Bare white, or the rawest colour of the palette."""
        loud = max(palette.art, key=_rawness)
        ground = rng.choice(("#ffffff", "#f2f0ea", mix(loud, "#ffffff", 0.15)))
        return Scheme((ground,), _BLACK, _BLACK, loud, palette.secondary, palette.accent, palette.soft, "#ffffff")

    def art(self, sheet: Sheet, box: Box) -> None:
        """Blocks with black outlines, stripes, a starburst, and the motif with a hard shadow."""
        canvas, scheme, rng = sheet.canvas, sheet.scheme, sheet.rng
        reach = min(box.width, box.height)
        x, y = box.centre
        line = max(2.0, reach * 0.014)
        edge = f'stroke="{_BLACK}" stroke-width="{number(line)}"'
        canvas.rect(box, scheme.a)
        choice = rng.randrange(3)
        if choice == 0:
            step = reach / 8
            grid = "".join(
                trace("M", box.x + step * i, box.y, "v", box.height) for i in range(1, int(box.width / step) + 1)
            )
            grid += "".join(
                trace("M", box.x, box.y + step * i, "h", box.width) for i in range(1, int(box.height / step) + 1)
            )
            canvas.line(grid, _BLACK, 0.8, 'opacity=".5"')
            canvas.path(burst(x, y, reach * 0.46, reach * 0.34, 14, 0.1), "#ffffff", edge)
        elif choice == 1:
            for stripe in range(9):
                canvas.rect(Box(box.x, box.y + box.height * stripe / 9, box.width, box.height / 18), _BLACK)
            side = reach * 0.66
            canvas.rect(Box(x - side / 2 + line * 4, y - side / 2 + line * 4, side, side), _BLACK)
            canvas.rect(Box(x - side / 2, y - side / 2, side, side), "#ffffff", edge)
        else:
            canvas.rect(Box(box.x, box.y, box.width * 0.46, box.height * 0.6), scheme.c, edge)
            canvas.rect(Box(x, y, box.width * 0.5, box.height * 0.5), "#ffffff", edge)
            canvas.circle(box.x + box.width * 0.26, box.y + box.height * 0.74, reach * 0.17, scheme.b, edge)
        size = reach * 0.5
        drop = size * 0.05
        sheet.motif(x + drop, y + drop, size, (_BLACK,) * 5)
        ink = f'stroke="{_BLACK}" stroke-width="{number(line * 100 / size)}" stroke-linejoin="round"'
        other = scheme.b if scheme.b != scheme.a else scheme.c
        sheet.motif(x, y, size, (other, "#ffffff", scheme.c, _BLACK, "#ffffff"), ink)

    def edges(self, sheet: Sheet) -> None:
        """A ticker bar above, and a star that nobody asked for."""
        canvas, unit = sheet.canvas, sheet.unit
        canvas.rect(Box(0, 0, canvas.width, unit * 3.4), _BLACK)
        canvas.rect(Box(0, canvas.height - unit * 3.4, canvas.width, unit * 3.4), _BLACK)
        canvas.path(
            burst(canvas.width - unit * 11, unit * 13, unit * 8, unit * 4.4, 9, 0.2),
            sheet.scheme.a,
            f'stroke="{_BLACK}" stroke-width="2"',
        )

    def emblem(self, sheet: Sheet, x: float, y: float, size: float) -> None:
        """In a block with a hard shadow."""
        scheme = sheet.scheme
        box = Box(x - size / 2, y - size / 2, size, size)
        self.plate(sheet, box, scheme.a if scheme.base != scheme.a else "#ffffff")
        sheet.motif(
            x, y, size * 0.7, (_BLACK, "#ffffff", scheme.b, _BLACK, "#ffffff"), f'stroke="{_BLACK}" stroke-width="2"'
        )

    def panel(self, sheet: Sheet, box: Box) -> Grounds:
        """A white block with outline and shadow."""
        self.plate(sheet, box, "#ffffff")
        return ("#ffffff",)

    def frame(self, sheet: Sheet, box: Box) -> None:
        """A heavy outline."""
        sheet.canvas.rect(box, "none", f'stroke="{_BLACK}" stroke-width="{number(sheet.unit * 1.4)}"')

    def rule(self, sheet: Sheet, x: float, y: float, width: float, align: str = "start") -> None:
        """A black bar across."""
        left = x if align == "start" else x - width / 2
        sheet.canvas.rect(Box(left, y - sheet.unit * 0.6, width, sheet.unit * 1.2), _BLACK)

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
        """White on a black strip."""
        size = size or sheet.unit * 3
        width = min((len(words) + 1.6) * size * 0.61, room or 1e9)
        left = x if align == "start" else x - width / 2
        sheet.canvas.rect(Box(left, y - size * 1.1, width, size * 1.6), _BLACK)
        sheet.canvas.text(
            left + width / 2, y, words, size, self.label, "#ffffff", (_BLACK,), "middle", room=width * 0.9
        )

    def band(self, sheet: Sheet, box: Box, fill: str) -> None:
        """Outlined like everything else."""
        self.plate(sheet, box, fill)

    def plate(self, sheet: Sheet, box: Box, fill: str) -> None:
        """Outlined, with a hard shadow."""
        drop = max(2.0, sheet.unit)
        sheet.canvas.rect(Box(box.x + drop, box.y + drop, box.width, box.height), _BLACK)
        sheet.canvas.rect(box, fill, f'stroke="{_BLACK}" stroke-width="{number(max(1.5, sheet.unit * 0.5))}"')


def _rawness(colour: str) -> int:
    """How bright and saturated a colour is."""
    return 2 * max(channels(colour)) - min(channels(colour))
