"""How a slug is written for people."""

from __future__ import annotations

import re
from functools import cache

_SLUG = re.compile(r"[a-z0-9]+(?:[-_ ][a-z0-9]+)*")

_SPELLED = {
    "art-deco": "Art Deco",
    "childrens": "Children’s",
    "cv": "CV",
    "diy": "DIY",
    "film-noir": "Film-Noir",
    "imax": "IMAX",
    "resume": "Résumé",
    "sci-fi": "Sci-Fi",
    "tv": "TV",
    "y2k": "Y2K",
}


@cache
def label(slug: str) -> str:
    """A slug in words: ``social-post`` is “Social post”, ``resume`` is “Résumé”, ``1990s`` stays “1990s”.

    What is no slug is how a shop spells it: ``T-Shirts & Co.`` stays as it is.
    """
    if slug in _SPELLED:
        return _SPELLED[slug]
    if not _SLUG.fullmatch(slug):
        return slug.strip()
    words = slug.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
