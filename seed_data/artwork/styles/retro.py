"""Retro: sunbursts, seventies stripes, slab letters with a hard shadow."""

from __future__ import annotations

import random

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import is_dark, mix
from seed_data.artwork.lettering import SLAB
from seed_data.artwork.palettes import Palette
from seed_data.artwork.shapes import beams, burst, number, trace
from seed_data.artwork.sheet import Scheme, Sheet
from seed_data.artwork.styles.base import Style


class Retro(Style):
    """Warm, round and printed in few inks."""

    display = SLAB
    body = SLAB
    label = SLAB.spaced(0.08)

    def scheme(self, palette: Palette, rng: random.Random) -> Scheme:
        """Cream paper, or the darkest ink of the palette for a night out."""
        cream = mix(palette.soft, "#f8e8c0", 0.45)
        if rng.random() < 0.3:
            night = mix(palette.ink, palette.primary, 0.12)
            return Scheme(
                (night,), cream, palette.secondary, palette.primary, palette.secondary, palette.accent, night, night
            )
        return Scheme(
            (cream,), palette.ink, palette.primary, palette.primary, palette.secondary, palette.accent, cream, cream
        )

    def art(self, sheet: Sheet, box: Box) -> None:
        """A sunburst, stripes over the horizon, or rings round the motif."""
        canvas, scheme, rng = sheet.canvas, sheet.scheme, sheet.rng
        x, y = box.centre
        reach = min(box.width, box.height)
        diagonal = (box.width + box.height) * 0.75
        light = mix(scheme.b, sheet.palette.paper, 0.25)
        choice = rng.randrange(3)
        if choice == 0:
            canvas.rect(box, light)
            canvas.path(beams(x, y, diagonal, 12, rng.random()), mix(scheme.a, light, 0.15))
            canvas.circle(x, y, reach * 0.36, sheet.palette.paper)
            canvas.circle(x, y, reach * 0.33, scheme.c)
            self._stamp(sheet, x, y, reach * 0.44, scheme.c)
        elif choice == 1:
            canvas.rect(box, sheet.palette.paper if not is_dark(scheme.base) else scheme.base)
            for ring, colour in enumerate((scheme.c, scheme.a, scheme.b, light)):
                canvas.circle(x, box.bottom, reach * (0.92 - 0.15 * ring), colour)
            self._stamp(sheet, x, box.bottom - reach * 0.26, reach * 0.4, light)
        else:
            canvas.rect(box, scheme.c)
            canvas.circle(x, y - reach * 0.04, reach * 0.34, light)
            self._stamp(sheet, x, y - reach * 0.08, reach * 0.42, light)
            for band, colour in enumerate((scheme.a, scheme.b, sheet.palette.paper, sheet.palette.ink)):
                height = box.height * 0.07
                top = box.bottom - height * (4 - band)
                swing = height * 1.6
                half = box.width / 2
                d = trace("M", box.x, top, "q", half / 2, -swing, half, " 0t", half, " 0V", box.bottom, "H", box.x, "z")
                canvas.path(d, colour)

    def _stamp(self, sheet: Sheet, x: float, y: float, size: float, ground: str) -> None:
        palette = sheet.palette
        tones = [tone for tone in (palette.primary, palette.secondary, palette.accent) if tone != ground]
        sheet.motif(
            x, y, size, (tones[0], palette.paper if len(tones) < 3 else tones[1], tones[-1], palette.ink, palette.paper)
        )

    def emblem(self, sheet: Sheet, x: float, y: float, size: float) -> None:
        """The motif on a toothed seal."""
        scheme = sheet.scheme
        sheet.canvas.path(burst(x, y, size * 0.62, size * 0.55, 22), scheme.c)
        sheet.canvas.circle(x, y, size * 0.49, sheet.palette.paper)
        sheet.motif(x, y, size * 0.6)

    def letter(
        self, sheet: Sheet, x: float, y: float, line: str, size: float, ink: str, on: Grounds, align: str
    ) -> None:
        """A hard shadow below and to the right, in a colour that leaves the letters readable."""
        if size > sheet.unit * 4:
            drop = size * 0.06
            sheet.canvas.echo(x + drop, y + drop, line, size, self.display, mix(sheet.scheme.c, on[0], 0.45), align)
        sheet.canvas.text(x, y, line, size, self.display, ink, on, align)

    def panel(self, sheet: Sheet, box: Box) -> Grounds:
        """A rounded card with a second line inside."""
        fill = sheet.scheme.card
        radius = sheet.unit * 4
        sheet.canvas.rect(box, fill, radius=radius)
        inner = box.inset(sheet.unit * 1.6)
        sheet.canvas.rect(inner, "none", f'stroke="{sheet.scheme.a}" stroke-width="2"', radius=radius * 0.7)
        return (fill,)

    def frame(self, sheet: Sheet, box: Box) -> None:
        """Two rounded lines."""
        scheme = sheet.scheme
        sheet.canvas.rect(
            box, "none", f'stroke="{scheme.a}" stroke-width="{number(sheet.unit)}"', radius=sheet.unit * 6
        )
        sheet.canvas.rect(
            box.inset(sheet.unit * 2), "none", f'stroke="{scheme.c}" stroke-width="1.5"', radius=sheet.unit * 4.6
        )

    def rule(self, sheet: Sheet, x: float, y: float, width: float, align: str = "start") -> None:
        """Three stripes."""
        left = x if align == "start" else x - width / 2
        for stripe, colour in enumerate(sheet.palette.art):
            top = y + (stripe - 1) * sheet.unit * 1.1
            sheet.canvas.rect(Box(left, top, width, sheet.unit * 0.8), colour)
