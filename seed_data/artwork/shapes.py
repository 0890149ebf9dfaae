"""Path data for the shapes that styles are made of."""

from __future__ import annotations

import math
import random


def number(value: float) -> str:
    """A coordinate in as few characters as a tenth of a unit needs."""
    rounded = round(value, 1)
    whole = int(rounded)
    if whole == rounded:
        return str(whole)
    return str(rounded).replace("0.", ".") if -1 < rounded < 1 else str(rounded)


def trace(*steps: float | str) -> str:
    """Path data from commands and coordinates: ``trace("M", 1, 2, "h", 3.04, "z")`` is ``M1 2h3z``."""
    parts: list[str] = []
    apart = False
    for step in steps:
        if isinstance(step, str):
            parts.append(step)
            apart = False
            continue
        written = number(step)
        parts.append(f" {written}" if apart and written[0] != "-" else written)
        apart = True
    return "".join(parts)


def points(pairs: list[tuple[float, float]], close: bool = True) -> str:
    """A polygon through `pairs`."""
    return "M" + " ".join(trace(x, y) for x, y in pairs) + ("z" if close else "")


def blob(x: float, y: float, radius: float, rng: random.Random, lobes: int = 6, wobble: float = 0.28) -> str:
    """A soft closed shape around a centre: smooth curves through points at uneven distances."""
    ring = []
    for lobe in range(lobes):
        angle = 2 * math.pi * (lobe + rng.uniform(-0.18, 0.18)) / lobes
        reach = radius * (1 + rng.uniform(-wobble, wobble))
        ring.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return smooth(ring)


def smooth(ring: list[tuple[float, float]]) -> str:
    """A closed curve that touches the middles between the points of `ring`, which pull it outward."""
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(ring, ring[1:] + ring[:1], strict=True)]
    parts = [trace("M", middles[-1][0], middles[-1][1])]
    parts += [trace("Q", pull[0], pull[1], end[0], end[1]) for pull, end in zip(ring, middles, strict=True)]
    return "".join(parts) + "z"


def burst(x: float, y: float, outer: float, inner: float, rays: int, turn: float = 0.0) -> str:
    """A star with `rays` points."""
    pairs = []
    for ray in range(2 * rays):
        angle = math.pi * ray / rays + turn
        reach = outer if ray % 2 == 0 else inner
        pairs.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return points(pairs)


def beams(x: float, y: float, radius: float, count: int, turn: float = 0.0) -> str:
    """`count` wedges of light from a centre, as wide as the gaps between them."""
    step = math.pi / count
    parts = []
    for beam in range(count):
        first = 2 * step * beam + turn
        a = (x + radius * math.cos(first), y + radius * math.sin(first))
        b = (x + radius * math.cos(first + step), y + radius * math.sin(first + step))
        parts.append(trace("M", x, y, "L", a[0], a[1], b[0], b[1], "z"))
    return "".join(parts)


def wave(x: float, y: float, width: float, height: float, swings: int, depth: float) -> str:
    """A field below a wavy line: its crest starts at (x, y), the field reaches `depth` below."""
    half = width / swings / 2
    crest = "".join(trace("q", half / 2, -height, half, " 0q", half / 2, height, half, " 0") for _ in range(swings))
    return trace("M", x, y, crest, "v", depth, "h", -width, "z")


def squiggle(x: float, y: float, width: float, height: float, swings: int) -> str:
    """An open wavy line."""
    half = width / swings / 2
    return trace("M", x, y) + "".join(trace("q", half / 2, -height, half, " 0t", half, " 0") for _ in range(swings))


def leaf(x: float, y: float, length: float, angle: float, fullness: float = 0.32) -> str:
    """A pointed leaf from its stem at (x, y) in the direction `angle` (radians)."""
    cos, sin = math.cos(angle), math.sin(angle)

    def step(along: float, across: float) -> str:
        return trace(length * (along * cos - across * sin), length * (along * sin + across * cos))

    return f"M{number(x)} {number(y)}q{step(0.4, fullness)} {step(1, 0)}q{step(-0.6, -fullness)} {step(-1, 0)}z"


def sprig(x: float, y: float, length: float, angle: float, pairs: int, fullness: float = 0.32) -> tuple[str, str]:
    """A branch with `pairs` of leaves and one at the tip: path data of its stem and of its leaves."""
    leaves = []
    tip = (x + length * math.cos(angle), y + length * math.sin(angle))
    for pair in range(pairs):
        share = 0.22 + 0.7 * pair / pairs
        at = (x + length * share * math.cos(angle), y + length * share * math.sin(angle))
        size = length * (0.36 - 0.14 * pair / pairs)
        leaves += [leaf(*at, size, angle - 0.75, fullness), leaf(*at, size, angle + 0.75, fullness)]
    leaves.append(
        leaf(
            tip[0] - 0.04 * length * math.cos(angle),
            tip[1] - 0.04 * length * math.sin(angle),
            length * 0.24,
            angle,
            fullness,
        )
    )
    return trace("M", x, y, "L", tip[0], tip[1]), "".join(leaves)


def wobbly(x: float, y: float, width: float, height: float, rng: random.Random, wobble: float = 3.0) -> str:
    """A rectangle as drawn by hand: its corners miss a little and its sides bow."""

    def off() -> float:
        return rng.uniform(-wobble, wobble)

    return trace(
        "M",
        x + off(),
        y + off(),
        "q",
        width / 2,
        off(),
        width + off(),
        off(),
        "q",
        off(),
        height / 2,
        off(),
        height + off(),
        "q",
        -width / 2,
        off(),
        -width + off(),
        off(),
        "q",
        off(),
        -height / 2,
        off(),
        -height - 4,
    )


def arch(x: float, y: float, width: float, height: float) -> str:
    """A window with a round top."""
    radius = width / 2
    return trace(
        "M", x, y + height, "v", radius - height, "a", radius, radius, " 0 0 1 ", width, " 0v", height - radius, "z"
    )


def sector(x: float, y: float, radius: float, start: float, end: float, inner: float = 0.0) -> str:
    """A slice of a pie or, with `inner`, of a ring; angles in turns from the top, clockwise."""

    def at(reach: float, turns: float) -> str:
        angle = 2 * math.pi * turns - math.pi / 2
        return trace(x + reach * math.cos(angle), y + reach * math.sin(angle))

    large = 1 if end - start > 0.5 else 0
    r, i = number(radius), number(inner)
    back = f"L{at(inner, end)}A{i} {i} 0 {large} 0 {at(inner, start)}z" if inner else trace("L", x, y, "z")
    return f"M{at(radius, start)}A{r} {r} 0 {large} 1 {at(radius, end)}{back}"
