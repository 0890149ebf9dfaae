"""An infographic: a title and a few figures drawn as charts."""

from __future__ import annotations

import math

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import mix, pick
from seed_data.artwork.shapes import sector, trace
from seed_data.artwork.sheet import Sheet
from seed_data.artwork.styles.base import Style

_STEPS = ("Start small", "Look closely", "Ask questions", "Keep a record", "Share the results", "Do it again")
_FACTS = ("more than last year", "of people agree", "can be saved", "take part today", "notice a change")


def draw_infographic(sheet: Sheet, style: Style, layout: str) -> None:
    """Draw one sheet in the named layout; an unknown layout is drawn as ``bars``."""
    canvas = sheet.canvas
    w, h = canvas.width, canvas.height
    style.background(sheet)
    style.picture(sheet, Box(0, 0, w, h * 0.2))
    on = sheet.scheme.ground
    style.headline(sheet, Box(36, h * 0.235, w - 72, h * 0.115), on, "middle", "middle", largest=46)
    style.rule(sheet, w / 2, h * 0.378, w * 0.34, "middle")
    body = Box(40, h * 0.41, w - 80, h * 0.53)
    {"steps": _steps, "donut": _donut}.get(layout, _bars)(sheet, style, body, on)
    style.small(sheet, w / 2, h - 16, f"Source: {sheet.words.site}", on, "middle", 10, room=w - 80)


def _fact(
    sheet: Sheet, style: Style, x: float, y: float, width: float, place: int, on: Grounds, align: str = "start"
) -> None:
    value = 12 + (sheet.seed * (place + 3) * 7) % 83
    ink = pick(on, sheet.scheme.shout, sheet.scheme.ink)
    style.letter(sheet, x, y, f"{value}%", 34, ink, on, align)
    style.small(sheet, x, y + 18, _FACTS[(sheet.seed + place) % len(_FACTS)], on, align, 12, room=width)


def _bars(sheet: Sheet, style: Style, box: Box, on: Grounds) -> None:
    canvas, rng = sheet.canvas, sheet.rng
    colours = style.chart(sheet)
    base = box.y + box.height * 0.5
    count = 6
    gap = box.width / count
    tops = []
    for bar in range(count):
        height = box.height * (0.12 + 0.05 * bar + rng.uniform(0, 0.12))
        x = box.x + gap * bar + gap * 0.18
        canvas.rect(Box(x, base - height, gap * 0.64, height), colours[bar % 3])
        style.small(sheet, x + gap * 0.32, base + 16, str(2019 + bar), on, "middle", 11)
        tops.append((x + gap * 0.32, base - height - 14))
    trend = pick(on, sheet.scheme.ink)
    canvas.line("M" + "L".join(trace(x, y) for x, y in tops), trend, 2)
    for x, y in tops:
        canvas.circle(x, y, 4, trend)
    canvas.line(trace("M", box.x, base, "H", box.right), trend, 1.5)
    for place in range(2):
        x = box.x + place * box.width * 0.52
        _fact(sheet, style, x, base + box.height * 0.2, box.width * 0.46, place, on)
    people = base + box.height * 0.33
    share = 4 + sheet.seed % 5
    figures = ["", ""]
    for figure in range(10):
        x = box.x + (figure + 0.5) * box.width / 10
        body = trace("M", x - 10, people + 36, "v-16a10 10 0 0 1 20 0v16z")
        figures[figure >= share] += trace("M", x - 7, people, "a7 7 0 1 1 14 0a7 7 0 1 1-14 0z") + body
    canvas.path(figures[0], colours[0])
    canvas.path(figures[1], mix(colours[0], on[0], 0.7))
    style.small(
        sheet, box.centre[0], people + 54, f"{share} out of 10 know this already", on, "middle", 12, room=box.width
    )


def _steps(sheet: Sheet, style: Style, box: Box, on: Grounds) -> None:
    canvas = sheet.canvas
    colours = style.chart(sheet)
    count = 5
    gap = box.height / count
    x = box.x + 28
    canvas.line(
        trace("M", x, box.y + gap * 0.4, "V", box.bottom - gap * 0.6),
        mix(colours[0], on[0], 0.4),
        3,
        'stroke-dasharray="2 7" stroke-linecap="round"',
    )
    greek = mix(pick(on, sheet.scheme.ink), on[0], 0.6)
    for step in range(count):
        y = box.y + gap * (step + 0.4)
        fill = colours[step % 3]
        canvas.circle(x, y, 25, fill)
        ink = pick((fill,), sheet.palette.paper, sheet.palette.ink)
        canvas.text(x, y + 9, str(step + 1), 25, style.body, ink, (fill,), "middle")
        left = x + 44
        style.small(sheet, left, y - 5, _STEPS[(sheet.seed + step) % len(_STEPS)], on, size=17, room=box.right - left)
        canvas.line(
            trace("M", left, y + 9, "h", box.right - left, "m", left - box.right, " 10h", (box.right - left) * 0.7),
            greek,
            3,
        )


def _donut(sheet: Sheet, style: Style, box: Box, on: Grounds) -> None:
    canvas, rng = sheet.canvas, sheet.rng
    colours = style.chart(sheet)
    radius = box.width * 0.25
    x, y = box.x + radius, box.y + radius + 4
    cuts = [0.0, *sorted(rng.uniform(0.15, 0.9) for _ in range(3)), 1.0]
    for part in range(4):
        if cuts[part + 1] - cuts[part] > 0.01:
            canvas.path(sector(x, y, radius, cuts[part], cuts[part + 1] - 0.008, radius * 0.56), colours[part])
    value = f"{round(100 * (cuts[1] - cuts[0]))}%"
    style.letter(sheet, x, y + 11, value, 30, pick(on, sheet.scheme.shout, sheet.scheme.ink), on, "middle")
    left = box.x + 2 * radius + 26
    for part in range(4):
        row = box.y + 24 + part * radius * 0.5
        canvas.circle(left + 6, row - 5, 7, colours[part])
        style.small(
            sheet, left + 22, row, _STEPS[(sheet.seed + part) % len(_STEPS)], on, size=13.5, room=box.right - left - 22
        )
    top = box.y + 2 * radius + 44
    area = Box(box.x, top, box.width, box.bottom - top)
    field = mix(colours[0], on[0], 0.82)
    points = [
        (
            area.x + area.width * step / 6,
            area.bottom - 26 - area.height * (0.15 + 0.09 * step + 0.12 * math.sin(step * 1.9 + sheet.seed)),
        )
        for step in range(7)
    ]
    d = trace("M", points[0][0], points[0][1]) + "".join(trace("L", px, py) for px, py in points[1:])
    canvas.path(trace(d, "V", area.bottom - 26, "H", area.x, "z"), field)
    canvas.line(d, colours[0], 4, 'stroke-linejoin="round"')
    for px, py in points:
        canvas.circle(px, py, 5, colours[1])
    for step in range(0, 7, 2):
        style.small(
            sheet,
            points[step][0],
            area.bottom - 6,
            str(2018 + step),
            on,
            "start" if step == 0 else "end" if step == 6 else "middle",
            11,
        )
