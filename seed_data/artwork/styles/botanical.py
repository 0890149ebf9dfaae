"""Botanical: leaves and branches, washes of watercolour, serif italics."""

from __future__ import annotations

import math
import random

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import mix
from seed_data.artwork.lettering import ITALIC, SERIF
from seed_data.artwork.palettes import Palette
from seed_data.artwork.shapes import blob, leaf, sprig, trace
from seed_data.artwork.sheet import Scheme, Sheet
from seed_data.artwork.styles.base import Style

_LEAF_GREEN = "#4f7a58"


class Botanical(Style):
    """A page from a herbarium."""

    display = ITALIC
    body = SERIF
    label = SERIF.spaced(0.16)

    def scheme(self, palette: Palette, rng: random.Random) -> Scheme:
        """Warm white, and greens that lean towards the palette."""
        ground = mix(palette.paper, "#fffdf6", 0.5)
        green = mix(palette.primary, _LEAF_GREEN, 0.5)
        return Scheme(
            (ground,),
            mix(palette.ink, _LEAF_GREEN, 0.2),
            palette.ink,
            green,
            mix(palette.secondary, _LEAF_GREEN, 0.3),
            palette.accent,
            palette.soft,
            ground,
        )

    def art(self, sheet: Sheet, box: Box) -> None:
        """A wash with branches rising through it, or a wreath round the motif."""
        canvas, scheme, rng = sheet.canvas, sheet.scheme, sheet.rng
        canvas.rect(box, mix(scheme.soft, scheme.base, 0.45))
        x, y = box.centre
        reach = min(box.width, box.height)
        for _ in range(2):
            spot = blob(
                x + rng.uniform(-0.2, 0.2) * box.width,
                y + rng.uniform(-0.15, 0.15) * box.height,
                reach * rng.uniform(0.34, 0.46),
                rng,
            )
            canvas.path(spot, rng.choice((scheme.b, scheme.c, scheme.soft)), 'opacity=".3"')
        if rng.random() < 0.5:
            self._wreath(sheet, x, y, reach * 0.36)
            sheet.motif(x, y, reach * 0.34, (scheme.c, scheme.b, scheme.a, sheet.palette.ink, scheme.base))
        else:
            for stem, lean in enumerate((-0.5, 0.45, -0.08)):
                self._branch(
                    sheet,
                    x + lean * reach * 0.3,
                    box.bottom + reach * 0.05,
                    box.height * (0.78 + 0.16 * (stem == 2)),
                    -math.pi / 2 + lean * 0.7,
                    5,
                    stem,
                )
            for _ in range(5):
                canvas.circle(
                    box.x + box.width * rng.uniform(0.1, 0.9),
                    box.y + box.height * rng.uniform(0.08, 0.5),
                    reach * 0.018,
                    scheme.c,
                )

    def _branch(self, sheet: Sheet, x: float, y: float, length: float, angle: float, pairs: int, tone: int) -> None:
        scheme = sheet.scheme
        colour = (scheme.a, scheme.b, mix(scheme.a, sheet.palette.ink, 0.35))[tone % 3]
        stem, leaves = sprig(x, y, length, angle, pairs, 0.26 + 0.1 * (tone % 2))
        sheet.canvas.path(leaves, colour)
        sheet.canvas.line(stem, mix(colour, sheet.palette.ink, 0.3), max(1, length / 90))

    def _wreath(self, sheet: Sheet, x: float, y: float, radius: float) -> None:
        scheme = sheet.scheme
        d = {scheme.a: "", scheme.b: ""}
        for place in range(20):
            angle = 2 * math.pi * place / 20
            spot = (x + radius * math.cos(angle), y + radius * math.sin(angle))
            _, leaves = sprig(*spot, radius * 0.3, angle + math.pi / 2 + (0.6 if place % 2 else -0.6), 0)
            d[(scheme.a, scheme.b)[place % 2]] += leaves + leaf(
                *spot, radius * 0.34, angle + math.pi / 2 + (0.75 if place % 2 else -0.75)
            )
        for colour, path in d.items():
            sheet.canvas.path(path, colour)
        for place in range(6):
            angle = 2 * math.pi * (place + 0.5) / 6
            sheet.canvas.circle(
                x + radius * 1.12 * math.cos(angle), y + radius * 1.12 * math.sin(angle), radius * 0.05, scheme.c
            )

    def edges(self, sheet: Sheet) -> None:
        """Branches from two opposite corners."""
        canvas, unit = sheet.canvas, sheet.unit
        canvas.path(blob(canvas.width, 0, unit * 24, sheet.rng), sheet.scheme.b, 'opacity=".25"')
        canvas.path(blob(0, canvas.height, unit * 26, sheet.rng), sheet.scheme.c, 'opacity=".2"')
        for tone, turn in enumerate((2.15, 2.75)):
            self._branch(sheet, canvas.width + unit, -unit, unit * 27, turn, 4, tone)
            self._branch(sheet, -unit, canvas.height + unit, unit * 27, turn - math.pi, 4, tone)

    def emblem(self, sheet: Sheet, x: float, y: float, size: float) -> None:
        """Two branches that meet below the motif."""
        for tone, side in enumerate((-1, 1)):
            self._branch(sheet, x, y + size * 0.52, size * 0.8, -math.pi / 2 + side * 0.95, 4, tone)
        scheme = sheet.scheme
        sheet.motif(x, y - size * 0.02, size * 0.52, (scheme.c, scheme.b, scheme.a, sheet.palette.ink, scheme.base))

    def panel(self, sheet: Sheet, box: Box) -> Grounds:
        """Paper with a thin inner line."""
        fill = sheet.scheme.card
        sheet.canvas.rect(box, fill, radius=sheet.unit)
        sheet.canvas.rect(box.inset(sheet.unit * 1.8), "none", f'stroke="{sheet.scheme.a}"', radius=sheet.unit)
        return (fill,)

    def frame(self, sheet: Sheet, box: Box) -> None:
        """A thin line that the corner branches cross."""
        sheet.canvas.rect(box, "none", f'stroke="{sheet.scheme.a}" stroke-width="1.2"')

    def rule(self, sheet: Sheet, x: float, y: float, width: float, align: str = "start") -> None:
        """A stem with two leaves."""
        width = min(width, sheet.unit * 22)
        left = x if align == "start" else x - width / 2
        middle = left + width / 2
        sheet.canvas.line(trace("M", left, y, "h", width), sheet.scheme.a, 1)
        for angle in (-0.6, math.pi + 0.6):
            sheet.canvas.path(leaf(middle, y, sheet.unit * 4, angle), sheet.scheme.a)
