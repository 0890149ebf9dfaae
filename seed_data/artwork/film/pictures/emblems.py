"""Posters with one thing on them, which stands for a genre, on one of a few grounds."""

from __future__ import annotations

from seed_data.artwork.canvas import Box, Canvas
from seed_data.artwork.colour import mix
from seed_data.artwork.film.tones import Tones
from seed_data.artwork.motifs import motif_markup
from seed_data.artwork.shapes import arch, beams, number, points, wave

_THINGS = {
    "action": "bolt towers rocket peaks trophy plane dumbbell ball globe sun coins "
    "camera laptop flake house tree bag bottle tent people dog cap glass",
    "adventure": "peaks palm plane tent globe tree book sun pine camera bag moon coins bottle planet",
    "animation": "rocket dog balloons pencil paw sun palette ball teddy gift planet pumpkin flower house moon cupcake",
    "childrens": "teddy balloons paw dog gift house ball cupcake pencil sun flower palette bowl cap pumpkin rocket",
    "comedy": "cupcake megaphone vinyl chair dog glass bag cup cap ball plate pot bread bulb balloons clapper gift "
    "people house heart camera tree laptop rings bouquet dress lamp teddy palm tent trophy sun paw coins flower",
    "crime": "coins lamp moon bag bottle towers camera house glass book bulb note cup "
    "dress plane pine plate trophy people chair dog vinyl cross rings heart laptop",
    "documentary": "globe camera bars people book tree bulb laptop drop pencil megaphone sun clapper palm paw bread",
    "drama": "house lamp moon flower chair book drop tree cup note bouquet pencil plate bottle rings cap people glass "
    "heart sun towers camera bag coins palm dress pot bread vinyl plane dog tent pine cross gift bowl",
    "fantasy": "moon tree lotus book flake drop planet globe bottle pumpkin house sun rings flower",
    "film-noir": "lamp moon glass towers bottle cup coins camera dress house note bag book",
    "horror": "pumpkin moon house tree cross lamp flake teddy drop book pine camera "
    "bottle chair glass paw gift dog bag note people towers bowl cap tent",
    "musical": "note vinyl dress megaphone glass clapper sun balloons heart cap bouquet palm lamp",
    "mystery": "book lamp moon house bottle camera glass cup pencil tree coins note drop bag",
    "romance": "heart rings bouquet flower moon dress glass drop cup palm sun gift bottle "
    "note plate lotus house lamp book tree camera people balloons bag pine teddy",
    "sci-fi": "planet rocket chip laptop bulb globe moon bolt flake towers sun peaks camera "
    "drop tent lamp chair house cup pine coins plane glass book dog clapper bars",
    "thriller": "plane camera moon house chip drop lamp towers cup bottle glass laptop "
    "pine chair coins bolt book tree note bag globe cross dog people",
    "war": "plane globe peaks flower people tree cross house sun pine towers bread cup drop",
    "western": "sun peaks bottle cup coins moon tent tree bread house pot beans flower",
}
EMBLEMS = {genre: tuple(things.split()) for genre, things in _THINGS.items()}
"""What may stand for a film of a genre; a genre that is not here has what drama has."""
GROUNDS = 6
"""A disc, an arch, slanted stripes, a hill before a low sun, rings, a sun that sets in bars."""
_SIDE = 212.0
_PLACES: tuple[tuple[tuple[float, float, float, float], ...], ...] = (
    ((0, 0, 1, 0),),
    ((58, 34, 1.7, 0),),
    ((0, 0, 1.06, -17),),
    ((-112, 62, 0.5, -8), (112, 62, 0.5, 8), (0, -22, 0.86, 0)),
    ((-74, -46, 0.74, -10), (78, 42, 0.74, 10)),
    ((-78, -78, 0.54, 0), (78, -78, 0.54, 0), (-78, 66, 0.54, 0), (78, 66, 0.54, 0)),
)
"""Of each arrangement, where things stand: right of and below the middle, in sizes of one alone, turned by degrees."""
ARRANGEMENTS = len(_PLACES)
"""One thing, one so large that it leaves the sheet, one aslant, a large one before two small ones, two, four."""


def emblem(canvas: Canvas, box: Box, tones: Tones, name: str, ground: int, arrangement: int) -> None:
    """Draw the motif `name` in the upper part of a poster, on one of the grounds, in one of the arrangements."""
    x, y = box.centre[0], box.y + 214
    calm = mix(tones.sky, tones.light, 0.35)
    if ground == 0:
        canvas.circle(x, y, 156, calm)
        canvas.circle(x, y, 170, "none", f'stroke="{tones.light}" stroke-width="3" opacity=".7"')
    elif ground == 1:
        canvas.path(arch(x - 142, y - 172, 284, 352), calm)
        canvas.path(beams(x, y + 10, 134, 12, 0.13), tones.light, 'opacity=".3"')
    elif ground == 3:
        canvas.circle(x, y + 40, 178, tones.light, 'opacity=".28"')
        canvas.circle(x, y + 40, 132, tones.light, 'opacity=".35"')
        canvas.path(wave(box.x, y + 84, box.width, 26, 1, 400), mix(tones.main, tones.low, 0.55))
    elif ground == 4:
        for ring in range(4):
            canvas.circle(x, y, 186 - 40 * ring, calm if ring % 2 == 0 else tones.sky, 'opacity=".6"')
    elif ground == 5:
        canvas.circle(x, y - 4, 172, calm)
        for bar in range(4):
            canvas.rect(Box(box.x, y + 66 + 27 * bar, box.width, 6 + 4 * bar), tones.sky)
    else:
        for stripe in range(5):
            top = box.y - 40 + 104 * stripe
            slant = [(box.x, top + 90), (box.right, top - 30), (box.right, top + 22), (box.x, top + 142)]
            canvas.path(points(slant), calm, 'opacity=".55"')
    dark = mix(tones.shade, tones.main, 0.12)
    markup = motif_markup(name, tones.main, mix(tones.main, tones.light, 0.55), tones.light, dark, "#fffaf0")
    for right, down, size, turn in _PLACES[arrangement]:
        turned = f" rotate({number(turn)})" if turn else ""
        place = f"translate({number(x + right)} {number(y + down)}){turned} scale({round(size * _SIDE / 100, 3)})"
        canvas.raw(f'<g transform="{place} translate(-50 -50)">{markup}</g>')
