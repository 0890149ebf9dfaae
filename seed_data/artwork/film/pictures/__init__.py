"""The pictures of film posters, one for each genre: all of invented things."""

from __future__ import annotations

from collections.abc import Callable

from seed_data.artwork.canvas import Box, Canvas
from seed_data.artwork.film.pictures.delights import animation, childrens, comedy, documentary, musical
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
