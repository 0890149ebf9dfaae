"""Skies, towns and trees that several film pictures share."""

from __future__ import annotations

import math

from seed_data.artwork.canvas import Box, Canvas
from seed_data.artwork.shapes import points, trace


def stars(canvas: Canvas, box: Box, colour: str, count: int, low: float = 0.6) -> None:
    rng = canvas.rng
    d = "".join(
        trace("M", rng.uniform(box.x, box.right), rng.uniform(box.y, box.y + box.height * low), "h.1")
        for _ in range(count)
    )
    canvas.line(d, colour, 1.8, 'stroke-linecap="round"')


def skyline(canvas: Canvas, box: Box, base: float, colour: str, window: str, tallest: float) -> None:
    rng = canvas.rng
    d, lights, x = "", "", box.x
    while x < box.right:
        width = rng.uniform(24, 52)
        top = base - rng.uniform(0.35, 1.0) * tallest
        d += trace("M", x, box.bottom, "V", top, "h", width, "V", box.bottom, "z")
        for _ in range(3):
            lights += trace("M", x + rng.uniform(4, width - 8), rng.uniform(top + 8, base), "h4v6h-4z")
        x += width
    canvas.path(d, colour)
    canvas.path(lights, window)


def profile(x: float, y: float, scale: float, side: int) -> str:
    """A head and shoulders seen from the side; `side` 1 looks right."""
    outline = (
        (0, 300), (0, 206), (-18, 190), (-10, 172), (4, 166), (0, 156), (6, 150), (2, 140), (12, 128), (4, 96), (8, 78),
        (-8, 44), (-50, 30), (-92, 52), (-104, 98), (-92, 140), (-78, 176), (-100, 200), (-150, 220), (-166, 300),
    )  # fmt: skip
    pairs = [(x - side * 42 + side * dx * scale * 0.8, y + dy * scale * 0.8) for dx, dy in outline]
    return points(pairs)


def bare_tree(canvas: Canvas, x: float, y: float, length: float, angle: float, colour: str, depth: int) -> None:
    strokes: list[str] = []

    def grow(x: float, y: float, length: float, angle: float, depth: int) -> None:
        ex, ey = x + length * 0.5 * math.cos(angle), y + length * 0.5 * math.sin(angle)
        strokes.append(trace("M", x, y, "L", ex, ey))
        if depth:
            for turn in (-0.5, 0.42):
                grow(ex, ey, length * 0.72, angle + turn + canvas.rng.uniform(-0.15, 0.15), depth - 1)

    grow(x, y, length, angle, depth)
    canvas.line("".join(strokes), colour, 4, 'stroke-linecap="round"')
