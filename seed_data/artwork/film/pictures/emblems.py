"""Posters with one thing on them, which stands for a genre: on a disc, in an arch, over stripes or on a hill."""

from __future__ import annotations

from seed_data.artwork.canvas import Box, Canvas
from seed_data.artwork.colour import mix
from seed_data.artwork.film.tones import Tones
from seed_data.artwork.motifs import motif_markup
from seed_data.artwork.shapes import arch, beams, number, points, wave

EMBLEMS: dict[str, tuple[str, ...]] = {
    "action": ("bolt", "towers", "rocket", "peaks", "trophy", "plane"),
    "adventure": ("peaks", "palm", "plane", "tent", "globe", "tree", "book"),
    "animation": ("rocket", "dog", "balloons", "pencil", "paw", "sun"),
    "childrens": ("teddy", "balloons", "paw", "dog", "gift", "house"),
    "comedy": ("cupcake", "megaphone", "vinyl", "chair", "dog", "glass", "bag", "cup"),
    "crime": ("coins", "lamp", "moon", "bag", "bottle", "towers"),
    "documentary": ("globe", "camera", "bars", "people", "book", "tree"),
    "drama": ("house", "lamp", "moon", "flower", "chair", "book", "drop", "tree", "cup", "note"),
    "fantasy": ("moon", "tree", "lotus", "book", "flake", "drop"),
    "film-noir": ("lamp", "moon", "glass", "towers", "bottle"),
    "horror": ("pumpkin", "moon", "house", "tree", "cross", "lamp"),
    "musical": ("note", "vinyl", "dress", "megaphone", "glass"),
    "mystery": ("book", "lamp", "moon", "house", "bottle", "camera"),
    "romance": ("heart", "rings", "bouquet", "flower", "moon", "dress", "glass", "drop"),
    "sci-fi": ("planet", "rocket", "chip", "laptop", "bulb", "globe"),
    "thriller": ("plane", "camera", "moon", "house", "chip", "drop", "lamp", "towers"),
    "war": ("plane", "globe", "peaks", "flower", "people", "tree"),
    "western": ("sun", "peaks", "bottle", "cup", "coins", "moon"),
}
"""What may stand for a film of a genre; a genre that is not here has what drama has."""
GROUNDS = 4
"""A disc, an arch, slanted stripes, a hill before a low sun."""
_SIDE = 212.0


def emblem(canvas: Canvas, box: Box, tones: Tones, name: str, ground: int) -> None:
    """Draw the motif `name` in the upper part of a poster, on one of the grounds."""
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
    else:
        for stripe in range(5):
            top = box.y - 40 + 104 * stripe
            slant = [(box.x, top + 90), (box.right, top - 30), (box.right, top + 22), (box.x, top + 142)]
            canvas.path(points(slant), calm, 'opacity=".55"')
    dark = mix(tones.shade, tones.main, 0.12)
    markup = motif_markup(name, tones.main, mix(tones.main, tones.light, 0.55), tones.light, dark, "#fffaf0")
    scale = _SIDE / 100
    place = f"translate({number(x - _SIDE / 2)} {number(y - _SIDE / 2)}) scale({round(scale, 3)})"
    canvas.raw(f'<g transform="{place}">{markup}</g>')
