"""The pictures of film posters, one for each genre: all of invented things."""

from __future__ import annotations

import math
from collections.abc import Callable

from app.catalog.artwork.canvas import Box, Canvas
from app.catalog.artwork.colour import mix
from app.catalog.artwork.film.figures import person
from app.catalog.artwork.film.tones import Tones
from app.catalog.artwork.shapes import beams, blob, burst, number, points, squiggle, wave

Picture = Callable[[Canvas, Box, Tones, int], None]


def _stars(canvas: Canvas, box: Box, colour: str, count: int, low: float = 0.6) -> None:
    rng = canvas.rng
    d = "".join(
        f"M{number(rng.uniform(box.x, box.right))} {number(rng.uniform(box.y, box.y + box.height * low))}h.1"
        for _ in range(count)
    )
    canvas.line(d, colour, 1.8, 'stroke-linecap="round"')


def _skyline(canvas: Canvas, box: Box, base: float, colour: str, window: str, tallest: float) -> None:
    rng = canvas.rng
    d, lights, x = "", "", box.x
    while x < box.right:
        width = rng.uniform(24, 52)
        top = base - rng.uniform(0.35, 1.0) * tallest
        d += f"M{number(x)} {number(box.bottom)}V{number(top)}h{number(width)}V{number(box.bottom)}z"
        for _ in range(3):
            lights += f"M{number(x + rng.uniform(4, width - 8))} {number(rng.uniform(top + 8, base))}h4v6h-4z"
        x += width
    canvas.path(d, colour)
    canvas.path(lights, window)


def _action(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """An explosion behind someone who walks away from it."""
    x, y = box.centre[0] + (seed % 5 - 2) * 14, box.y + box.height * 0.4
    canvas.path(beams(x, y, 520, 14, 0.1), tones.main, 'opacity=".35"')
    canvas.path(burst(x, y, 190, 120, 13, seed % 7), tones.main)
    canvas.path(burst(x, y, 138, 84, 11, seed % 5), mix(tones.main, tones.light, 0.6))
    canvas.circle(x, y, 62, tones.light)
    if seed % 2:
        _skyline(canvas, box, box.y + box.height * 0.72, mix(tones.shade, tones.main, 0.25), tones.light, 130)
    person(canvas, x, box.y + box.height * 0.74, 230, tones.shade, "coat" if seed % 3 else "stand")


def _adventure(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
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
        f"M{number(x - 60)} {number(box.bottom)}C{number(x - 20)} 480 {number(x + 90)} 440 {number(x + 20)} 390C{number(x + 60)} 440 {number(x + 40)} 500 {number(x + 60)} {number(box.bottom)}z",
        mix(tones.light, tones.main, 0.35),
    )
    person(canvas, x + 22, box.y + box.height * 0.68, 92, tones.shade, "staff")


def _animation(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
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
                f"M{number(x + side * 30)} {number(y - 90)}q{number(side * 10)} -50 {number(side * 40)} -60",
                tones.shade,
                7,
                'stroke-linecap="round"',
            )
            canvas.circle(x + side * 72, y - 152, 12, tones.light)
    canvas.path(blob(x, y + 6, 118, rng, 8, 0.05), body)
    canvas.raw(
        f'<ellipse cx="{number(x)}" cy="{number(y + 58)}" rx="66" ry="52" fill="{mix(body, tones.light, 0.55)}"/>'
    )
    for side in (-1, 1):
        canvas.circle(x + side * 38, y - 30, 30, "#ffffff")
        canvas.circle(x + side * 34, y - 26, 15, tones.shade)
        canvas.circle(x + side * 29, y - 33, 5, "#ffffff")
    canvas.path(f"M{number(x - 30)} {number(y + 22)}q30 34 60 0z", tones.shade)


def _childrens(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
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
            f"M{number(x)} {number(y + 30)}Q{number(x + 8)} {number(y + 90)} {number(box.x + 150)} {number(box.y + 372)}",
            tones.shade,
            1.4,
        )
        canvas.raw(
            f'<ellipse cx="{number(x)}" cy="{number(y)}" rx="27" ry="33" fill="{(tones.main, tones.light, mix(tones.main, tones.light, 0.5))[step % 3]}"/>'
        )
    person(canvas, box.x + 150, box.y + 424, 64, tones.shade, "stand")


def _comedy(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """Loud shapes: a pair of glasses and a moustache, crossed legs, a banana peel, or two who look away."""
    x = box.centre[0]
    canvas.path(beams(x, box.y + 240, 560, 16, seed), mix(tones.sky, "#ffffff", 0.22))
    kind = seed % 3
    if kind == 0:
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
                f"M{number(x)} {number(box.y + 276)}q{number(side * 30)} -30 {number(side * 62)} -4q{number(side * 14)} 8 {number(side * 24)} -10q{number(side * 4)} 44 {number(side * -40)} 44q{number(side * -36)} 0 {number(side * -46)} -30z",
                tones.shade,
            )
        canvas.line(f"M{number(x - 12)} {number(box.y + 196)}q12 -10 24 0", tones.shade, 10)
        canvas.path(f"M{number(x - 20)} {number(box.y + 238)}q20 34 40 0z", tones.main)
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


def _crime(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
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
        _skyline(canvas, box, box.y + 400, mix(tones.shade, tones.sky, 0.3), tones.main, 190)
    else:
        canvas.circle(x, box.y + 215, 150, tones.main)
        for ring in (118, 80):
            canvas.circle(x, box.y + 215, ring, "none", f'stroke="{tones.light}" stroke-width="3" opacity=".8"')
        canvas.line(
            f"M{number(x - 180)} {number(box.y + 215)}h360M{number(x)} {number(box.y + 40)}v350",
            tones.light,
            2,
            'opacity=".8"',
        )
    person(canvas, x, box.y + 446, 270, tones.shade, "hat")


def _documentary(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
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
            canvas.path(f"M{number(x + width / 2 - 30)} {number(y + height)}q0 -32 30 -32t30 32z", other)
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
            canvas.line(f"M{number(x + 10)} {number(y + height * 0.5)}h{number(width - 20)}", other, 12)
        if cell == chosen:
            canvas.line(
                f"M{number(x - 4)} {number(y + height / 2)}q4 -48 60 -46t58 50 -62 42 -58 -50",
                tones.main,
                4,
                'stroke-linecap="round"',
            )


def _drama(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """Two profiles, an empty chair by a window, or someone small under a large sky."""
    x = box.centre[0]
    kind = seed % 4
    if kind == 0:
        canvas.circle(x, box.y + 220, 132, tones.light, 'opacity=".85"')
        for side, colour in ((-1, tones.shade), (1, mix(tones.main, tones.shade, 0.35))):
            canvas.path(_profile(x - side * 4, box.y + 110, 1.35, side), colour)
    elif kind == 1:
        pane = Box(x - 84, box.y + 60, 168, 232)
        canvas.rect(pane, tones.light)
        canvas.path(
            f"M{number(x)} {number(pane.y)}v232M{number(pane.x)} {number(pane.y + 104)}h168",
            "none",
            f'stroke="{tones.shade}" stroke-width="7"',
        )
        canvas.path(
            points(
                [
                    (pane.x - 20, box.y + 480),
                    (pane.right + 80, box.y + 480),
                    (pane.right + 6, box.y + 372),
                    (pane.x + 30, box.y + 372),
                ]
            ),
            tones.light,
            'opacity=".25"',
        )
        person(canvas, x + 38, box.y + 436, 232, tones.shade, "stand")
    elif kind == 2:
        canvas.circle(x + 40, box.y + 190, 92, tones.light)
        canvas.path(wave(box.x, box.y + 388, box.width, 40, 1, 300), mix(tones.main, tones.low, 0.6))
        canvas.path(
            f"M{number(x - 110)} {number(box.y + 392)}q10 -120 4 -190",
            "none",
            f'stroke="{tones.shade}" stroke-width="9"',
        )
        canvas.path(blob(x - 108, box.y + 170, 74, canvas.rng, 8, 0.16), mix(tones.shade, tones.main, 0.3))
        person(canvas, x + 30, box.y + 404, 70, tones.shade, "stand")
        person(canvas, x + 60, box.y + 406, 62, tones.shade, "dress")
    else:
        for strip in range(7):
            tone = mix(mix(tones.sky, tones.light, 0.35), tones.main, strip / 6)
            canvas.path(wave(box.x - 20, box.y + 90 + 52 * strip, box.width + 40, 34, 2 - strip % 2, 400), tone)
        person(canvas, x, box.y + 420, 150, tones.shade, "dress" if seed % 8 < 4 else "stand")


def _profile(x: float, y: float, scale: float, side: int) -> str:
    """A head and shoulders seen from the side; `side` 1 looks right."""
    outline = ((0, 300), (0, 206), (-18, 190), (-10, 172), (4, 166), (0, 156), (6, 150), (2, 140), (12, 128), (4, 96), (8, 78), (-8, 44), (-50, 30), (-92, 52), (-104, 98), (-92, 140), (-78, 176), (-100, 200), (-150, 220), (-166, 300))  # fmt: skip
    pairs = [(x - side * 42 + side * dx * scale * 0.8, y + dy * scale * 0.8) for dx, dy in outline]
    return points(pairs)


def _fantasy(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """A castle on a rock under a great moon, and a winged thing or a star."""
    x = box.centre[0]
    canvas.circle(x, box.y + 190, 134, mix(tones.light, tones.sky, 0.25))
    _stars(canvas, box, tones.light, 46)
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
            f"M{number(x + 90)} {number(box.y + 110)}q-30 -44 -70 -30 26 8 34 34 -24 -6 -40 10 34 2 46 22l16 4 14 -4q12 -22 46 -24 -16 -16 -40 -8 8 -26 34 -34 -40 -14 -40 30z",
            tones.shade,
        )
    canvas.path(wave(box.x, box.y + 424, box.width, 30, 3, 300), mix(tones.low, tones.main, 0.25), 'opacity=".8"')


def _noir(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
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
        f"M{number(x + 66)} {number(box.y + 250)}c30 -40 -22 -60 8 -104s-18 -58 4 -98",
        tones.light,
        5,
        'stroke-linecap="round" opacity=".55"',
    )


def _horror(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """A house on a hill, bare trees, eyes in the dark, or a door left open."""
    x = box.centre[0]
    kind = seed % 3
    if kind == 0:
        canvas.circle(x + 50, box.y + 160, 96, mix(tones.light, tones.main, 0.25))
        canvas.path(
            f"M{number(box.x)} {number(box.bottom)}V{number(box.y + 400)}Q{number(x)} {number(box.y + 300)} {number(box.right)} {number(box.y + 420)}V{number(box.bottom)}z",
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
            _bare_tree(canvas, x + side * 150, box.y + 430, 190, -math.pi / 2 - side * 0.12, tones.shade, 4)
    elif kind == 1:
        for pair in range(7):
            px, py = canvas.rng.uniform(box.x + 50, box.right - 50), box.y + 60 + pair * 52
            size = 7 + pair * 2.2
            for side in (-1, 1):
                canvas.path(
                    f"M{number(px + side * size * 0.5)} {number(py)}q{number(side * size)} {number(-size)} {number(side * size * 2)} 0q{number(-side * size)} {number(size)} {number(-side * size * 2)} 0z",
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


def _bare_tree(canvas: Canvas, x: float, y: float, length: float, angle: float, colour: str, depth: int) -> None:
    strokes: list[str] = []

    def grow(x: float, y: float, length: float, angle: float, depth: int) -> None:
        ex, ey = x + length * 0.5 * math.cos(angle), y + length * 0.5 * math.sin(angle)
        strokes.append(f"M{number(x)} {number(y)}L{number(ex)} {number(ey)}")
        if depth:
            for turn in (-0.5, 0.42):
                grow(ex, ey, length * 0.72, angle + turn + canvas.rng.uniform(-0.15, 0.15), depth - 1)

    grow(x, y, length, angle, depth)
    canvas.line("".join(strokes), colour, 4, 'stroke-linecap="round"')


def _musical(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
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
                f"M{number(edge)} {number(box.y)}h{number(-side * w)}q{number(side * 16)} 200 {number(-side * 8)} 460h{number(side * (w + 8))}z",
                mix(tones.main, tones.shade, 0.12 + 0.16 * (3 - fold)),
            )
    person(canvas, x, box.y + 426, 250, tones.shade, "dance")
    d = "".join(f"M{number(box.x + 16 + step * (box.width - 32) / 14)} {number(box.y + 16)}h.1" for step in range(15))
    canvas.line(d, tones.light, 11, 'stroke-linecap="round"')


def _mystery(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
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
        canvas.line(
            f"M{number(x - 60)} {number(box.y + 108)}v-26M{number(x - 60)} {number(box.y + 150)}v300", tones.shade, 8
        )
        person(canvas, x + 60, box.y + 442, 236, tones.shade, "coat")
        for bank in range(3):
            canvas.path(
                wave(box.x - 30, box.y + 330 + 46 * bank, box.width + 60, 34, 2, 300),
                mix(tones.sky, tones.light, 0.35),
                'opacity=".22"',
            )


def _romance(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """Two in front of a low sun, or two faces that meet."""
    x = box.centre[0]
    if seed % 2:
        canvas.circle(x, box.y + 250, 150, tones.light)
        canvas.circle(x, box.y + 250, 116, mix(tones.light, tones.main, 0.25))
        canvas.path(wave(box.x, box.y + 404, box.width, 22, 3, 300), mix(tones.main, tones.low, 0.6))
        person(canvas, x - 22, box.y + 416, 186, tones.shade, "stand")
        person(canvas, x + 24, box.y + 416, 172, tones.shade, "dress")
    else:
        for side, colour in ((-1, mix(tones.main, tones.shade, 0.55)), (1, tones.main)):
            canvas.path(_profile(x - side * 8, box.y + 100, 1.5, side), colour)
        canvas.path(f"M{number(x)} {number(box.y + 96)}c-60 -36 -30 -84 0 -54 30 -30 60 18 0 54z", tones.light)
    for petal in range(9):
        px, py = canvas.rng.uniform(box.x, box.right), canvas.rng.uniform(box.y, box.y + 380)
        canvas.path(f"M{number(px)} {number(py)}q9 -12 16 0 -7 9 -16 0z", tones.light, 'opacity=".8"')


def _scifi(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """A ringed planet and its moon, a lit grid to the horizon, or a ship over a traveller."""
    x = box.centre[0]
    _stars(canvas, box, "#ffffff", 70)
    kind = seed % 3
    if kind == 0:
        ball = canvas.linear(tones.light, tones.main, tones.shade, angle='x2="1" y2="1"')
        canvas.circle(x, box.y + 220, 116, ball)
        canvas.raw(
            f'<ellipse cx="{number(x)}" cy="{number(box.y + 220)}" rx="190" ry="38" fill="none" stroke="{tones.light}" stroke-width="9" opacity=".75" transform="rotate(-18 {number(x)} {number(box.y + 220)})"/>'
        )
        canvas.path(
            f"M{number(x - 116)} {number(box.y + 220)}a116 116 0 0 1 232 0q-116 64 -232 0z",
            ball,
            f'transform="rotate(-18 {number(x)} {number(box.y + 220)})"',
        )
        canvas.circle(x + 128, box.y + 84, 22, mix(tones.light, tones.sky, 0.3))
    elif kind == 1:
        horizon = box.y + 300
        canvas.circle(x, horizon - 20, 112, canvas.linear(tones.light, tones.main))
        for bar in range(4):
            canvas.rect(Box(x - 120, horizon - 30 + bar * 24, 240, 5 + bar * 2), mix(tones.sky, tones.low, 0.45))
        canvas.rect(Box(box.x, horizon, box.width, 300), tones.shade)
        grid = "".join(
            f"M{number(x + step * 10)} {number(horizon)}L{number(x + step * 90)} {number(box.bottom)}"
            for step in range(-8, 9)
        )
        grid += "".join(f"M{number(box.x)} {number(horizon + 5 * row * row)}H{number(box.right)}" for row in range(8))
        canvas.line(grid, tones.main, 1.6)
    else:
        canvas.path(
            points([(x - 44, box.y + 168), (x + 44, box.y + 168), (x + 150, box.y + 446), (x - 150, box.y + 446)]),
            tones.light,
            'opacity=".35"',
        )
        canvas.raw(
            f'<ellipse cx="{number(x)}" cy="{number(box.y + 122)}" rx="64" ry="46" fill="{mix(tones.light, tones.main, 0.3)}"/>'
        )
        canvas.raw(
            f'<ellipse cx="{number(x)}" cy="{number(box.y + 148)}" rx="150" ry="34" fill="{mix(tones.sky, tones.shade, 0.45)}"/>'
        )
        lights = "".join(f"M{number(x - 110 + step * 44)} {number(box.y + 156)}h.1" for step in range(6))
        canvas.line(lights, tones.light, 10, 'stroke-linecap="round"')
        canvas.path(wave(box.x, box.y + 430, box.width, 26, 1, 300), tones.shade)
        person(canvas, x, box.y + 432, 96, tones.shade, "stand")


def _thriller(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
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
        canvas.path(f"M{number(x - 92)} {number(box.y + 240)}q92 -82 184 -14 -92 76 -184 14z", tones.light)
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


def _war(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """A low sun, searchlights or planes, soldiers on a ridge, wire."""
    x = box.centre[0]
    canvas.circle(x, box.y + 250, 118, mix(tones.light, tones.main, 0.3))
    if seed % 2:
        for plane in range(3):
            px, py = box.x + 110 + plane * 76, box.y + 70 + 26 * abs(plane - 1)
            canvas.path(
                f"M{number(px)} {number(py)}l-26 9v6l26 -4v16l-9 6v4l11 -3 11 3v-4l-9 -6v-16l26 4v-6l-26 -9 -1 -14h-2z",
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
        f"M{number(box.x)} {number(box.bottom)}V{number(box.y + 412)}Q{number(x - 70)} {number(box.y + 372)} {number(x)} {number(box.y + 398)}T{number(box.right)} {number(box.y + 386)}V{number(box.bottom)}z",
        tones.shade,
    )
    for place in range(5):
        person(canvas, x - 124 + 62 * place, box.y + 408 - 10 * (place % 2), 92, tones.shade, "rifle")
    canvas.line(squiggle(box.x, box.y + 428, box.width, 16, 12), mix(tones.main, tones.light, 0.3), 1.4)


def _western(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
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
        f"M{number(cx)} {number(box.y + 420)}v-120M{number(cx)} {number(box.y + 376)}h-24v-36M{number(cx)} {number(box.y + 356)}h24v-34",
        tones.shade,
        15,
        'stroke-linecap="round" stroke-linejoin="round"',
    )
    person(canvas, x, box.y + 440, 240, tones.shade, "gunman")


PICTURES: dict[str, Picture] = {
    "action": _action,
    "adventure": _adventure,
    "animation": _animation,
    "childrens": _childrens,
    "comedy": _comedy,
    "crime": _crime,
    "documentary": _documentary,
    "drama": _drama,
    "fantasy": _fantasy,
    "film-noir": _noir,
    "horror": _horror,
    "musical": _musical,
    "mystery": _mystery,
    "romance": _romance,
    "sci-fi": _scifi,
    "thriller": _thriller,
    "war": _war,
    "western": _western,
}
