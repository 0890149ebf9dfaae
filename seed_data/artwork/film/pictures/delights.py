"""Pictures for films that please: animation, comedy, children's films, musicals; and documentaries."""

from __future__ import annotations

import math

from seed_data.artwork.canvas import Box, Canvas
from seed_data.artwork.colour import mix
from seed_data.artwork.film.figures import person
from seed_data.artwork.film.tones import Tones
from seed_data.artwork.shapes import beams, blob, burst, number, points, trace, wave


def animation(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """A round creature with big eyes, hills and clouds."""
    rng = canvas.rng
    for _ in range(4):
        x, y = rng.uniform(box.x, box.right), rng.uniform(box.y + 30, box.y + 200)
        for puff in range(3):
            canvas.circle(x + (puff - 1) * 26, y - (puff == 1) * 12, 24, mix(tones.light, tones.sky, 0.25))
    canvas.path(wave(box.x, box.y + 400, box.width, 60, 2, 300), mix(tones.main, tones.low, 0.5))
    x, y = box.centre[0], box.y + 300
    body = tones.main
    for side in (-1, 1):
        if seed % 3 == 0:
            canvas.path(points([(x + side * 40, y - 80), (x + side * 92, y - 140), (x + side * 92, y - 50)]), body)
        elif seed % 3 == 1:
            canvas.circle(x + side * 78, y - 82, 34, body)
            canvas.circle(x + side * 78, y - 82, 18, tones.light)
        else:
            canvas.line(
                trace("M", x + side * 30, y - 90, "q", side * 10, " -50 ", side * 40, " -60"),
                tones.shade,
                7,
                'stroke-linecap="round"',
            )
            canvas.circle(x + side * 72, y - 152, 12, tones.light)
    canvas.path(blob(x, y + 6, 118, rng, 8, 0.05), body)
    canvas.ellipse(x, y + 58, 66, 52, mix(body, tones.light, 0.55))
    for side in (-1, 1):
        canvas.circle(x + side * 38, y - 30, 30, "#ffffff")
        canvas.circle(x + side * 34, y - 26, 15, tones.shade)
        canvas.circle(x + side * 29, y - 33, 5, "#ffffff")
    canvas.path(trace("M", x - 30, y + 22, "q30 34 60 0z"), tones.shade)


def childrens(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """Balloons or a kite over a small house on a hill."""
    rng = canvas.rng
    canvas.circle(box.x + 70, box.y + 86, 44, tones.light)
    for band, colour in enumerate((tones.main, tones.light, mix(tones.main, tones.sky, 0.5))):
        canvas.circle(
            box.centre[0], box.y + 430, 250 - 24 * band, "none", f'stroke="{colour}" stroke-width="20" opacity=".75"'
        )
    canvas.path(wave(box.x, box.y + 420, box.width, 80, 1, 300), mix(tones.low, tones.sky, 0.35))
    canvas.path(wave(box.x - 60, box.y + 452, box.width + 120, 60, 2, 300), tones.low)
    hx, hy = box.x + 270, box.y + 330
    canvas.rect(Box(hx, hy, 62, 56), tones.light)
    canvas.path(points([(hx - 12, hy), (hx + 31, hy - 42), (hx + 74, hy)]), tones.main)
    canvas.rect(Box(hx + 22, hy + 24, 18, 32), tones.shade)
    for step in range(3 + seed % 2):
        x, y = box.x + 90 + step * 44, box.y + 190 - 36 * (step % 2) + rng.uniform(-12, 12)
        canvas.line(
            trace("M", x, y + 30, "Q", x + 8, y + 90, box.x + 150, box.y + 372),
            tones.shade,
            1.4,
        )
        canvas.ellipse(x, y, 27, 33, (tones.main, tones.light, mix(tones.main, tones.light, 0.5))[step % 3])
    person(canvas, box.x + 150, box.y + 424, 64, tones.shade, "stand")


def comedy(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """Loud shapes: a pair of glasses and a moustache, crossed legs, a banana peel, or two who look away."""
    x = box.centre[0]
    canvas.path(beams(x, box.y + 240, 560, 16, seed), mix(tones.sky, "#ffffff", 0.22))
    kind = seed // 3 % 5
    if kind == 3:
        _bubbles(canvas, box, tones)
    elif kind == 4:
        _duck(canvas, box, tones)
    elif kind == 0:
        canvas.circle(x, box.y + 230, 128, tones.light)
        for side in (-1, 1):
            canvas.circle(
                x + side * 56,
                box.y + 200,
                44,
                mix(tones.sky, "#ffffff", 0.6),
                f'stroke="{tones.shade}" stroke-width="12"',
            )
            canvas.circle(x + side * 50, box.y + 206, 14, tones.shade)
            canvas.path(
                trace(
                    "M",
                    x,
                    box.y + 276,
                    "q",
                    side * 30,
                    " -30 ",
                    side * 62,
                    " -4q",
                    side * 14,
                    " 8 ",
                    side * 24,
                    " -10q",
                    side * 4,
                    " 44 ",
                    side * -40,
                    " 44q",
                    side * -36,
                    " 0 ",
                    side * -46,
                    " -30z",
                ),
                tones.shade,
            )
        canvas.line(trace("M", x - 12, box.y + 196, "q12 -10 24 0"), tones.shade, 10)
        canvas.path(trace("M", x - 20, box.y + 238, "q20 34 40 0z"), tones.main)
    elif kind == 1:
        canvas.circle(x, box.y + 230, 150, tones.main)
        for side in (-1, 1):
            canvas.group(f'transform="translate({number(x + side * 70)} 0) scale({side} 1)"')
            person(canvas, 0, box.y + 424, 250, tones.shade if side < 0 else tones.light, "arms")
            canvas.close()
    else:
        colours = (tones.main, tones.light, tones.shade)
        for ring in range(6):
            canvas.circle(x, box.y + 226, 172 - 28 * ring, colours[ring % 3])
        canvas.path(burst(x, box.y + 226, 40, 18, 5, -math.pi / 2), tones.main if seed % 2 else tones.light)
        for star in range(6):
            angle = math.pi * star / 3
            canvas.path(
                burst(x + 186 * math.cos(angle), box.y + 226 + 186 * math.sin(angle), 15, 7, 5, star), tones.shade
            )


def _bubbles(canvas: Canvas, box: Box, tones: Tones) -> None:
    """Two who talk at once."""
    x = box.centre[0]
    for side, top, fill in ((-1, 70, tones.light), (1, 190, tones.main)):
        bubble = Box(x - 128 + side * 36, box.y + top, 256, 116)
        canvas.rect(bubble, fill, radius=56)
        tail = x + side * 110
        pairs = [
            (tail - 22, bubble.bottom - 12),
            (tail + 22, bubble.bottom - 12),
            (tail + side * 34, bubble.bottom + 46),
        ]
        canvas.path(points(pairs), fill)
        for dot in range(3):
            canvas.circle(bubble.centre[0] + (dot - 1) * 52, bubble.centre[1], 15, tones.shade)


def _duck(canvas: Canvas, box: Box, tones: Tones) -> None:
    """A rubber duck that thinks well of itself."""
    x, y = box.centre[0], box.y + 250
    canvas.circle(x, y - 10, 168, mix(tones.sky, "#ffffff", 0.45))
    yellow = mix("#ffd23f", tones.light, 0.25)
    canvas.path(
        trace("M", x - 120, y + 10, "q20 50 60 20q-6 -40 30 -56h90q50 20 44 76 -14 66 -112 66 -112 0 -112 -106z"),
        yellow,
    )
    canvas.circle(x + 36, y - 62, 58, yellow)
    canvas.path(trace("M", x + 82, y - 76, "q52 -10 58 12 -10 26 -62 20z"), tones.main)
    canvas.circle(x + 52, y - 76, 10, tones.shade)
    canvas.path(trace("M", x - 6, y - 108, "l-8 -52 34 18 24 -34 20 38 38 -10 -14 50z"), tones.main)
    canvas.path(trace("M", x - 30, y + 34, "q50 34 84 -6 4 44 -38 46 -36 0 -46 -40z"), mix(yellow, tones.shade, 0.18))


def musical(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """A stage: curtains, spotlights, a dancer, bulbs round the edge."""
    x = box.centre[0]
    for side in (-1, 1):
        canvas.path(
            points(
                [
                    (x + side * 120, box.y),
                    (x + side * 150, box.y),
                    (x - side * 20, box.y + 440),
                    (x - side * 130, box.y + 440),
                ]
            ),
            tones.light,
            'opacity=".28"',
        )
    canvas.raw(
        f'<ellipse cx="{number(x)}" cy="{number(box.y + 424)}" rx="140" ry="26" fill="{tones.light}" opacity=".9"/>'
    )
    for side in (-1, 1):
        edge = box.x if side < 0 else box.right
        for fold in range(4):
            w = 74 - fold * 17
            canvas.path(
                trace(
                    "M", edge, box.y, "h", -side * w, "q", side * 16, " 200 ", -side * 8, " 460h", side * (w + 8), "z"
                ),
                mix(tones.main, tones.shade, 0.12 + 0.16 * (3 - fold)),
            )
    person(canvas, x, box.y + 426, 250, tones.shade, "dance")
    d = "".join(trace("M", box.x + 16 + step * (box.width - 32) / 14, box.y + 16, "h.1") for step in range(15))
    canvas.line(d, tones.light, 11, 'stroke-linecap="round"')


def documentary(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """A grid of contact prints, one of them ringed in red."""
    columns, rows, gap = 3, 4, 9
    width, height = (box.width - 48 - gap * 2) / columns, 78
    chosen = seed % 12
    for cell in range(columns * rows):
        x = box.x + 24 + (width + gap) * (cell % columns)
        y = box.y + 26 + (height + gap) * (cell // columns)
        frame = Box(x, y, width, height)
        tone = mix(tones.shade, tones.sky, 0.2 + 0.55 * canvas.rng.random())
        canvas.rect(frame, tone)
        other = mix(tone, "#ffffff", 0.4)
        kind = canvas.rng.randrange(4)
        if kind == 0:
            canvas.circle(x + width / 2, y + height * 0.42, 15, other)
            canvas.path(trace("M", x + width / 2 - 30, y + height, "q0 -32 30 -32t30 32z"), other)
        elif kind == 1:
            canvas.path(
                points(
                    [
                        (x, y + height),
                        (x + width * 0.4, y + height * 0.35),
                        (x + width * 0.65, y + height * 0.7),
                        (x + width * 0.8, y + height * 0.5),
                        (x + width, y + height),
                    ]
                ),
                other,
            )
        elif kind == 2:
            canvas.rect(Box(x, y + height * 0.6, width, height * 0.4), other)
            canvas.circle(x + width * 0.7, y + height * 0.34, 11, other)
        else:
            canvas.line(trace("M", x + 10, y + height * 0.5, "h", width - 20), other, 12)
        if cell == chosen:
            canvas.line(
                trace("M", x - 4, y + height / 2, "q4 -48 60 -46t58 50 -62 42 -58 -50"),
                tones.main,
                4,
                'stroke-linecap="round"',
            )
