"""Pictures for films that are in a hurry: action and science fiction."""

from __future__ import annotations

from seed_data.artwork.canvas import Box, Canvas
from seed_data.artwork.colour import mix
from seed_data.artwork.film.figures import person
from seed_data.artwork.film.pictures.backdrops import skyline, stars
from seed_data.artwork.film.tones import Tones
from seed_data.artwork.shapes import beams, burst, number, points, trace, wave


def action(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """An explosion behind someone who walks away from it, a leap between roofs, or a searchlight over the city."""
    kind = seed // 5 % 3
    if kind == 1:
        _leap(canvas, box, tones)
        return
    if kind == 2:
        _hunted(canvas, box, tones)
        return
    x, y = box.centre[0] + (seed % 5 - 2) * 14, box.y + box.height * 0.4
    canvas.path(beams(x, y, 520, 14, 0.1), tones.main, 'opacity=".35"')
    canvas.path(burst(x, y, 190, 120, 13, seed % 7), tones.main)
    canvas.path(burst(x, y, 138, 84, 11, seed % 5), mix(tones.main, tones.light, 0.6))
    canvas.circle(x, y, 62, tones.light)
    if seed % 2:
        skyline(canvas, box, box.y + box.height * 0.72, mix(tones.shade, tones.main, 0.25), tones.light, 130)
    person(canvas, x, box.y + box.height * 0.74, 230, tones.shade, "coat" if seed % 3 else "stand")


def _leap(canvas: Canvas, box: Box, tones: Tones) -> None:
    x = box.centre[0]
    canvas.circle(x + 20, box.y + 190, 128, tones.main)
    for stripe in range(9):
        y = box.y + 30 + 44 * stripe
        slant = [(box.x, y + 60), (box.right, y - 40), (box.right, y - 32), (box.x, y + 72)]
        canvas.path(points(slant), tones.light, f'opacity="{round(0.12 + 0.03 * (stripe % 3), 2)}"')
    for left, width, top in ((box.x - 10, 130, 330), (box.right - 110, 130, 372)):
        canvas.rect(Box(left, box.y + top, width, 300), tones.shade)
        canvas.rect(Box(left - 6, box.y + top, width + 12, 14), mix(tones.shade, tones.main, 0.4))
        for window in range(6):
            lit = Box(left + 22 + 36 * (window % 3), box.y + top + 34 + 46 * (window // 3), 14, 22)
            canvas.rect(lit, tones.light if window % 4 else tones.main)
    person(canvas, x + 6, box.y + 318, 190, tones.shade, "fall")


def _hunted(canvas: Canvas, box: Box, tones: Tones) -> None:
    x = box.centre[0]
    lamp = (x - 90, box.y + 84)
    canvas.path(points([lamp, (x - 30, box.y + 440), (x + 150, box.y + 440)]), tones.light, 'opacity=".4"')
    skyline(canvas, box, box.y + 410, mix(tones.shade, tones.sky, 0.25), tones.main, 200)
    d = trace(
        "M", lamp[0] - 40, lamp[1] - 16, "q6 -26 40 -26 26 0 34 20l66 -8v-14h10v30l-74 16q-10 14 -36 14 -34 0 -40 -22z"
    )
    canvas.path(d, tones.shade)
    canvas.line(trace("M", lamp[0] - 70, lamp[1] - 50, "h140M", lamp[0], lamp[1] - 50, "v12"), tones.shade, 5)
    person(canvas, x + 56, box.y + 440, 200, tones.shade, "rifle")


def scifi(canvas: Canvas, box: Box, tones: Tones, seed: int) -> None:
    """A ringed planet and its moon, a lit grid to the horizon, or a ship over a traveller."""
    x = box.centre[0]
    stars(canvas, box, "#ffffff", 70)
    kind = seed % 3
    if kind == 0:
        ball = canvas.linear(tones.light, tones.main, tones.shade, angle='x2="1" y2="1"')
        canvas.circle(x, box.y + 220, 116, ball)
        canvas.raw(
            f'<ellipse cx="{number(x)}" cy="{number(box.y + 220)}" rx="190" ry="38" fill="none" stroke="{tones.light}"'
            f' stroke-width="9" opacity=".75" transform="rotate(-18 {number(x)} {number(box.y + 220)})"/>'
        )
        canvas.path(
            trace("M", x - 116, box.y + 220, "a116 116 0 0 1 232 0q-116 64 -232 0z"),
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
        grid = "".join(trace("M", x + step * 10, horizon, "L", x + step * 90, box.bottom) for step in range(-8, 9))
        grid += "".join(trace("M", box.x, horizon + 5 * row * row, "H", box.right) for row in range(8))
        canvas.line(grid, tones.main, 1.6)
    else:
        canvas.path(
            points([(x - 44, box.y + 168), (x + 44, box.y + 168), (x + 150, box.y + 446), (x - 150, box.y + 446)]),
            tones.light,
            'opacity=".35"',
        )
        canvas.ellipse(x, box.y + 122, 64, 46, mix(tones.light, tones.main, 0.3))
        canvas.ellipse(x, box.y + 148, 150, 34, mix(tones.sky, tones.shade, 0.45))
        lights = "".join(trace("M", x - 110 + step * 44, box.y + 156, "h.1") for step in range(6))
        canvas.line(lights, tones.light, 10, 'stroke-linecap="round"')
        canvas.path(wave(box.x, box.y + 430, box.width, 26, 1, 300), tones.shade)
        person(canvas, x, box.y + 432, 96, tones.shade, "stand")
