"""Gradient: glowing meshes, glass cards and orbs."""

from __future__ import annotations

import random
from dataclasses import replace

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import mix
from seed_data.artwork.lettering import BOLD, PLAIN
from seed_data.artwork.palettes import Palette
from seed_data.artwork.shapes import blob, number
from seed_data.artwork.sheet import Scheme, Sheet
from seed_data.artwork.styles.base import Style


class Gradient(Style):
    """Light behind frosted glass."""

    display = replace(BOLD, tracking=-0.03)
    body = PLAIN
    label = BOLD

    def scheme(self, palette: Palette, rng: random.Random) -> Scheme:
        """All stops of the mesh are about equally dark, or equally pale, so that lettering reads over any of them."""
        if rng.random() < 0.62:
            deep = mix(palette.ink, palette.primary, 0.25)
            stops = (
                deep,
                mix(palette.primary, palette.ink, 0.62),
                mix(palette.accent, palette.ink, 0.62),
                mix(palette.secondary, palette.ink, 0.66),
            )
            return Scheme(
                stops,
                "#ffffff",
                "#ffffff",
                mix(palette.secondary, "#ffffff", 0.25),
                palette.accent,
                palette.primary,
                deep,
                deep,
            )
        pale = mix(palette.soft, "#ffffff", 0.4)
        stops = (
            pale,
            mix(palette.secondary, "#ffffff", 0.62),
            mix(palette.accent, "#ffffff", 0.68),
            mix(palette.primary, "#ffffff", 0.74),
        )
        return Scheme(stops, palette.ink, palette.ink, palette.primary, palette.secondary, palette.accent, pale, pale)

    def background(self, sheet: Sheet) -> None:
        """The mesh, calm enough to letter upon."""
        ground = sheet.scheme.ground
        self._mesh(sheet, sheet.canvas.box, ground[0], ground[1:])

    def _mesh(self, sheet: Sheet, box: Box, base: str, glows: tuple[str, ...]) -> None:
        canvas, rng = sheet.canvas, sheet.rng
        canvas.rect(box, base)
        for glow in glows:
            cx, cy, r = rng.randint(0, 100), rng.randint(0, 100), rng.randint(55, 85)
            paint = canvas.radial(glow, f"{glow}/0", more=f'cx="{cx}%" cy="{cy}%" r="{r}%"')
            canvas.rect(box, paint)

    def art(self, sheet: Sheet, box: Box) -> None:
        """The same light turned up, with orbs, a liquid shape or glass rings, and the motif in white."""
        canvas, palette, rng = sheet.canvas, sheet.palette, sheet.rng
        x, y = box.centre
        reach = min(box.width, box.height)
        self._mesh(
            sheet, box, palette.primary, (palette.accent, palette.secondary, mix(palette.primary, palette.ink, 0.4))
        )
        white = "#ffffff"
        orb = canvas.radial(
            white, mix(palette.secondary, white, 0.35), palette.accent, more='cx="32%" cy="28%" r="80%"'
        )
        choice = rng.randrange(3)
        if choice == 0:
            canvas.circle(x, y, reach * 0.34, orb)
            canvas.circle(x + reach * 0.36, y - reach * 0.3, reach * 0.09, orb)
            canvas.circle(x - reach * 0.38, y + reach * 0.32, reach * 0.06, orb)
            deep = mix(palette.primary, palette.ink, 0.35)
            sheet.motif(
                x, y, reach * 0.36, (deep, mix(palette.primary, palette.ink, 0.1), palette.accent, palette.ink, white)
            )
        elif choice == 1:
            canvas.path(
                blob(x, y, reach * 0.4, rng, 6, 0.2),
                canvas.linear(mix(palette.secondary, white, 0.4), palette.accent, angle='x2="1" y2="1"'),
                'opacity=".95"',
            )
            sheet.motif(
                x,
                y,
                reach * 0.4,
                (
                    white,
                    mix(white, palette.secondary, 0.35),
                    mix(white, palette.accent, 0.5),
                    palette.ink,
                    mix(palette.primary, palette.ink, 0.2),
                ),
            )
        else:
            for ring in range(4):
                canvas.circle(x, y, reach * (0.46 - 0.09 * ring), white, 'opacity=".16"')
            sheet.motif(
                x,
                y,
                reach * 0.36,
                (
                    white,
                    mix(white, palette.secondary, 0.3),
                    mix(white, palette.accent, 0.45),
                    palette.ink,
                    mix(palette.primary, palette.ink, 0.25),
                ),
            )

    def edges(self, sheet: Sheet) -> None:
        """An orb beyond two corners."""
        canvas, unit, palette = sheet.canvas, sheet.unit, sheet.palette
        orb = canvas.linear(mix(palette.secondary, "#ffffff", 0.2), palette.accent, angle='x2="1" y2="1"')
        canvas.circle(canvas.width - unit * 3, unit * 3, unit * 15, orb)
        canvas.circle(unit, canvas.height - unit, unit * 10, orb)

    def emblem(self, sheet: Sheet, x: float, y: float, size: float) -> None:
        """A glossy app tile."""
        palette = sheet.palette
        paint = sheet.canvas.linear(
            mix(palette.secondary, "#ffffff", 0.1), palette.accent, palette.primary, angle='x2="1" y2="1"'
        )
        sheet.canvas.rect(Box(x - size / 2, y - size / 2, size, size), paint, radius=size * 0.26)
        ink = mix(palette.primary, palette.ink, 0.4)
        sheet.motif(
            x,
            y,
            size * 0.62,
            ("#ffffff", mix("#ffffff", palette.primary, 0.25), mix("#ffffff", palette.accent, 0.4), ink, ink),
        )

    def panel(self, sheet: Sheet, box: Box) -> Grounds:
        """Frosted glass: nearly opaque, so that what shines through stays close to its own colour."""
        fill = sheet.scheme.card
        sheet.canvas.rect(box, fill, 'stroke="#ffffff" stroke-opacity=".5"', radius=sheet.unit * 5)
        return (fill,)

    def frame(self, sheet: Sheet, box: Box) -> None:
        """A line of light."""
        sheet.canvas.rect(
            box,
            "none",
            f'stroke="{sheet.scheme.a}" stroke-opacity=".7" stroke-width="{number(sheet.unit * 0.5)}"',
            radius=sheet.unit * 5,
        )
