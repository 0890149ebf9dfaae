"""Minimal: white space, one calm shape, light sans lettering."""

from __future__ import annotations

import random

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import mix
from seed_data.artwork.lettering import LIGHT, PLAIN
from seed_data.artwork.palettes import Palette
from seed_data.artwork.shapes import arch, number, trace
from seed_data.artwork.sheet import Scheme, Sheet
from seed_data.artwork.styles.base import Style

_CALM = {"yoga", "wellness", "beauty", "spa", "architecture", "health"}
"""What balanced stones may stand for."""


class Minimal(Style):
    """Air, hairlines and a single accent."""

    display = LIGHT
    body = PLAIN
    label = PLAIN.spaced(0.2)

    def scheme(self, palette: Palette, rng: random.Random) -> Scheme:
        """Paper or the palest tint."""
        ground = rng.choice((palette.paper, mix(palette.soft, palette.paper, 0.55), "#ffffff"))
        pale = mix(palette.secondary, ground, 0.45)
        return Scheme((ground,), palette.ink, palette.ink, palette.primary, pale, palette.soft, palette.soft, "#ffffff")

    def art(self, sheet: Sheet, box: Box) -> None:
        """A disc, an arch or stacked stones, and the motif in one colour."""
        canvas, scheme, rng = sheet.canvas, sheet.scheme, sheet.rng
        x, y = box.centre
        reach = min(box.width, box.height)
        canvas.rect(box, mix(scheme.soft, scheme.base, 0.5))
        choice = rng.randrange(4)
        if choice == 2 and not _CALM.intersection(sheet.tags):
            choice = 3
        quiet = (
            scheme.a,
            mix(scheme.a, scheme.base, 0.55),
            mix(scheme.a, scheme.base, 0.3),
            sheet.palette.ink,
            scheme.base,
        )
        if choice == 0:
            canvas.circle(x, y, reach * 0.37, scheme.b)
            sheet.motif(x, y, reach * 0.42, quiet)
        elif choice == 1:
            width = min(box.width * 0.56, box.height * 0.52)
            canvas.path(arch(x - width / 2, y - width * 0.72, width, box.bottom - y + width * 0.72), scheme.b)
            sheet.motif(x, y + width * 0.12, width * 0.62, quiet)
        elif choice == 3:
            side = reach * 0.72
            canvas.rect(Box(x - side / 2, y - side / 2, side, side), scheme.base)
            canvas.circle(x + side * 0.2, y - side * 0.2, side * 0.24, scheme.b)
            sheet.outline_motif(x, y + side * 0.03, side * 0.58, scheme.ink, "none", max(1.0, reach / 220))
        else:
            for stone, share in enumerate((0.42, 0.3, 0.2)):
                tone = (scheme.a, scheme.b, mix(scheme.a, scheme.ink, 0.35))[stone]
                bottom = box.bottom - box.height * 0.1 - (0, 0.22, 0.38)[stone] * reach
                canvas.raw(
                    f'<ellipse cx="{number(x + (stone - 1) * reach * 0.03)}" cy="{number(bottom - reach * 0.11)}" '
                    f'rx="{number(reach * share)}" ry="{number(reach * (0.13 - 0.02 * stone))}" fill="{tone}"/>'
                )
            canvas.circle(box.x + box.width * 0.72, box.y + box.height * 0.24, reach * 0.1, scheme.a)

    def emblem(self, sheet: Sheet, x: float, y: float, size: float) -> None:
        """One colour only."""
        a, base = sheet.scheme.a, sheet.scheme.base
        sheet.motif(x, y, size, (a, mix(a, base, 0.45), mix(a, base, 0.25), sheet.scheme.ink, base))

    def panel(self, sheet: Sheet, box: Box) -> Grounds:
        """Plain white."""
        sheet.canvas.rect(box, "#ffffff")
        return ("#ffffff",)

    def frame(self, sheet: Sheet, box: Box) -> None:
        """A hairline."""
        sheet.canvas.rect(box, "none", f'stroke="{sheet.scheme.ink}" stroke-width=".8"')

    def rule(self, sheet: Sheet, x: float, y: float, width: float, align: str = "start") -> None:
        """A short hairline."""
        width = min(width, sheet.unit * 14)
        left = x if align == "start" else x - width / 2
        sheet.canvas.line(trace("M", left, y, "h", width), sheet.scheme.ink, 1)

    def plate(self, sheet: Sheet, box: Box, fill: str) -> None:
        """Square and flat."""
        sheet.canvas.rect(box, fill)
