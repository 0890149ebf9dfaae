"""Pictures for films that happen at night: crime, noir, mystery, thrillers and horror."""

from __future__ import annotations

import math

from seed_data.artwork.canvas import Box, Canvas
from seed_data.artwork.colour import mix
from seed_data.artwork.film.figures import person
from seed_data.artwork.film.pictures.backdrops import bare_tree, skyline
from seed_data.artwork.film.tones import Tones
from seed_data.artwork.shapes import points, trace, wave


def crime(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """A figure in the crossed beams of two lamps, or a target over the city."""
    x = box.centre[0]
    if seed % 2:
        canvas.path(
            points([(box.x, box.y), (box.x + 60, box.y), (x + 110, box.bottom), (x - 40, box.bottom)]),
            tones.light,
            'opacity=".2"',
        )
        canvas.path(
            points([(box.right, box.y), (box.right - 60, box.y), (x - 110, box.bottom), (x + 40, box.bottom)]),
            tones.light,
            'opacity=".2"',
        )
        skyline(canvas, box, box.y + 400, mix(tones.shade, tones.sky, 0.3), tones.main, 190)
    else:
        canvas.circle(x, box.y + 215, 150, tones.main)
        for ring in (118, 80):
            canvas.circle(x, box.y + 215, ring, "none", f'stroke="{tones.light}" stroke-width="3" opacity=".8"')
        canvas.line(
            trace("M", x - 180, box.y + 215, "h360M", x, box.y + 40, "v350"),
            tones.light,
            2,
            'opacity=".8"',
        )
    person(canvas, x, box.y + 446, 270, tones.shade, "hat")


def noir(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """The light of blinds on a wall, a hat, smoke."""
    slant = 40
    for slat in range(9):
        y = box.y + 40 + slat * 40
        canvas.path(
            points([(box.x, y + slant), (box.right, y - slant), (box.right, y - slant + 18), (box.x, y + slant + 18)]),
            tones.light,
            f'opacity="{round(0.5 - 0.035 * slat, 2)}"',
        )
    x = box.centre[0] + (26 if seed % 2 else -26)
    person(canvas, x, box.y + 470, 350, tones.shade, "hat")
    canvas.line(
        trace("M", x + 66, box.y + 250, "c30 -40 -22 -60 8 -104s-18 -58 4 -98"),
        tones.light,
        5,
        'stroke-linecap="round" opacity=".55"',
    )


def mystery(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """A keyhole with someone in its light, or a lamp in the fog."""
    x = box.centre[0]
    canvas.rect(box, tones.shade, 'opacity=".55"')
    if seed % 2:
        canvas.circle(x, box.y + 170, 84, tones.light)
        canvas.path(
            points([(x - 44, box.y + 220), (x + 44, box.y + 220), (x + 88, box.y + 440), (x - 88, box.y + 440)]),
            tones.light,
        )
        person(canvas, x, box.y + 436, 220, tones.shade, "hat")
    else:
        canvas.circle(x - 60, box.y + 130, 120, canvas.radial(tones.light, f"{tones.light}/0"))
        canvas.circle(x - 60, box.y + 130, 20, tones.light)
        canvas.line(trace("M", x - 60, box.y + 108, "v-26M", x - 60, box.y + 150, "v300"), tones.shade, 8)
        person(canvas, x + 60, box.y + 442, 236, tones.shade, "coat")
        for bank in range(3):
            canvas.path(
                wave(box.x - 30, box.y + 330 + 46 * bank, box.width + 60, 34, 2, 300),
                mix(tones.sky, tones.light, 0.35),
                'opacity=".22"',
            )


def thriller(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """Slanted cuts with an eye in one of them, a spiral, or a corridor."""
    x = box.centre[0]
    kind = seed % 3
    if kind == 0:
        for cut in range(5):
            y = box.y + 40 + cut * 84
            tone = mix(tones.sky, tones.shade, 0.2 + 0.15 * cut)
            canvas.path(
                points([(box.x, y + 40), (box.right, y - 20), (box.right, y + 40), (box.x, y + 104)]),
                tones.main if cut == 2 else tone,
            )
        canvas.path(trace("M", x - 92, box.y + 240, "q92 -82 184 -14 -92 76 -184 14z"), tones.light)
        canvas.circle(x, box.y + 228, 34, tones.shade)
        canvas.circle(x - 9, box.y + 219, 8, "#ffffff")
    elif kind == 1:
        pairs = [
            (
                x + (4 + 0.39 * step) * math.cos(step * 0.26),
                box.y + 228 + (4 + 0.39 * step * 1.1) * math.sin(step * 0.26),
            )
            for step in range(0, 420, 2)
        ][:150]
        canvas.line(points(pairs, close=False), tones.main, 9, 'stroke-linecap="round"')
        person(canvas, x, box.y + 300, 118, tones.shade, "fall")
    else:
        for door in range(6):
            inset = 24 + door * 26
            frame = Box(box.x + inset, box.y + inset * 0.8, box.width - 2 * inset, 450 - inset * 1.5)
            canvas.rect(frame, mix(tones.sky, tones.shade, 0.85 - 0.16 * door) if door < 5 else tones.light)
        person(canvas, x, box.y + 300, 128, tones.shade, "coat")


def horror(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """A house on a hill, bare trees, eyes in the dark, or a door left open."""
    x = box.centre[0]
    kind = seed % 3
    if kind == 0:
        canvas.circle(x + 50, box.y + 160, 96, mix(tones.light, tones.main, 0.25))
        canvas.path(
            trace(
                "M",
                box.x,
                box.bottom,
                "V",
                box.y + 400,
                "Q",
                x,
                box.y + 300,
                box.right,
                box.y + 420,
                "V",
                box.bottom,
                "z",
            ),
            tones.shade,
        )
        canvas.path(
            points(
                [
                    (x - 70, box.y + 360),
                    (x - 70, box.y + 236),
                    (x - 84, box.y + 236),
                    (x - 40, box.y + 176),
                    (x, box.y + 232),
                    (x, box.y + 200),
                    (x - 8, box.y + 200),
                    (x + 18, box.y + 140),
                    (x + 46, box.y + 200),
                    (x + 38, box.y + 200),
                    (x + 38, box.y + 360),
                ]
            ),
            tones.shade,
        )
        for dx, dy in ((-46, 268), (14, 216), (14, 272), (-46, 310)):
            canvas.rect(Box(x + dx, box.y + dy, 11, 19), tones.main)
        for side in (-1, 1):
            bare_tree(canvas, x + side * 150, box.y + 430, 190, -math.pi / 2 - side * 0.12, tones.shade, 4)
    elif kind == 1:
        for pair in range(7):
            px, py = canvas.rng.uniform(box.x + 50, box.right - 50), box.y + 60 + pair * 52
            size = 7 + pair * 2.2
            for side in (-1, 1):
                canvas.path(
                    trace(
                        "M",
                        px + side * size * 0.5,
                        py,
                        "q",
                        side * size,
                        -size,
                        side * size * 2,
                        " 0q",
                        -side * size,
                        size,
                        -side * size * 2,
                        " 0z",
                    ),
                    tones.main if pair % 3 else tones.light,
                )
    else:
        canvas.rect(box, tones.shade, 'opacity=".75"')
        door = [(x - 52, box.y + 150), (x + 52, box.y + 120), (x + 52, box.y + 426), (x - 52, box.y + 404)]
        canvas.path(points(door), tones.main)
        canvas.path(
            points([(x - 52, box.y + 404), (x + 52, box.y + 426), (x + 150, box.bottom), (x - 150, box.bottom)]),
            tones.main,
            'opacity=".35"',
        )
        person(canvas, x, box.y + 414, 218, tones.shade, "dress" if seed % 2 else "stand")
