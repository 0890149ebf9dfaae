"""What layouts and styles work on: a canvas together with the item, its colours and its words."""

from __future__ import annotations

import random
from dataclasses import dataclass

from seed_data.artwork.canvas import Canvas, Grounds
from seed_data.artwork.motifs import motif_for, motif_markup
from seed_data.artwork.palettes import Palette
from seed_data.artwork.shapes import number
from seed_data.artwork.words import Words


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a style uses a palette on one sheet. `ground` is every colour that the plain background shows."""

    ground: Grounds
    ink: str
    shout: str
    a: str
    b: str
    c: str
    soft: str
    card: str

    @property
    def base(self) -> str:
        """The main background colour."""
        return self.ground[0]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One drawing in the making."""

    canvas: Canvas
    palette: Palette
    scheme: Scheme
    words: Words
    tags: tuple[str, ...]
    seed: int

    @property
    def rng(self) -> random.Random:
        """The only source of chance in a drawing; seeded by the item."""
        return self.canvas.rng

    @property
    def unit(self) -> float:
        """A hundredth of the shorter side: what margins and strokes are measured in."""
        return min(self.canvas.width, self.canvas.height) / 100

    def motif(
        self, x: float, y: float, size: float, paints: tuple[str, str, str, str, str] | None = None, more: str = ""
    ) -> None:
        """The picture of what the item is about, centred on (x, y); `paints` are its three colours, dark and light."""
        scheme = self.scheme
        name = motif_for(self.tags, self.seed)
        markup = motif_markup(name, *(paints or (scheme.a, scheme.b, scheme.c, self.palette.ink, self.palette.paper)))
        place = f"translate({number(x - size / 2)} {number(y - size / 2)}) scale({round(size / 100, 3)})"
        self.canvas.raw(f'<g transform="{place}"{" " + more if more else ""}>{markup}</g>')

    def outline_motif(self, x: float, y: float, size: float, ink: str, fill: str, width: float = 2.0) -> None:
        """The same picture as a line drawing; `width` in viewBox units."""
        name = motif_for(self.tags, self.seed)
        markup = motif_markup(name, fill, fill, fill, fill, fill).replace(f'stroke="{fill}"', f'stroke="{ink}"')
        scale = size / 100
        place = f"translate({number(x - size / 2)} {number(y - size / 2)}) scale({round(scale, 3)})"
        stroke = f'stroke="{ink}" stroke-width="{number(width / scale)}" stroke-linejoin="round"'
        self.canvas.raw(f'<g transform="{place}" {stroke}>{markup}</g>')
