"""One film poster: a picture by genre, a title lettered as its decade would have, its genres and the year."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from app.values.item import Item
from seed_data.artwork.canvas import Box, Canvas, Grounds
from seed_data.artwork.colour import WHITE, luminance, mix, pick
from seed_data.artwork.film.pictures import draw_picture
from seed_data.artwork.film.tones import Tones, film_tones
from seed_data.artwork.lettering import BLACK, BOLD, ITALIC, LIGHT, NARROW, ROMAN, SERIF, SLAB, Face, fit
from seed_data.artwork.palettes import Palette

_WIDTH, _HEIGHT = 400, 600


@dataclass(frozen=True, slots=True)
class _Era:
    """How a decade lettered its titles; `border` is the white or cream margin that posters were printed with."""

    faces: tuple[Face, ...]
    border: float
    stripes: bool = False


def _era(decade: int) -> _Era:
    if decade < 1950:
        return _Era((SERIF.spaced(0.02), ROMAN.spaced(0.0), SLAB.spaced(-0.03)), 16)
    if decade == 1950:
        return _Era((SLAB, ROMAN.spaced(0.02), ITALIC), 14)
    if decade == 1960:
        return _Era((NARROW.spaced(0.0), BLACK.spaced(-0.02), SERIF), 12)
    if decade == 1970:
        return _Era((SLAB, BLACK, ROMAN), 12, True)
    if decade == 1980:
        return _Era((BLACK.spaced(0.04), NARROW.spaced(0.08), SLAB.spaced(0.0)), 0)
    if decade == 1990:
        return _Era((SERIF.spaced(0.1), NARROW.spaced(0.06), LIGHT.spaced(0.1), ROMAN.spaced(0.02)), 0)
    return _Era((LIGHT.spaced(0.12), BOLD.spaced(0.02), BLACK.spaced(-0.02)), 0)


_GENRE_FACES: dict[str, Face] = {
    "western": SLAB.spaced(-0.02),
    "comedy": BLACK.spaced(-0.02),
    "childrens": BLACK,
    "animation": BLACK,
}


def draw_film(item: Item, palette: Palette, canvas: Canvas) -> None:
    """Draw the poster of `item` on a canvas of 400 by 600. `item.type` is the genre, `item.layout` places the title."""
    year = item.year or 1995
    decade = year // 10 * 10
    tones = film_tones(item.type, decade, palette, canvas.rng)
    era = _era(decade)
    cream = mix("#f4ead2", WHITE, 0.2 if decade < 1960 else 0.6)
    sheet = Box(0, 0, _WIDTH, _HEIGHT)
    picture = sheet.inset(era.border)
    if era.border:
        canvas.rect(sheet, cream)
    canvas.clip(picture)
    canvas.rect(picture, canvas.linear(tones.sky, mix(tones.sky, tones.low, 0.45), tones.low))
    above = item.layout == "full" and item.seed % 3 == 0
    mirrored = item.seed // 3 % 2 == 1
    if above or mirrored:
        turn = f"translate({_WIDTH if mirrored else 0} {150 if above else 0}) scale({-1 if mirrored else 1} 1)"
        canvas.group(f'transform="{turn}"')
    draw_picture(canvas, picture, tones, item.type, year + item.seed)
    if above or mirrored:
        canvas.close()
    face = _GENRE_FACES.get(item.type, era.faces[item.seed % len(era.faces)])
    _title_block(item, canvas, picture, tones, face, era.stripes, above)
    canvas.close()


def _title_block(item: Item, canvas: Canvas, box: Box, tones: Tones, face: Face, stripes: bool, above: bool) -> None:
    """The title over a field that fades into the picture, or on a solid band, with genres and year below."""
    title = _lettered(item.title)
    pale = luminance(tones.low) > 0.3
    field = tones.low if pale else mix(tones.low, tones.shade, 0.35)
    on: Grounds = (field,)
    framed = item.layout == "frame"
    height = 168.0
    if framed:
        band = Box(box.x + 26, box.bottom - height - 10, box.width - 52, height - 16)
        canvas.rect(band, field)
        canvas.rect(band.inset(6), "none", f'stroke="{tones.light}" stroke-opacity=".7"')
        area = Box(band.x + 22, band.y + 22, band.width - 44, band.height - 84)
    elif item.layout == "band":
        band = Box(box.x, box.bottom - height, box.width, height)
        canvas.rect(band, field)
        stripe = 7 if stripes else 4
        for row, colour in enumerate((tones.main, tones.light, tones.sky) if stripes else (tones.main,)):
            canvas.rect(Box(box.x, band.y - stripe * (row + 1), box.width, stripe), colour)
        area = Box(box.x + 26, band.y + 22, box.width - 52, band.height - 76)
    elif above:
        fade = canvas.linear(f"{field}/1", f"{field}/0")
        canvas.rect(Box(box.x, box.y, box.width, height), field)
        canvas.rect(Box(box.x, box.y + height - 1, box.width, 70), fade)
        area = Box(box.x + 24, box.y + 26, box.width - 48, height - 70)
    else:
        fade = canvas.linear(f"{field}/0", f"{field}/1")
        canvas.rect(Box(box.x, box.bottom - height - 90, box.width, 91), fade)
        canvas.rect(Box(box.x, box.bottom - height, box.width, height), field)
        area = Box(box.x + 24, box.bottom - height + 4, box.width - 48, height - 62)
    ink = tones.shade if pale else pick(on, tones.light, WHITE)
    fitted = fit(title, face, area.width, area.height, 58, 4)
    top = area.y + (area.height - fitted.height) / 2
    x = box.centre[0]
    for row, line in enumerate(fitted.lines):
        canvas.text(x, top + fitted.size * 0.72 + row * fitted.leading, line, fitted.size, face, ink, on, "middle")
    _imprint(item, canvas, box, area.bottom + 24, ink, on)


def _imprint(item: Item, canvas: Canvas, box: Box, y: float, ink: str, on: Grounds) -> None:
    genres = "  ·  ".join(tag.replace("-", " ").upper() for tag in item.tags[:3])
    faint = pick(on, mix(ink, on[0], 0.25), ink)
    x = box.centre[0]
    canvas.text(x, y, genres, 12, NARROW.spaced(0.16), faint, on, "middle", room=box.width * 0.74)
    canvas.text(x, y + 19, str(item.year), 14, LIGHT.spaced(0.3), ink, on, "middle")


def _lettered(title: str) -> str:
    """The title without a foreign title in brackets, and in letters that every face has."""
    main = title.split(" (", maxsplit=1)[0] or title
    plain = unicodedata.normalize("NFKD", main).encode("ascii", "ignore").decode()
    return plain if len(plain) >= len(main) * 0.7 else main
