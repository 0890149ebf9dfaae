"""Colour arithmetic: mixing, luminance and the contrast law that all lettering obeys."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

# Least contrast of lettering over its ground, a little above the 4.5 of WCAG 2.2, success criterion 1.4.3. White or
# black reads over any single colour with at least 4.58.
_MARGIN = 4.55
WHITE, BLACK = "#ffffff", "#000000"


@lru_cache(maxsize=4096)
def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0..255, of a colour written ``#rrggbb``."""
    if len(colour) != 7 or colour[0] != "#":
        raise ValueError(f"colour {colour!r} must be written #rrggbb")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@lru_cache(maxsize=65536)
def mix(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0..1) of `other` stirred in."""
    pairs = zip(channels(colour), channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


@lru_cache(maxsize=65536)
def luminance(colour: str) -> float:
    """Relative luminance, 0..1 (WCAG 2.2)."""
    red, green, blue = (
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@lru_cache(maxsize=65536)
def contrast(colour: str, ground: str) -> float:
    """Contrast ratio, 1..21 (WCAG 2.2)."""
    first, second = luminance(colour), luminance(ground)
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def least_contrast(colour: str, grounds: Iterable[str]) -> float:
    """The contrast of `colour` over the least favourable of `grounds`."""
    return min(contrast(colour, ground) for ground in grounds)


@lru_cache(maxsize=65536)
def readable(colour: str, grounds: tuple[str, ...]) -> str:
    """`colour`, moved towards white or black as little as makes it readable over every ground.

    Where no colour reads over all grounds, the better of white and black is returned; a layout avoids that by laying
    lettering over grounds of like lightness only.
    """
    if least_contrast(colour, grounds) >= _MARGIN:
        return colour
    best = max((WHITE, BLACK), key=lambda end: least_contrast(end, grounds))
    for step in range(1, 9):
        moved = mix(colour, best, step / 8)
        if least_contrast(moved, grounds) >= _MARGIN:
            return moved
    return best


def pick(grounds: tuple[str, ...], *candidates: str) -> str:
    """The first of `candidates` that reads over every ground, else the first one made readable."""
    for candidate in candidates:
        if least_contrast(candidate, grounds) >= _MARGIN:
            return candidate
    return readable(candidates[0], grounds)


def is_dark(colour: str) -> bool:
    """Whether white lettering reads better than black on `colour`."""
    return luminance(colour) < 0.179
