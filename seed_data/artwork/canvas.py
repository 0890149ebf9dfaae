"""A sheet of SVG under construction: shapes, lettering, definitions, and a record of what lettering lies on what."""

from __future__ import annotations

import random
from dataclasses import dataclass

from seed_data.artwork.colour import pick
from seed_data.artwork.lettering import Face, measure
from seed_data.artwork.shapes import number

Grounds = tuple[str, ...]
"""Every colour that may lie beneath a piece of lettering."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in viewBox units."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the box."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    def inset(self, dx: float, dy: float | None = None) -> Box:
        """The box made smaller by `dx` at the sides and `dy` (or `dx`) above and below."""
        dy = dx if dy is None else dy
        return Box(self.x + dx, self.y + dy, self.width - 2 * dx, self.height - 2 * dy)


class Canvas:
    """Collects the elements of one SVG. Not shared: one drawing makes one canvas."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self.width = width
        self.height = height
        self.rng = random.Random(seed)
        self.lettering: list[tuple[str, Grounds]] = []
        self._parts: list[str] = []
        self._defs: list[str] = []

    @property
    def box(self) -> Box:
        """The whole sheet."""
        return Box(0, 0, self.width, self.height)

    def raw(self, markup: str) -> None:
        """Add finished SVG markup."""
        self._parts.append(markup)

    def define(self, markup: str) -> str:
        """Keep `markup`, which has ``{id}`` for its id, under ``<defs>``; the id is returned."""
        name = f"d{len(self._defs)}"
        self._defs.append(markup.replace("{id}", name))
        return name

    def rect(self, box: Box, fill: str, more: str = "", radius: float = 0) -> None:
        """A rectangle; `more` holds further attributes."""
        rounding = f' rx="{number(radius)}"' if radius else ""
        self.raw(
            f'<rect x="{number(box.x)}" y="{number(box.y)}" width="{number(box.width)}" height="{number(box.height)}"'
            f'{rounding} fill="{fill}"{_more(more)}/>'
        )

    def circle(self, x: float, y: float, radius: float, fill: str, more: str = "") -> None:
        """A disc."""
        self.raw(f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}"{_more(more)}/>')

    def ellipse(self, x: float, y: float, across: float, down: float, fill: str, more: str = "") -> None:
        """An ellipse of half-axes `across` and `down`."""
        self.raw(
            f'<ellipse cx="{number(x)}" cy="{number(y)}" rx="{number(across)}" ry="{number(down)}" '
            f'fill="{fill}"{_more(more)}/>'
        )

    def path(self, d: str, fill: str = "none", more: str = "") -> None:
        """A path."""
        self.raw(f'<path d="{d}" fill="{fill}"{_more(more)}/>')

    def line(self, d: str, stroke: str, width: float = 1, more: str = "") -> None:
        """A stroked path without filling."""
        self.raw(f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{number(width)}"{_more(more)}/>')

    def clip(self, box: Box, radius: float = 0) -> None:
        """Open a group that shows nothing outside `box`; end it with `close`."""
        name = self.define(
            f'<clipPath id="{{id}}"><rect x="{number(box.x)}" y="{number(box.y)}" width="{number(box.width)}" '
            f'height="{number(box.height)}" rx="{number(radius)}"/></clipPath>'
        )
        self.raw(f'<g clip-path="url(#{name})">')

    def clip_path(self, d: str) -> None:
        """Open a group that shows nothing outside the path `d`; end it with `close`."""
        name = self.define(f'<clipPath id="{{id}}"><path d="{d}"/></clipPath>')
        self.raw(f'<g clip-path="url(#{name})">')

    def group(self, attributes: str) -> None:
        """Open a group; end it with `close`."""
        self.raw(f"<g {attributes}>")

    def close(self) -> None:
        """End the innermost group."""
        self.raw("</g>")

    def linear(self, *stops: str, angle: str = 'x2="0" y2="1"') -> str:
        """A linear gradient through `stops`, as a paint: from top to bottom unless `angle` says otherwise."""
        return self._gradient("linearGradient", angle, stops)

    def radial(self, *stops: str, more: str = "") -> str:
        """A radial gradient through `stops`, as a paint. A stop may end in an opacity: ``#ff0000/0``."""
        return self._gradient("radialGradient", more, stops)

    def _gradient(self, kind: str, more: str, stops: tuple[str, ...]) -> str:
        last = max(1, len(stops) - 1)
        marks = []
        for place, stop in enumerate(stops):
            colour, _, opacity = stop.partition("/")
            fade = f' stop-opacity="{opacity}"' if opacity else ""
            marks.append(f'<stop offset="{number(100 * place / last)}%" stop-color="{colour}"{fade}/>')
        name = self.define(f'<{kind} id="{{id}}"{_more(more)}>' + "".join(marks) + f"</{kind}>")
        return f"url(#{name})"

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        face: Face,
        ink: str,
        on: Grounds,
        anchor: str = "start",
        more: str = "",
        room: float = 0,
    ) -> str:
        """One line of lettering with its baseline at `y`, over the colours `on`; returns the ink used.

        The ink is moved towards black or white until it reads over all of `on`. Where the line is longer than `room`
        (when given) it is set smaller. Its length is fixed, so that other fonts than those measured cannot overflow.
        """
        length = measure(words, face, size)
        if room and length > room:
            size *= room / length
        colour = pick(on, ink)
        self.lettering.append((colour, on))
        self.echo(x, y, words, size, face, colour, anchor, more)
        return colour

    def echo(
        self, x: float, y: float, words: str, size: float, face: Face, ink: str, anchor: str = "start", more: str = ""
    ) -> None:
        """One line of lettering as it is, such as a shadow that nobody has to read."""
        shown = words.upper() if face.capitals else words
        length = measure(shown, face, size)
        align = "" if anchor == "start" else f' text-anchor="{anchor}"'
        spacing = f' letter-spacing="{number(face.tracking * size)}"' if face.tracking else ""
        fixed = (
            f' textLength="{number(length)}" lengthAdjust="spacingAndGlyphs"' if size >= 15 and len(shown) > 2 else ""
        )
        self.raw(
            f'<text x="{number(x)}" y="{number(y)}" class="{self._class(face)}" font-size="{number(size)}" fill="{ink}"'
            f"{align}{spacing}{fixed}{_more(more)}>{escape(shown)}</text>"
        )

    def rows(self, lines: list[tuple[float, float, str, str]], size: float, face: Face, ink: str, on: Grounds) -> str:
        """Many short lines of one size and ink, as (x, y, words, anchor); returns the ink used."""
        colour = pick(on, ink)
        self.lettering.append((colour, on))
        self.raw(f'<g class="{self._class(face)}" font-size="{number(size)}" fill="{colour}">')
        for x, y, words, anchor in lines:
            align = "" if anchor == "start" else f' text-anchor="{anchor}"'
            self.raw(f'<text x="{number(x)}" y="{number(y)}"{align}>{escape(words)}</text>')
        self.close()
        return colour

    def _class(self, face: Face) -> str:
        rule = f".{face.name}{{{face.css}}}"
        if rule not in self._defs:
            self._defs.append(rule)
        return face.name

    def svg(self) -> str:
        """The finished document."""
        rules = "".join(entry for entry in self._defs if entry.startswith("."))
        marks = "".join(entry for entry in self._defs if not entry.startswith("."))
        sheet = f"<style>{rules}</style>" if rules else ""
        parts = "".join(self._parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" width="{self.width}" '
            f'height="{self.height}">{sheet}<defs>{marks}</defs>{parts}</svg>'
        )


def _more(attributes: str) -> str:
    return f" {attributes}" if attributes else ""


def escape(words: str) -> str:
    """`words` made safe for XML text."""
    kept = "".join(letter for letter in words if letter >= " ")
    return kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
