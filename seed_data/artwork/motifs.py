"""Little pictures of what a template is about, in a box of 100 by 100.

{a} {b} {c} are the three art colours, {k} the dark one and {w} the light one. A style decides what they are, and may
put a stroke around everything.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

_MOTIFS: dict[str, str] = {
    name: markup.replace("\n", "")
    for name, markup in tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")).items()
}

_OF_TOPIC: dict[str, tuple[str, ...]] = {
    "yoga": ("lotus", "sun", "moon"),
    "coffee": ("cup", "beans"),
    "bakery": ("cupcake", "bread"),
    "music": ("vinyl", "note"),
    "wedding": ("rings", "bouquet", "heart"),
    "birthday": ("balloons", "gift", "cupcake"),
    "kids": ("teddy", "balloons", "sun"),
    "school": ("pencil", "cap", "book"),
    "travel": ("palm", "plane", "globe"),
    "outdoors": ("peaks", "tent", "tree"),
    "fitness": ("dumbbell", "bolt", "trophy"),
    "realestate": ("house", "towers"),
    "technology": ("chip", "laptop"),
    "startup": ("bulb", "rocket", "towers"),
    "finance": ("bars", "coins", "towers"),
    "marketing": ("megaphone", "bars"),
    "fashion": ("dress", "bag"),
    "beauty": ("bottle", "flower"),
    "food": ("bowl", "plate", "glass"),
    "garden": ("pot", "flower"),
    "pets": ("dog", "paw"),
    "space": ("planet", "rocket", "moon"),
    "environment": ("globe", "tree", "drop"),
    "art": ("palette", "pencil"),
    "photography": ("camera",),
    "books": ("book",),
    "cinema": ("clapper", "camera"),
    "sports": ("ball", "trophy"),
    "gaming": ("gamepad", "trophy"),
    "winter": ("pine", "flake", "gift"),
    "halloween": ("pumpkin", "moon"),
    "health": ("cross", "heart"),
    "community": ("people", "heart"),
    "architecture": ("chair", "lamp", "towers"),
}
MOTIF_NAMES = tuple(_MOTIFS)


def motif_for(tags: tuple[str, ...], seed: int) -> str:
    """The name of the motif for what `tags` are about; the first tag is the topic. Unknown topics get any motif."""
    for tag in tags:
        if tag in _OF_TOPIC:
            return _OF_TOPIC[tag][seed % len(_OF_TOPIC[tag])]
    return MOTIF_NAMES[seed % len(MOTIF_NAMES)]


def motif_markup(name: str, primary: str, secondary: str, accent: str, dark: str, light: str) -> str:
    """The markup of one motif in the given paints, to be put in a group that places and scales it."""
    markup = _MOTIFS[name]
    for mark, paint in (("{a}", primary), ("{b}", secondary), ("{c}", accent), ("{k}", dark), ("{w}", light)):
        markup = markup.replace(mark, paint)
    return markup
