"""Pictures for films about people: drama and romance."""

from __future__ import annotations

from seed_data.artwork.canvas import Box, Canvas
from seed_data.artwork.colour import mix
from seed_data.artwork.film.figures import person
from seed_data.artwork.film.pictures.backdrops import profile
from seed_data.artwork.film.tones import Tones
from seed_data.artwork.shapes import blob, number, points, trace, wave


def drama(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """Two profiles, an empty chair by a window, or someone small under a large sky."""
    x = box.centre[0]
    kind = seed // 3 % 6
    if kind == 4:
        _rain(canvas, box, tones)
    elif kind == 5:
        _stairs(canvas, box, tones)
    elif kind == 0:
        canvas.circle(x, box.y + 220, 132, tones.light, 'opacity=".85"')
        for side, colour in ((-1, tones.shade), (1, mix(tones.main, tones.shade, 0.35))):
            canvas.path(profile(x - side * 4, box.y + 110, 1.35, side), colour)
    elif kind == 1:
        pane = Box(x - 84, box.y + 60, 168, 232)
        canvas.rect(pane, tones.light)
        canvas.path(
            trace("M", x, pane.y, "v232M", pane.x, pane.y + 104, "h168"),
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
            trace("M", x - 110, box.y + 392, "q10 -120 4 -190"),
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


def _rain(canvas: Canvas, box: Box, tones: Tones) -> None:
    """Someone under an umbrella."""
    x = box.centre[0]
    rng = canvas.rng
    drops = "".join(
        trace("M", rng.uniform(box.x, box.right), rng.uniform(box.y, box.y + 400), "l-7 24") for _ in range(46)
    )
    canvas.line(drops, tones.light, 1.6, 'opacity=".6" stroke-linecap="round"')
    canvas.raw(
        f'<ellipse cx="{number(x)}" cy="{number(box.y + 440)}" rx="120" ry="13" fill="{tones.light}" opacity=".35"/>'
    )
    person(canvas, x, box.y + 440, 218, tones.shade, "coat")
    canvas.path(
        trace(
            "M",
            x - 124,
            box.y + 236,
            (
                "q10 -104 124 -112 114 8 124 112 -20 -18 -41 0 -20 -18 -41 0 -21 -18 -42 0 -20 -18 -41 0 -21"
                " -18 -42 0 -20 -18 -41 0z"
            ),
        ),
        tones.main,
    )
    canvas.line(trace("M", x, box.y + 112, "v190"), tones.shade, 4)


def _stairs(canvas: Canvas, box: Box, tones: Tones) -> None:
    """A flight of steps towards a bright door, and one who hesitates."""
    x = box.centre[0]
    canvas.rect(Box(x - 36, box.y + 70, 72, 120), tones.light)
    canvas.circle(x, box.y + 130, 170, canvas.radial(f"{tones.light}/.6", f"{tones.light}/0"))
    for step in range(9):
        half = 46 + step * 19
        top = box.y + 190 + step * 30
        canvas.rect(Box(x - half, top, 2 * half, 31), mix(tones.main, tones.shade, 0.12 + 0.085 * step))
        canvas.rect(Box(x - half, top, 2 * half, 4), mix(tones.light, tones.main, 0.2 + 0.08 * step))
    person(canvas, x + 34, box.y + 400, 150, tones.shade, "stand")


def romance(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
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
            canvas.path(profile(x - side * 8, box.y + 100, 1.5, side), colour)
        canvas.path(trace("M", x, box.y + 96, "c-60 -36 -30 -84 0 -54 30 -30 60 18 0 54z"), tones.light)
    for _ in range(9):
        px, py = canvas.rng.uniform(box.x, box.right), canvas.rng.uniform(box.y, box.y + 380)
        canvas.path(trace("M", px, py, "q9 -12 16 0 -7 9 -16 0z"), tones.light, 'opacity=".8"')
