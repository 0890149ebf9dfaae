"""How a slug is written for people."""

from __future__ import annotations

from functools import cache

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
    """A slug in words: ``social-post`` is “Social post”, ``resume`` is “Résumé”, ``1990s`` stays “1990s”."""
    if slug in _SPELLED:
        return _SPELLED[slug]
    words = slug.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
