"""The colours a film poster is printed in: what its genre asks for, as its decade would have printed it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from seed_data.artwork.colour import mix
from seed_data.artwork.palettes import Palette


@dataclass(frozen=True, slots=True)
class Tones:
    """`sky` is the top of the picture, `low` its bottom, where titles stand; `light` glows, `shade` is nearly black."""

    sky: str
    low: str
    light: str
    main: str
    shade: str
    ink: str


_GENRE_TONES: dict[str, tuple[tuple[str, ...], ...]] = {
    #    sky       low       light     main      shade
    "action": (
        ("f2994a", "1b1b22", "ffd36b", "d7402b", "121218"),
        ("2b6ca3", "10151f", "ffb347", "e2582f", "0b0f17"),
    ),
    "adventure": (
        ("f0c27b", "2d4a3e", "fff0c2", "c0632f", "16241f"),
        ("7fc4c9", "1f3a4d", "ffe6a7", "d98b3a", "12212c"),
    ),
    "animation": (
        ("7cd3f7", "2b4fa8", "fff3b0", "ff7a59", "1d2b66"),
        ("ffd1e8", "6a3fb5", "fff6c9", "ff6fa3", "2d1a5c"),
    ),
    "childrens": (
        ("9be0c8", "2a6f7f", "fff1a8", "ff9a4d", "173f4d"),
        ("ffe08a", "d9573f", "fffbe0", "4fb0d9", "4d1f1a"),
    ),
    "comedy": (
        ("ffd84d", "ffd84d", "ffffff", "e84a3c", "2a1a12"),
        ("ff8fa3", "ff8fa3", "fff4d6", "3a6fd8", "2c1220"),
        ("8fd3f4", "8fd3f4", "ffffff", "f2622e", "10243d"),
    ),
    "crime": (
        ("8c1c1c", "16100f", "e8c39e", "c22f2a", "0c0808"),
        ("3f4a55", "14171b", "f0d9a8", "b23a2e", "0b0d10"),
    ),
    "documentary": (
        ("d9d4c7", "d9d4c7", "ffffff", "b5432e", "23211d"),
        ("b9c7c9", "b9c7c9", "ffffff", "2b5d73", "1a2226"),
    ),
    "drama": (
        ("d8b08c", "3a2b2f", "fbe6cc", "a65a49", "1d1518"),
        ("9fb6c6", "27323f", "f3e3cf", "7a5c58", "141b24"),
        ("c8a2a8", "33223a", "ffe9d9", "8a4a63", "1a1120"),
    ),
    "fantasy": (
        ("6a5acd", "1e1640", "ffe7b0", "b98cff", "110b28"),
        ("3aa6a0", "112a3d", "f7ffcf", "7fe0b5", "091a26"),
    ),
    "film-noir": (
        ("6e6e6e", "0f0f10", "f1eee6", "b9b4a8", "070707"),
        ("59616b", "0c0e11", "eef0ea", "a2a9ae", "060708"),
    ),
    "horror": (
        ("7a0f12", "0a0607", "f3e3c7", "c41e1e", "050303"),
        ("2f4a3a", "070b09", "d9f2c4", "7fae5f", "040605"),
    ),
    "musical": (
        ("e0457b", "3a1150", "ffe9a8", "ffb03a", "1f082e"),
        ("f7b733", "7a1f3d", "fff6d6", "ff5e62", "3a0d20"),
    ),
    "mystery": (
        ("3d5a73", "101a26", "f2dfb2", "8b6fa8", "0a111a"),
        ("5b4a70", "150f22", "f4e2c0", "c08a4b", "0c0815"),
    ),
    "romance": (
        ("f7b7a3", "8a2f4a", "fff0dc", "e0596b", "3f1226"),
        ("f3a6b8", "5e2b5f", "ffeedd", "ff7f7f", "2c1230"),
    ),
    "sci-fi": (
        ("1d2b64", "070a18", "9ff3ff", "f8598b", "04060f"),
        ("123a4a", "060d14", "b6ffe8", "ff9a3c", "03080c"),
        ("4a1f6e", "0c0618", "ffd9f5", "48c6ef", "060310"),
    ),
    "thriller": (
        ("35506b", "0c1219", "f4d06f", "d8432f", "070b10"),
        ("4b4238", "12100d", "f6e7c8", "e0782f", "0a0908"),
    ),
    "war": (
        ("b08d57", "2b281c", "f7e2b0", "7d2f20", "171509"),
        ("8d9a7b", "24291e", "f2ecc9", "a8502e", "12150d"),
    ),
    "western": (
        ("f4a950", "5a1f14", "ffe6ad", "c4452a", "2b0d08"),
        ("e98a5b", "3f2117", "fff0c4", "a8382a", "200e08"),
    ),
}  # fmt: skip


def film_tones(genre: str, decade: int, palette: Palette, rng: random.Random) -> Tones:
    """The tones of one poster; `palette` colours genres without tones of their own, and lends some to the others."""
    choices = _GENRE_TONES.get(genre)
    if choices is None:
        night = mix(palette.ink, palette.primary, 0.15)
        return Tones(palette.secondary, night, palette.soft, palette.primary, palette.ink, palette.paper)
    sky, low, light, main, shade = ("#" + colour for colour in rng.choice(choices))
    if genre not in ("film-noir", "documentary"):
        sky, main = mix(sky, palette.primary, 0.18), mix(main, palette.accent, 0.15)
        if genre == "comedy":
            low = sky
    if decade < 1950 and genre != "comedy":
        sky, light, main = mix(sky, "#c8ad7f", 0.3), mix(light, "#efe0bd", 0.4), mix(main, "#8f6b4a", 0.25)
    elif decade == 1970:
        sky, main = mix(sky, "#d98b3a", 0.22), mix(main, "#b5562b", 0.2)
    elif decade == 1980:
        sky, main = mix(sky, "#5a2ca8", 0.22), mix(main, "#ff3fa4", 0.2)
    return Tones(sky, low, light, main, shade, light)
