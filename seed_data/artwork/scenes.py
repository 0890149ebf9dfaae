"""Pictures that stand where a designer would put a photograph: hills, the sea, a city, a room."""

from __future__ import annotations

import math

from seed_data.artwork.canvas import Box
from seed_data.artwork.colour import mix
from seed_data.artwork.shapes import number, points, trace
from seed_data.artwork.sheet import Sheet

_OF_TOPIC = {
    "travel": "sea", "yoga": "sea", "outdoors": "hills", "environment": "hills", "garden": "hills", "winter": "hills",
    "technology": "city", "startup": "city", "finance": "city", "realestate": "city", "marketing": "city",
    "music": "city", "fashion": "room", "architecture": "room", "coffee": "room", "beauty": "room", "books": "room",
    "food": "room", "wedding": "hills", "art": "room", "photography": "hills", "sports": "hills", "cinema": "city",
}  # fmt: skip


def draw_scene(sheet: Sheet, box: Box, kind: str | None = None) -> None:
    """Fill `box` with a scene that suits what the item is about. The caller has clipped."""
    if kind is None:
        kind = next(
            (_OF_TOPIC[tag] for tag in sheet.tags if tag in _OF_TOPIC), ("hills", "sea", "city", "room")[sheet.seed % 4]
        )
    _SCENES[kind](sheet, box)


def _sky(sheet: Sheet, box: Box) -> None:
    palette = sheet.palette
    top, low = (
        (palette.secondary, palette.soft)
        if sheet.rng.random() < 0.6
        else (palette.soft, mix(palette.accent, palette.paper, 0.5))
    )
    sheet.canvas.rect(box, sheet.canvas.linear(mix(top, palette.paper, 0.15), low))


def _hills(sheet: Sheet, box: Box) -> None:
    palette, rng, canvas = sheet.palette, sheet.rng, sheet.canvas
    _sky(sheet, box)
    radius = min(box.width, box.height) * rng.uniform(0.1, 0.17)
    canvas.circle(
        box.x + box.width * rng.uniform(0.25, 0.75),
        box.y + box.height * rng.uniform(0.25, 0.4),
        radius,
        mix(palette.paper, palette.accent, 0.25),
    )
    steps = 7
    for layer in range(4):
        shade = mix(mix(palette.primary, palette.soft, 0.62), mix(palette.primary, palette.ink, 0.5), layer / 3)
        top = box.y + box.height * (0.42 + 0.15 * layer)
        swing = box.height * (0.11 if layer < 2 else 0.06)
        ridge = [(box.x + box.width * step / steps, top + rng.uniform(-swing, swing)) for step in range(steps + 1)]
        if layer < 2:
            d = points([*ridge, (box.right, box.bottom), (box.x, box.bottom)])
        else:
            d = trace("M", box.x, top) + "".join(trace("S", x - box.width / steps / 2, y, x, y) for x, y in ridge[1:])
            d += trace("V", box.bottom, "H", box.x, "z")
        canvas.path(d, shade)


def _sea(sheet: Sheet, box: Box) -> None:
    palette, rng, canvas = sheet.palette, sheet.rng, sheet.canvas
    canvas.rect(box, canvas.linear(mix(palette.accent, palette.soft, 0.35), palette.soft))
    x = box.x + box.width * rng.uniform(0.35, 0.65)
    horizon = box.y + box.height * 0.56
    radius = min(box.width, box.height) * 0.2
    canvas.circle(x, horizon, radius, mix(palette.paper, palette.secondary, 0.25))
    sea = Box(box.x, horizon, box.width, box.bottom - horizon)
    canvas.rect(sea, canvas.linear(mix(palette.primary, palette.soft, 0.3), mix(palette.primary, palette.ink, 0.55)))
    for glint in range(7):
        half = radius * (1 - glint / 8) * rng.uniform(0.6, 1)
        y = horizon + sea.height * (0.06 + 0.12 * glint)
        canvas.line(
            trace("M", x - half, y, "h", 2 * half),
            mix(palette.paper, palette.primary, 0.2 + 0.05 * glint),
            max(1, box.height / 90),
            'stroke-linecap="round"',
        )
    canvas.path(
        trace("M", box.x, horizon, "l", box.width * 0.16, -box.height * 0.14, box.width * 0.2, box.height * 0.14, "z"),
        mix(palette.primary, palette.ink, 0.35),
    )


def _city(sheet: Sheet, box: Box) -> None:
    palette, rng, canvas = sheet.palette, sheet.rng, sheet.canvas
    canvas.rect(box, canvas.linear(mix(palette.secondary, palette.paper, 0.2), palette.soft))
    for layer in range(3):
        shade = mix(mix(palette.primary, palette.soft, 0.6), mix(palette.primary, palette.ink, 0.55), layer / 2)
        d, x = "", box.x
        while x < box.right:
            width = box.width * rng.uniform(0.07, 0.14)
            top = box.y + box.height * (rng.uniform(0.18, 0.5) + 0.16 * layer)
            roof = rng.random()
            d += trace("M", x, box.bottom, "V", top)
            d += trace("l", width / 2, -width / 2, width / 2, width / 2) if roof < 0.25 else f"h{number(width)}"
            d += f"V{number(box.bottom)}z"
            x += width * 0.98
        canvas.path(d, shade)
    light = mix(palette.accent, palette.paper, 0.35)
    side = max(1.5, box.width / 110)
    lights = "".join(
        trace(
            "M",
            box.x + box.width * rng.random(),
            box.y + box.height * rng.uniform(0.66, 0.97),
            "h",
            side,
            "v",
            side * 1.5,
            "h",
            -side,
            "z",
        )
        for _ in range(26)
    )
    canvas.path(lights, light)


def _room(sheet: Sheet, box: Box) -> None:
    """A table by a window: the motif stands on it in the light."""
    palette, rng, canvas = sheet.palette, sheet.rng, sheet.canvas
    wall = mix(palette.soft, palette.secondary, 0.3)
    canvas.rect(box, canvas.linear(wall, mix(wall, palette.paper, 0.4), angle='x2="1" y2="1"'))
    slant = box.width * 0.24
    left = box.x + box.width * rng.uniform(0.1, 0.35)
    for pane in range(2):
        x = left + pane * box.width * 0.2
        pairs = [(x, box.y + box.height * 0.08), (x + box.width * 0.17, box.y + box.height * 0.08)]
        pairs += [(x + box.width * 0.17 + slant, box.bottom), (x + slant, box.bottom)]
        canvas.path(points(pairs), palette.paper, 'opacity=".55"')
    table = box.y + box.height * 0.74
    canvas.rect(Box(box.x, table, box.width, box.bottom - table), mix(palette.primary, palette.ink, 0.25))
    canvas.rect(Box(box.x, table, box.width, box.height * 0.025), mix(palette.primary, palette.paper, 0.2))
    size = min(box.width, box.height) * 0.5
    x, _ = box.centre
    shadow = mix(palette.primary, palette.ink, 0.6)
    canvas.raw(
        f'<ellipse cx="{number(x + size * 0.1)}" cy="{number(table + size * 0.07)}" rx="{number(size * 0.5)}"'
        f' ry="{number(size * 0.06)}" fill="{shadow}" opacity=".5"/>'
    )
    sheet.motif(
        x, table - size * 0.42, size, (palette.primary, palette.accent, palette.secondary, palette.ink, palette.paper)
    )


def shine(sheet: Sheet, box: Box, turn: float = math.pi / 4) -> None:
    """A soft diagonal light over a scene, as on glossy paper."""
    x = box.x + box.width * (0.5 + 0.3 * math.cos(turn))
    pairs = [
        (x, box.y),
        (x + box.width * 0.2, box.y),
        (x - box.width * 0.2, box.bottom),
        (x - box.width * 0.45, box.bottom),
    ]
    sheet.canvas.path(points(pairs), "#ffffff", 'opacity=".12"')


_SCENES = {"hills": _hills, "sea": _sea, "city": _city, "room": _room}
