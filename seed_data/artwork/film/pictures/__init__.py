"""The pictures of film posters: scenes of each genre, and things that stand for it; all of them invented."""

from __future__ import annotations

from collections.abc import Callable

from seed_data.artwork.canvas import Box, Canvas
from seed_data.artwork.film.pictures.delights import animation, childrens, comedy, documentary, musical
from seed_data.artwork.film.pictures.emblems import EMBLEMS, GROUNDS, emblem
from seed_data.artwork.film.pictures.feelings import drama, romance
from seed_data.artwork.film.pictures.journeys import adventure, fantasy, war, western
from seed_data.artwork.film.pictures.shadows import crime, horror, mystery, noir, thriller
from seed_data.artwork.film.pictures.thrills import action, scifi
from seed_data.artwork.film.tones import Tones

Picture = Callable[[Canvas, Box, Tones, int], None]

PICTURES: dict[str, Picture] = {
    "action": action,
    "adventure": adventure,
    "animation": animation,
    "childrens": childrens,
    "comedy": comedy,
    "crime": crime,
    "documentary": documentary,
    "drama": drama,
    "fantasy": fantasy,
    "film-noir": noir,
    "horror": horror,
    "musical": musical,
    "mystery": mystery,
    "romance": romance,
    "sci-fi": scifi,
    "thriller": thriller,
    "war": war,
    "western": western,
}

_SCENES: dict[str, tuple[int, int]] = {
    "action": (5, 3),
    "animation": (1, 3),
    "comedy": (3, 5),
    "crime": (1, 2),
    "drama": (3, 6),
    "fantasy": (1, 2),
    "horror": (1, 3),
    "mystery": (1, 2),
    "romance": (1, 2),
    "sci-fi": (1, 3),
    "thriller": (1, 3),
    "war": (1, 2),
}
"""How a picture chooses among its scenes: the seed divided by the first, modulo the second. Others have one scene."""
_SCENE_SHARE = 2
"""A scene is drawn as often as so many things on one ground."""
_MIXED = 2_654_435_761
"""Knuth's multiplier: spreads seeds, so that which scene and which thing do not go together."""


def picture_name(genre: str, seed: int) -> str:
    """What a poster shows, such as ``drama scene 2`` or ``drama lamp 1``; of two that look alike it is the same."""
    drawn = genre if genre in PICTURES else "drama"
    divisor, scenes = _SCENES.get(drawn, (1, 1))
    things = EMBLEMS[drawn]
    choice = (seed * _MIXED & 0xFFFFFFFF) // 4096 % (_SCENE_SHARE * scenes + GROUNDS * len(things))
    if choice < _SCENE_SHARE * scenes:
        return f"{drawn} scene {seed // divisor % scenes}"
    thing, ground = divmod(choice - _SCENE_SHARE * scenes, GROUNDS)
    return f"{drawn} {things[thing]} {ground}"


def thing_name(picture: str) -> str:
    """What of a picture the eye knows again: the thing whatever its ground, or the scene."""
    return picture if " scene " in picture else picture.rpartition(" ")[0]


def draw_picture(canvas: Canvas, box: Box, tones: Tones, genre: str, seed: int) -> None:
    """Draw the picture that `picture_name` names."""
    drawn, shown, number = picture_name(genre, seed).split(" ")
    if shown == "scene":
        PICTURES[drawn](canvas, box, tones, seed)
    else:
        emblem(canvas, box, tones, shown, int(number))
