"""A one-page résumé: name, trade, experience, education, skills."""

from __future__ import annotations

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import is_dark, mix, pick
from seed_data.artwork.lettering import fit
from seed_data.artwork.shapes import number, trace
from seed_data.artwork.sheet import Sheet
from seed_data.artwork.styles.base import Style

_EMPLOYERS = ("Northwind & Co.", "Harbor Group", "Studio Meridian", "City of Lindale", "Brightside", "Atlas Partners")
_SCHOOLS = ("Lindale University", "Harbor College", "Northern Institute", "State Academy")
_SKILLS = ("Teamwork", "Planning", "Languages", "Writing", "Budgeting", "Leadership", "Research", "Safety")


def draw_resume(sheet: Sheet, style: Style, layout: str) -> None:
    """Draw one page in the named layout; an unknown layout is drawn as ``classic``."""
    paper = _paper(sheet)
    sheet.canvas.rect(sheet.canvas.box, paper)
    {"sidebar": _sidebar, "header": _header}.get(layout, _classic)(sheet, style, paper)


def _paper(sheet: Sheet) -> str:
    """A résumé is printed: on the style's ground where that is light, else on the palette's paper."""
    base = sheet.scheme.base
    return base if not is_dark(base) and base not in sheet.palette.art else sheet.palette.paper


def _name(sheet: Sheet, style: Style, box: Box, on: Grounds, align: str, ink: str) -> Box:
    return style.headline(sheet, box, on, align, "top", sheet.words.person, sheet.unit * 10.5, ink)


def _heading(sheet: Sheet, style: Style, x: float, y: float, words: str, width: float, on: Grounds, ink: str) -> None:
    sheet.canvas.text(x, y, words, 12, style.label, ink, on)
    sheet.canvas.line(trace("M", x, y + 6, "h", width), pick(on, ink), 0.9)


def _greek(sheet: Sheet, x: float, y: float, width: float, rows: int, colour: str, gap: float = 8.6) -> float:
    """Lines of text too small to read; returns the y below them."""
    d = ""
    for row in range(rows):
        share = sheet.rng.uniform(0.86, 1) if row < rows - 1 else sheet.rng.uniform(0.4, 0.7)
        d += trace("M", x, y + row * gap, "h", width * share)
    sheet.canvas.line(d, colour, 2.6)
    return y + rows * gap


def _jobs(sheet: Sheet, style: Style, x: float, y: float, width: float, count: int, on: Grounds, accent: str) -> float:
    ink = pick(on, sheet.palette.ink, sheet.palette.paper)
    faint = mix(ink, on[0], 0.72)
    trade = sheet.words.headline.split()[-1]
    titles, places = [], []
    for job in range(count):
        year = 2024 - 3 * job - sheet.seed % 2
        titles.append((x, y, (f"Lead {trade}", trade, f"Assistant {trade}")[job % 3], "start"))
        places.append((x, y + 13, _EMPLOYERS[(sheet.seed + job) % len(_EMPLOYERS)], "start"))
        places.append((x + width, y, f"{year - 3} to {year}", "end"))
        y = _greek(sheet, x, y + 25, width, 4, faint) + 17
    sheet.canvas.rows(titles, 10.5, style.body, ink, on)
    sheet.canvas.rows(places, 9, style.body, accent, on)
    return y


def _school(sheet: Sheet, style: Style, x: float, y: float, width: float, on: Grounds, accent: str) -> float:
    ink = pick(on, sheet.palette.ink, sheet.palette.paper)
    sheet.canvas.text(x, y, _SCHOOLS[sheet.seed % len(_SCHOOLS)], 10.5, style.body, ink, on, room=width)
    sheet.canvas.text(x, y + 13, "Bachelor of Arts, with honors", 9, style.body, accent, on, room=width)
    return _greek(sheet, x, y + 25, width, 3, mix(ink, on[0], 0.72)) + 15


def _skills(sheet: Sheet, style: Style, x: float, y: float, width: float, on: Grounds, fill: str) -> float:
    ink = pick(on, sheet.palette.ink, sheet.palette.paper)
    first = sheet.seed % len(_SKILLS)
    names = [(x, y + 25 * row, _SKILLS[(first + row) % len(_SKILLS)], "start") for row in range(4)]
    sheet.canvas.rows(names, 9.5, style.body, ink, on)
    back, front = "", ""
    for _, top, _, _ in names:
        back += trace("M", x, top + 8, "h", width)
        front += trace("M", x, top + 8, "h", width * sheet.rng.uniform(0.5, 0.95))
    sheet.canvas.line(back, mix(ink, on[0], 0.8), 4, 'stroke-linecap="round"')
    sheet.canvas.line(front, fill, 4, 'stroke-linecap="round"')
    return y + 100


def _contact(sheet: Sheet, style: Style, x: float, y: float, on: Grounds, ink: str) -> None:
    mail = f"{sheet.words.person.split()[0].lower()}@mail.example"
    lines = (mail, "+1 555 0100", sheet.words.place.split(", ")[1])
    sheet.canvas.rows([(x, y + 15 * row, line, "start") for row, line in enumerate(lines)], 9.5, style.body, ink, on)


def _portrait(sheet: Sheet, x: float, y: float, radius: float, ground: str, figure: str) -> None:
    """A head and shoulders in a circle."""
    canvas = sheet.canvas
    canvas.circle(x, y, radius, ground)
    canvas.clip_path(
        trace(
            "M",
            x - radius,
            y,
            "a",
            radius,
            radius,
            " 0 1 1 ",
            2 * radius,
            " 0a",
            radius,
            radius,
            " 0 1 1 ",
            -2 * radius,
            " 0z",
        )
    )
    skin = ("#e8b98f", "#c98d62", "#8d5a3b", "#f0cfae")[sheet.seed % 4]
    hair = ("#2b1d16", "#5a3b22", "#161616", "#8a5a2b")[sheet.seed // 4 % 4]
    canvas.raw(
        f'<ellipse cx="{number(x)}" cy="{number(y + radius * 1.02)}" rx="{number(radius * 0.72)}" '
        f'ry="{number(radius * 0.58)}" fill="{figure}"/>'
    )
    long_hair = sheet.seed % 2 == 0
    canvas.circle(x, y - radius * 0.2, radius * 0.43, hair)
    if long_hair:
        canvas.rect(Box(x - radius * 0.43, y - radius * 0.2, radius * 0.86, radius * 0.72), hair, radius=radius * 0.2)
    canvas.rect(
        Box(x - radius * 0.13, y + radius * 0.1, radius * 0.26, radius * 0.46),
        mix(skin, "#000000", 0.12),
        radius=radius * 0.1,
    )
    canvas.raw(
        f'<ellipse cx="{number(x)}" cy="{number(y - radius * 0.1)}" rx="{number(radius * 0.31)}" r'
        f'y="{number(radius * 0.38)}" fill="{skin}"/>'
    )
    canvas.path(
        trace(
            "M",
            x - radius * 0.34,
            y - radius * 0.2,
            "q",
            radius * 0.2,
            -radius * 0.42,
            radius * 0.68,
            -radius * 0.02,
            "q",
            -radius * 0.1,
            -radius * 0.36,
            -radius * 0.36,
            -radius * 0.36,
            "t",
            -radius * 0.32,
            radius * 0.38,
            "z",
        ),
        hair,
    )
    canvas.close()


def _sidebar(sheet: Sheet, style: Style, paper: str) -> None:
    """A coloured column with portrait, contact and skills; the rest beside it."""
    canvas, palette = sheet.canvas, sheet.palette
    w, h = canvas.width, canvas.height
    side = sheet.scheme.a if sheet.seed % 2 else mix(palette.primary, palette.ink, 0.6)
    if sheet.seed % 3 == 0:
        side = mix(palette.soft, palette.secondary, 0.2)
    column = w * 0.35
    canvas.rect(Box(0, 0, column, h), side)
    ink = pick((side,), palette.paper if is_dark(side) else palette.ink)
    x, width = 26.0, column - 52
    _portrait(
        sheet,
        column / 2,
        92,
        54,
        mix(side, palette.paper, 0.6),
        palette.primary if not is_dark(side) else palette.accent,
    )
    _heading(sheet, style, x, 186, "Contact", width, (side,), ink)
    _contact(sheet, style, x, 208, (side,), ink)
    _heading(sheet, style, x, 282, "Skills", width, (side,), ink)
    _skills(sheet, style, x, 306, width, (side,), pick((side,), palette.accent, ink))
    _heading(sheet, style, x, 436, "About", width, (side,), ink)
    _greek(sheet, x, 457, width, 9, mix(ink, side, 0.5))
    _heading(sheet, style, x, 562, "Languages", width, (side,), ink)
    _greek(sheet, x, 582, width, 5, mix(ink, side, 0.5))
    on = (paper,)
    accent = pick(on, palette.primary, palette.ink)
    x, width = column + 30, w - column - 58
    used = _name(sheet, style, Box(x, 48, width, 82), on, "start", palette.ink)
    trade = fit(sheet.words.headline, style.body, width, 20, 15, 1)
    canvas.text(x, used.bottom + 24, trade.lines[0], trade.size, style.body, accent, on)
    _heading(sheet, style, x, 186, "Experience", width, on, accent)
    y = _jobs(sheet, style, x, 210, width, 3, on, accent)
    _heading(sheet, style, x, y + 10, "Education", width, on, accent)
    y = _school(sheet, style, x, y + 34, width, on, accent)
    if h - y > 60:
        _heading(sheet, style, x, y + 10, "Interests", width, on, accent)
        _greek(sheet, x, y + 29, width, 3, mix(palette.ink, paper, 0.72))


def _header(sheet: Sheet, style: Style, paper: str) -> None:
    """A band with the name and a piece of the style's art; two columns below."""
    canvas, palette = sheet.canvas, sheet.palette
    w = canvas.width
    split = w * 0.62
    fill = sheet.scheme.card
    canvas.rect(Box(0, 0, split, 168), fill)
    style.picture(sheet, Box(split, 0, w - split, 168))
    on = (fill,)
    ink = pick(on, sheet.scheme.shout, palette.ink, palette.paper)
    used = _name(sheet, style, Box(36, 44, split - 62, 66), on, "start", ink)
    style.small(sheet, 36, used.bottom + 26, sheet.words.headline, on, "start", 14, room=split - 62, ink=ink)
    grounds = (paper,)
    accent = pick(grounds, palette.primary, palette.ink)
    left, width = 36.0, w * 0.54
    _heading(sheet, style, left, 204, "Experience", width, grounds, accent)
    _jobs(sheet, style, left, 228, width, 5, grounds, accent)
    x = left + width + 32
    narrow = w - x - 36
    _heading(sheet, style, x, 204, "Profile", narrow, grounds, accent)
    _greek(sheet, x, 222, narrow, 6, mix(palette.ink, paper, 0.72))
    _heading(sheet, style, x, 304, "Skills", narrow, grounds, accent)
    _skills(sheet, style, x, 328, narrow, grounds, accent)
    _heading(sheet, style, x, 456, "Education", narrow, grounds, accent)
    _school(sheet, style, x, 480, narrow, grounds, accent)
    _heading(sheet, style, x, 572, "Contact", narrow, grounds, accent)
    _contact(sheet, style, x, 595, grounds, palette.ink)


def _classic(sheet: Sheet, style: Style, paper: str) -> None:
    """One column, centred name, and rules between the parts."""
    canvas, palette = sheet.canvas, sheet.palette
    w, h = canvas.width, canvas.height
    on = (paper,)
    accent = pick(on, palette.primary, palette.ink)
    m = 46.0
    canvas.rect(Box(0, 0, w, 10), palette.primary)
    canvas.rect(Box(0, h - 10, w, 10), palette.primary)
    used = _name(sheet, style, Box(m, 46, w - 2 * m, 50), on, "middle", palette.ink)
    style.small(sheet, w / 2, used.bottom + 24, sheet.words.headline, on, "middle", 14, room=w - 2 * m, ink=accent)
    style.small(
        sheet,
        w / 2,
        used.bottom + 44,
        f"{sheet.words.person.split()[0].lower()}@mail.example  ·  +1 555 0100",
        on,
        "middle",
        10,
        room=w - 2 * m,
        ink=palette.ink,
    )
    style.rule(sheet, w / 2, used.bottom + 62, w * 0.3, "middle")
    y = used.bottom + 92
    label = 104.0
    x, width = m + label + 14, w - 2 * m - label - 14
    for title in ("Profile", "Experience", "Education", "Skills"):
        canvas.text(m, y, title, 11, style.label, accent, on, room=label - 4)
        if title == "Profile":
            y = _greek(sheet, x, y - 3, width, 4, mix(palette.ink, paper, 0.72)) + 20
        elif title == "Experience":
            y = _jobs(sheet, style, x, y, width, 3, on, accent) + 8
        elif title == "Education":
            y = _school(sheet, style, x, y, width, on, accent) + 8
        else:
            _skills(sheet, style, x, y, width, on, accent)
        if title != "Skills":
            canvas.line(trace("M", m, y - 16, "H", w - m), mix(accent, paper, 0.6), 0.8)
