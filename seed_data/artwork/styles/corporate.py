"""Corporate: white ground, a photograph cut at an angle, tidy semibold lettering."""

from __future__ import annotations

import random

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import mix
from seed_data.artwork.lettering import BOLD, PLAIN
from seed_data.artwork.palettes import Palette
from seed_data.artwork.scenes import draw_scene, shine
from seed_data.artwork.shapes import number, points
from seed_data.artwork.sheet import Scheme, Sheet
from seed_data.artwork.styles.base import Style


class Corporate(Style):
    """Trustworthy, blue-chip and on a grid."""

    display = BOLD
    body = PLAIN
    label = BOLD.spaced(0.1)

    def scheme(self, palette: Palette, rng: random.Random) -> Scheme:
        """White, with the palette's primary for panels; every fourth time the dark of the palette."""
        deep = mix(palette.primary, palette.ink, 0.62)
        if rng.random() < 0.25:
            return Scheme(
                (deep,), "#ffffff", "#ffffff", palette.accent, palette.secondary, palette.primary, palette.soft, deep
            )
        return Scheme(
            ("#ffffff",), palette.ink, deep, palette.primary, palette.secondary, palette.accent, palette.soft, "#ffffff"
        )

    def art(self, sheet: Sheet, box: Box) -> None:
        """A scene with slanted panels of the house colours along one side."""
        canvas, palette = sheet.canvas, sheet.palette
        draw_scene(sheet, box)
        shine(sheet, box)
        deep = mix(palette.primary, palette.ink, 0.55)
        w, h = box.width, box.height
        x, y = box.x, box.y
        choice = sheet.rng.randrange(3)
        if choice == 0:
            canvas.path(
                points([(x, y), (x + w * 0.34, y), (x + w * 0.06, y + h), (x, y + h)]), palette.primary, 'opacity=".88"'
            )
            canvas.path(
                points([(x + w * 0.38, y), (x + w * 0.43, y), (x + w * 0.15, y + h), (x + w * 0.1, y + h)]),
                palette.accent,
            )
        elif choice == 1:
            canvas.path(
                points([(x, y + h), (x, y + h * 0.58), (x + w, y + h * 0.9), (x + w, y + h)]), deep, 'opacity=".92"'
            )
            canvas.path(
                points([(x, y + h * 0.5), (x, y + h * 0.55), (x + w, y + h * 0.87), (x + w, y + h * 0.82)]),
                palette.secondary,
            )
        else:
            step = min(w, h) * 0.2
            canvas.rect(Box(box.right - step, y, step, step), palette.primary)
            canvas.rect(Box(box.right - 2 * step, y, step, step), deep)
            canvas.rect(Box(box.right - step, y + step, step, step), palette.accent)

    def edges(self, sheet: Sheet) -> None:
        """Slanted bars in two corners."""
        canvas, palette, unit = sheet.canvas, sheet.palette, sheet.unit
        w, h = canvas.width, canvas.height
        deep = mix(palette.primary, palette.ink, 0.55) if sheet.scheme.base == "#ffffff" else palette.primary
        canvas.path(points([(w, 0), (w - unit * 24, 0), (w, unit * 24)]), palette.primary)
        canvas.path(points([(w, 0), (w - unit * 12, 0), (w, unit * 12)]), palette.accent)
        canvas.path(points([(0, h), (unit * 20, h), (0, h - unit * 20)]), deep)

    def emblem(self, sheet: Sheet, x: float, y: float, size: float) -> None:
        """The motif in white on a rounded tile."""
        primary = sheet.palette.primary
        sheet.canvas.rect(Box(x - size / 2, y - size / 2, size, size), primary, radius=size * 0.22)
        pale = mix("#ffffff", primary, 0.3)
        sheet.motif(
            x, y, size * 0.66, ("#ffffff", pale, mix(pale, primary, 0.3), mix(primary, sheet.palette.ink, 0.5), primary)
        )

    def panel(self, sheet: Sheet, box: Box) -> Grounds:
        """A white field with a bar of colour at its side."""
        fill = sheet.scheme.card
        sheet.canvas.rect(box, fill)
        sheet.canvas.rect(Box(box.x, box.y, sheet.unit * 1.6, box.height), sheet.scheme.a)
        return (fill,)

    def frame(self, sheet: Sheet, box: Box) -> None:
        """A line in the house colour."""
        sheet.canvas.rect(box, "none", f'stroke="{sheet.scheme.a}" stroke-width="{number(sheet.unit * 0.5)}"')

    def rule(self, sheet: Sheet, x: float, y: float, width: float, align: str = "start") -> None:
        """A short bar of two colours."""
        width = min(width, sheet.unit * 18)
        left = x if align == "start" else x - width / 2
        sheet.canvas.rect(Box(left, y - 1.5, width * 0.62, 3), sheet.scheme.a)
        sheet.canvas.rect(Box(left + width * 0.66, y - 1.5, width * 0.34, 3), sheet.scheme.c)

    def plate(self, sheet: Sheet, box: Box, fill: str) -> None:
        """Slightly rounded."""
        sheet.canvas.rect(box, fill, radius=3)
