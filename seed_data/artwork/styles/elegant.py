"""Elegant: dark or pale silk, thin golden lines, arches, spaced serif capitals."""

from __future__ import annotations

import math
import random

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import is_dark, mix
from seed_data.artwork.lettering import ITALIC, SERIF
from seed_data.artwork.palettes import Palette
from seed_data.artwork.shapes import arch, number, trace
from seed_data.artwork.sheet import Scheme, Sheet
from seed_data.artwork.styles.base import Style

_GOLD = "#c9a24b"


class Elegant(Style):
    """An evening dress code."""

    display = SERIF.spaced(0.09)
    body = ITALIC
    label = SERIF.spaced(0.24)

    def scheme(self, palette: Palette, rng: random.Random) -> Scheme:
        """Night with gold, or pearl with a muted tone."""
        if rng.random() < 0.6:
            night = mix(palette.ink, palette.primary, 0.1)
            gold = mix(_GOLD, palette.paper, 0.2)
            return Scheme(
                (night,),
                mix(palette.paper, gold, 0.15),
                mix(palette.paper, gold, 0.35),
                gold,
                mix(night, gold, 0.35),
                palette.secondary,
                mix(night, palette.primary, 0.35),
                night,
            )
        pearl = mix(palette.paper, palette.soft, 0.35)
        muted = mix(palette.primary, palette.ink, 0.45)
        return Scheme(
            (pearl,),
            palette.ink,
            muted,
            mix(_GOLD, palette.ink, 0.15),
            mix(palette.soft, palette.secondary, 0.3),
            palette.secondary,
            palette.soft,
            pearl,
        )

    def art(self, sheet: Sheet, box: Box) -> None:
        """Fans of fine lines, arches within arches, or a moon over silk folds, with the motif as a line drawing."""
        canvas, scheme, rng = sheet.canvas, sheet.scheme, sheet.rng
        x, y = box.centre
        reach = min(box.width, box.height)
        canvas.rect(box, canvas.linear(mix(scheme.base, scheme.soft, 0.8), scheme.base))
        choice = rng.randrange(3)
        if choice == 0:
            width = min(box.width * 0.6, box.height * 0.55)
            for step in range(3):
                inner = width - step * width * 0.09
                top = y - width * 0.68 + step * width * 0.045
                canvas.path(
                    arch(x - inner / 2, top, inner, width * 1.36 - step * width * 0.09),
                    "none" if step < 2 else scheme.b,
                    f'stroke="{scheme.a}"',
                )
            sheet.outline_motif(x, y + width * 0.06, width * 0.52, scheme.a, mix(scheme.base, scheme.b, 1.0), 1.6)
        elif choice == 1:
            radius = (box.width + box.height) * 0.6
            fan = "".join(
                trace("M", x, box.bottom, "L", x + radius * math.cos(angle), box.bottom + radius * math.sin(angle))
                for angle in (math.pi + math.pi * ray / 28 for ray in range(1, 28))
            )
            canvas.line(fan, scheme.a, 0.8, 'opacity=".55"')
            canvas.circle(x, y, reach * 0.33, scheme.base, f'stroke="{scheme.a}" stroke-width="1.6"')
            canvas.circle(x, y, reach * 0.3, "none", f'stroke="{scheme.a}" stroke-width=".7"')
            sheet.outline_motif(x, y, reach * 0.34, scheme.a, scheme.base, 1.6)
        else:
            for fold in range(5):
                top = box.y + box.height * (0.3 + 0.15 * fold)
                swing = box.height * 0.16
                tone = mix(scheme.soft, scheme.c if fold % 2 else scheme.base, 0.25 + 0.1 * fold)
                d = trace(
                    "M",
                    box.x,
                    top,
                    "c",
                    box.width * 0.3,
                    -swing,
                    box.width * 0.6,
                    swing,
                    box.width,
                    -swing * 0.3,
                    "V",
                    box.bottom,
                    "H",
                    box.x,
                    "z",
                )
                canvas.path(d, tone, f'stroke="{scheme.a}" stroke-width=".8"')
            canvas.circle(box.x + box.width * 0.68, box.y + box.height * 0.26, reach * 0.13, scheme.a)

    def edges(self, sheet: Sheet) -> None:
        """A double line with notched corners."""
        self.frame(sheet, sheet.canvas.box.inset(sheet.unit * 3.2))

    def emblem(self, sheet: Sheet, x: float, y: float, size: float) -> None:
        """A line drawing in a thin double circle."""
        scheme = sheet.scheme
        sheet.canvas.circle(x, y, size * 0.56, "none", f'stroke="{scheme.a}" stroke-width="1.4"')
        sheet.canvas.circle(x, y, size * 0.5, "none", f'stroke="{scheme.a}" stroke-width=".6"')
        sheet.outline_motif(x, y, size * 0.6, scheme.a, scheme.base, max(1.1, size / 70))

    def panel(self, sheet: Sheet, box: Box) -> Grounds:
        """Silk with a thin frame."""
        fill = sheet.scheme.card
        sheet.canvas.rect(box, fill)
        self.frame(sheet, box.inset(sheet.unit * 2))
        return (fill,)

    def frame(self, sheet: Sheet, box: Box) -> None:
        """Two thin lines; the outer one has its corners cut in."""
        notch = sheet.unit * 3
        w, h = box.width - 2 * notch, box.height - 2 * notch
        n = number(notch)
        d = trace(
            "M",
            box.x + notch,
            box.y,
            "h",
            w,
            "a",
            n,
            " ",
            n,
            " 0 0 0 ",
            n,
            " ",
            n,
            "v",
            h,
            "a",
            n,
            " ",
            n,
            " 0 0 0 -",
            n,
            " ",
            n,
            "h",
            -w,
            "a",
            n,
            " ",
            n,
            " 0 0 0 -",
            n,
            " -",
            n,
            "v",
            -h,
            "a",
            n,
            " ",
            n,
            " 0 0 0 ",
            n,
            " -",
            n,
            "z",
        )
        sheet.canvas.line(d, sheet.scheme.a, 1.3)

    def rule(self, sheet: Sheet, x: float, y: float, width: float, align: str = "start") -> None:
        """Two hairlines with a diamond between them."""
        width = min(width, sheet.unit * 30)
        left = x if align == "start" else x - width / 2
        half, gem = width / 2, sheet.unit * 1.2
        reach = half - gem * 2
        sheet.canvas.line(
            trace("M", left, y, "h", reach, "M", left + width, y, "h", -reach),
            sheet.scheme.a,
            1,
        )
        sheet.canvas.path(
            trace("M", left + half, y - gem, "l", gem, gem, "-", gem, gem, "-", gem, "-", gem, "z"),
            sheet.scheme.a,
        )

    def plate(self, sheet: Sheet, box: Box, fill: str) -> None:
        """Flat, with a fine line inside."""
        sheet.canvas.rect(box, fill)
        edge = sheet.palette.ink if not is_dark(fill) else sheet.palette.paper
        sheet.canvas.rect(box.inset(2.5), "none", f'stroke="{edge}" stroke-width=".6"')
