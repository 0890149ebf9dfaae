"""Pictures for films with a horizon: adventure, westerns, war and fantasy."""

from __future__ import annotations

from seed_data.artwork.canvas import Box, Canvas
from seed_data.artwork.colour import mix
from seed_data.artwork.film.figures import person
from seed_data.artwork.film.pictures.backdrops import stars
from seed_data.artwork.film.tones import Tones
from seed_data.artwork.shapes import points, squiggle, trace, wave


def adventure(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """Mountains, a path that winds up to them, a wanderer."""
    canvas.circle(box.x + box.width * (0.3 + 0.1 * (seed % 5)), box.y + 150, 52, tones.light)
    rng = canvas.rng
    for layer in range(3):
        base = box.y + box.height * (0.42 + 0.13 * layer)
        ridge = [(box.x + box.width * step / 5, base - rng.uniform(0, 110 - 26 * layer)) for step in range(6)]
        canvas.path(
            points([*ridge, (box.right, box.bottom), (box.x, box.bottom)]),
            mix(mix(tones.sky, tones.main, 0.45), tones.shade, 0.25 + 0.3 * layer),
        )
    x = box.centre[0]
    canvas.path(
        trace(
            "M",
            x - 60,
            box.bottom,
            "C",
            x - 20,
            " 480 ",
            x + 90,
            " 440 ",
            x + 20,
            " 390C",
            x + 60,
            " 440 ",
            x + 40,
            " 500 ",
            x + 60,
            box.bottom,
            "z",
        ),
        mix(tones.light, tones.main, 0.35),
    )
    person(canvas, x + 22, box.y + box.height * 0.68, 92, tones.shade, "staff")


def western(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """The sun behind a mesa, a cactus, a rider or a gunman."""
    x = box.centre[0]
    canvas.circle(x, box.y + 240, 140, tones.light)
    canvas.circle(x, box.y + 240, 112, mix(tones.light, tones.main, 0.35))
    mesa = mix(tones.main, tones.shade, 0.35)
    canvas.path(
        points(
            [
                (box.x, box.y + 380),
                (box.x, box.y + 260),
                (box.x + 66, box.y + 254),
                (box.x + 92, box.y + 330),
                (box.x + 150, box.y + 380),
            ]
        ),
        mesa,
    )
    canvas.path(
        points(
            [
                (box.right, box.y + 380),
                (box.right, box.y + 220),
                (box.right - 84, box.y + 224),
                (box.right - 104, box.y + 318),
                (box.right - 150, box.y + 380),
            ]
        ),
        mesa,
    )
    canvas.rect(Box(box.x, box.y + 376, box.width, 260), mix(tones.low, tones.shade, 0.3))
    cx = box.x + 76 if seed % 2 else box.right - 84
    canvas.line(
        trace("M", cx, box.y + 420, "v-120M", cx, box.y + 376, "h-24v-36M", cx, box.y + 356, "h24v-34"),
        tones.shade,
        15,
        'stroke-linecap="round" stroke-linejoin="round"',
    )
    person(canvas, x, box.y + 440, 240, tones.shade, "gunman")


def war(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """A low sun, searchlights or planes, soldiers on a ridge, wire."""
    x = box.centre[0]
    canvas.circle(x, box.y + 250, 118, mix(tones.light, tones.main, 0.3))
    if seed % 2:
        for plane in range(3):
            px, py = box.x + 110 + plane * 76, box.y + 70 + 26 * abs(plane - 1)
            canvas.path(
                trace("M", px, py, "l-26 9v6l26 -4v16l-9 6v4l11 -3 11 3v-4l-9 -6v-16l26 4v-6l-26 -9 -1 -14h-2z"),
                tones.shade,
            )
    else:
        for beam in (-1, 0, 1):
            canvas.path(
                points([(x + beam * 60, box.y + 420), (x + beam * 230 - 22, box.y), (x + beam * 230 + 22, box.y)]),
                tones.light,
                'opacity=".22"',
            )
    canvas.path(
        trace(
            "M",
            box.x,
            box.bottom,
            "V",
            box.y + 412,
            "Q",
            x - 70,
            box.y + 372,
            x,
            box.y + 398,
            "T",
            box.right,
            box.y + 386,
            "V",
            box.bottom,
            "z",
        ),
        tones.shade,
    )
    for place in range(5):
        person(canvas, x - 124 + 62 * place, box.y + 408 - 10 * (place % 2), 92, tones.shade, "rifle")
    canvas.line(squiggle(box.x, box.y + 428, box.width, 16, 12), mix(tones.main, tones.light, 0.3), 1.4)


def fantasy(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """A castle on a rock under a great moon, and a winged thing or a star."""
    x = box.centre[0]
    canvas.circle(x, box.y + 190, 134, mix(tones.light, tones.sky, 0.25))
    stars(canvas, box, tones.light, 46)
    rock = [
        (x - 150, box.bottom),
        (x - 96, box.y + 352),
        (x - 58, box.y + 330),
        (x + 60, box.y + 326),
        (x + 110, box.y + 362),
        (x + 170, box.bottom),
    ]
    canvas.path(points(rock), tones.shade)
    for dx, top, width in ((-56, 214, 26), (-22, 160, 34), (22, 196, 28), (50, 246, 22)):
        left = x + dx - width / 2
        canvas.rect(Box(left, box.y + top, width, 340 - top), tones.shade)
        canvas.path(
            points([(left - 5, box.y + top), (x + dx, box.y + top - width * 1.7), (left + width + 5, box.y + top)]),
            mix(tones.main, tones.shade, 0.35),
        )
        canvas.rect(Box(x + dx - 3, box.y + top + 20, 6, 12), tones.light)
    if seed % 2:
        canvas.path(
            trace(
                "M",
                x + 90,
                box.y + 110,
                (
                    "q-30 -44 -70 -30 26 8 34 34 -24 -6 -40 10 34 2 46 22l16 4 14 -4q12 -22 46 -24 -16 -16 -40"
                    " -8 8 -26 34 -34 -40 -14 -40 30z"
                ),
            ),
            tones.shade,
        )
    canvas.path(wave(box.x, box.y + 424, box.width, 30, 3, 300), mix(tones.low, tones.main, 0.25), 'opacity=".8"')
