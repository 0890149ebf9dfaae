"""The pictures of film posters: scenes of each genre, and things that stand for it; all of them invented."""

from __future__ import annotations

from collections.abc import Callable

from seed_data.artwork.canvas import Box, Canvas
from seed_data.artwork.film.pictures.delights import animation, childrens, comedy, documentary, musical
from seed_data.artwork.film.pictures.emblems import ARRANGEMENTS, EMBLEMS, GROUNDS, emblem
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
_VARIED = 97
"""Seeds by which details of one scene differ."""
_COMBINATIONS = GROUNDS * ARRANGEMENTS
_APART = 7
"""Coprime with the combinations: things that follow one another stand on other grounds, in other arrangements."""


def picture_count(genre: str) -> int:
    """How many pictures a genre has: each of its scenes, and each of its things on each ground in each arrangement."""
    drawn = _drawn(genre)
    return _scenes(drawn)[1] + len(EMBLEMS[drawn]) * _COMBINATIONS


def picture_name(genre: str, seed: int) -> str:
    """What a poster shows, such as ``drama scene 2`` or ``drama lamp 1 4``; of two that look alike it is the same.

    As many seeds in a row as the genre has pictures show each of them once, no thing again before every other one.
    """
    drawn = _drawn(genre)
    things, scenes = EMBLEMS[drawn], _scenes(drawn)[1]
    choice = seed % picture_count(genre)
    if choice < scenes:
        return f"{drawn} scene {choice}"
    turn, thing = divmod(choice - scenes, len(things))
    ground, arrangement = divmod((turn + _APART * thing) % _COMBINATIONS, ARRANGEMENTS)
    return f"{drawn} {things[thing]} {ground} {arrangement}"


def _drawn(genre: str) -> str:
    return genre if genre in PICTURES else "drama"


def _scenes(drawn: str) -> tuple[int, int]:
    return _SCENES.get(drawn, (1, 1))


def thing_name(picture: str) -> str:
    """What of a picture the eye knows again: the thing whatever its ground, or the scene."""
    return picture if " scene " in picture else " ".join(picture.split(" ")[:2])


def draw_picture(canvas: Canvas, box: Box, tones: Tones, genre: str, seed: int) -> None:
    """Draw the picture that `picture_name` names."""
    drawn, shown, *numbers = picture_name(genre, seed).split(" ")
    if shown == "scene":
        divisor, scenes = _scenes(drawn)
        PICTURES[drawn](canvas, box, tones, divisor * (int(numbers[0]) + scenes * (seed % _VARIED)))
    else:
        emblem(canvas, box, tones, shown, int(numbers[0]), int(numbers[1]))
