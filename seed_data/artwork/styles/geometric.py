"""Geometric: a grid of Bauhaus tiles, flat colours, firm grotesque lettering."""

from __future__ import annotations

import random

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import is_dark
from seed_data.artwork.lettering import BLACK, BOLD
from seed_data.artwork.palettes import Palette
from seed_data.artwork.shapes import number, trace
from seed_data.artwork.sheet import Scheme, Sheet
from seed_data.artwork.styles.base import Style


class Geometric(Style):
    """Compasses and a ruler."""

    display = BLACK
    body = BOLD
    label = BOLD

    def scheme(self, palette: Palette, rng: random.Random) -> Scheme:
        """Paper, sometimes ink."""
        if rng.random() < 0.25:
            return Scheme(
                (palette.ink,),
                palette.paper,
                palette.paper,
                palette.primary,
                palette.secondary,
                palette.accent,
                palette.soft,
                palette.ink,
            )
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

    def art(self, sheet: Sheet, box: Box) -> None:
        """Tiles of quarter discs, halves, rings, triangles and stripes; one large tile holds the motif."""
        side = min(box.width, box.height)
        across = max(2, round(3 * box.width / side))
        down = max(2, round(3 * box.height / side))
        across, down = min(across, 6), min(down, 6)
        width, height = box.width / across, box.height / down
        large = (sheet.rng.randrange(across - 1), sheet.rng.randrange(down - 1))
        for column in range(across):
            for row in range(down):
                if large[0] <= column <= large[0] + 1 and large[1] <= row <= large[1] + 1:
                    continue
                self._tile(sheet, Box(box.x + column * width, box.y + row * height, width, height))
        tile = Box(box.x + large[0] * width, box.y + large[1] * height, 2 * width, 2 * height)
        sheet.canvas.rect(tile, sheet.scheme.soft)
        x, y = tile.centre
        size = min(tile.width, tile.height)
        sheet.canvas.circle(x, y, size * 0.46, sheet.palette.paper)
        sheet.motif(x, y, size * 0.58, (*sheet.palette.art, sheet.palette.ink, sheet.palette.paper))

    def _tile(self, sheet: Sheet, box: Box) -> None:
        canvas, rng, palette = sheet.canvas, sheet.rng, sheet.palette
        ground, shape = rng.sample(
            (palette.primary, palette.secondary, palette.accent, palette.ink, palette.paper, palette.soft), 2
        )
        canvas.rect(Box(box.x, box.y, box.width + 0.3, box.height + 0.3), ground)
        x, y, w, h = box.x, box.y, box.width, box.height
        kind = rng.randrange(7)
        if kind == 0:
            canvas.path(trace("M", x, y, "h", w, "a", w, h, " 0 0 1 ", -w, h, "z"), shape)
        elif kind == 1:
            canvas.path(
                trace("M", x + w, y + h, "h", -w, "a", w, h, " 0 0 1 ", w, -h, "z"),
                shape,
            )
        elif kind == 2:
            canvas.path(
                trace(
                    "M",
                    x,
                    y + h / 2,
                    "a",
                    w / 2,
                    h / 2,
                    " 0 0 1 ",
                    w,
                    " 0zM",
                    x,
                    y + h,
                    "a",
                    w / 2,
                    h / 2,
                    " 0 0 1 ",
                    w,
                    " 0z",
                ),
                shape,
            )
        elif kind == 3:
            canvas.path(trace("M", x, y + h, "L", x + w, y, "v", h, "z"), shape)
        elif kind == 4:
            canvas.circle(x + w / 2, y + h / 2, min(w, h) * 0.38, shape)
            canvas.circle(x + w / 2, y + h / 2, min(w, h) * 0.17, ground)
        elif kind == 5:
            bars = "".join(
                trace("M", x, y + h * (bar + 0.25) / 4, "h", w, "v", h / 8, "h", -w, "z") for bar in range(4)
            )
            canvas.path(bars, shape)
        else:
            canvas.path(
                trace("M", x + w / 2, y, "l", w / 2, h / 2, "-", w / 2, h / 2, "-", w / 2, "-", h / 2, "z"),
                shape,
            )

    def edges(self, sheet: Sheet) -> None:
        """A column of tiles down the right side of the top, and a row at the foot."""
        canvas, side = sheet.canvas, sheet.unit * 11
        for step in range(3):
            self._tile(sheet, Box(canvas.width - side * (step + 1), 0, side, side))
        self._tile(sheet, Box(canvas.width - side, side, side, side))
        for step in range(2):
            self._tile(sheet, Box(side * step, canvas.height - side, side, side))

    def emblem(self, sheet: Sheet, x: float, y: float, size: float) -> None:
        """Four tiles with the motif on a disc in their middle."""
        half = size / 2
        for step in range(4):
            self._tile(sheet, Box(x - half + half * (step % 2), y - half + half * (step // 2), half, half))
        sheet.canvas.circle(x, y, size * 0.36, sheet.palette.paper)
        sheet.motif(x, y, size * 0.46, (*sheet.palette.art, sheet.palette.ink, sheet.palette.paper))

    def frame(self, sheet: Sheet, box: Box) -> None:
        """A firm line."""
        sheet.canvas.rect(box, "none", f'stroke="{sheet.scheme.ink}" stroke-width="{number(sheet.unit * 0.8)}"')

    def rule(self, sheet: Sheet, x: float, y: float, width: float, align: str = "start") -> None:
        """Disc, square, triangle."""
        unit = sheet.unit * 2
        left = x if align == "start" else x - unit * 3.4
        first, second, third = sheet.palette.art
        sheet.canvas.circle(left + unit, y, unit, first)
        sheet.canvas.rect(Box(left + unit * 2.4, y - unit, unit * 2, unit * 2), second)
        sheet.canvas.path(
            trace("M", left + unit * 4.8, y + unit, "l", unit, -2 * unit, unit, 2 * unit, "z"),
            third,
        )

    def panel(self, sheet: Sheet, box: Box) -> Grounds:
        """A plain block."""
        sheet.canvas.rect(box, sheet.scheme.card)
        return (sheet.scheme.card,)

    def plate(self, sheet: Sheet, box: Box, fill: str) -> None:
        """Square on one side, round on the other."""
        sheet.canvas.rect(box, fill, radius=0 if is_dark(fill) else box.height / 2)
