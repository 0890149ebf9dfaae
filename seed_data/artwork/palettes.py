"""The named palettes that artwork is coloured from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Six colours in harmony. `paper` is light, `ink` dark, `soft` a pale tint; the other three carry the art."""

    slug: str
    paper: str
    ink: str
    primary: str
    secondary: str
    accent: str
    soft: str

    @property
    def art(self) -> tuple[str, str, str]:
        """The three colours that shapes are filled with."""
        return self.primary, self.secondary, self.accent


def _palette(slug: str, *colours: str) -> Palette:
    return Palette(slug, *("#" + colour for colour in colours))


PALETTES: dict[str, Palette] = {
    palette.slug: palette
    for palette in (
        #                     paper     ink       primary   secondary accent    soft
        _palette("sunset", "fff6ec", "3b1c32", "e4572e", "f3a738", "a23b72", "ffdcb8"),
        _palette("forest", "f5f3e7", "1c3127", "2f6b4f", "9bb168", "d98e32", "dce5cb"),
        _palette("ocean", "f1f8fa", "0b2942", "136f8f", "56b6c2", "f2a65a", "cfe8ee"),
        _palette("blush", "fff5f3", "4a2232", "d4788a", "f0b7a8", "9c4a5f", "fbe0da"),
        _palette("mono", "f7f6f3", "161616", "3a3a3a", "9a9a96", "d7d5cf", "e8e6e1"),
        _palette("citrus", "fffbe6", "24320f", "f2b705", "8fb339", "f26419", "fff0b3"),
        _palette("berry", "fdf3f8", "2b1138", "8e2a6b", "d64c7f", "5b3a9b", "f5d3e5"),
        _palette("terracotta", "fbf3ea", "3d2419", "b5573a", "dfa27c", "6e7f5c", "f2dcc8"),
        _palette("lavender", "f8f5ff", "2a2350", "6f5fc0", "b3a4ec", "e99fc2", "e4dcfb"),
        _palette("mint", "f0faf5", "12362f", "2a9d82", "8ed7b8", "f2785c", "d0f0e1"),
        _palette("midnight", "f2f1fb", "10142e", "27347d", "5d6fd6", "f4c95d", "d6dbf5"),
        _palette("candy", "fff7fb", "3a1550", "ff5d8f", "ffc145", "3fb8e8", "ffdbe8"),
        _palette("cobalt", "f4f6fb", "0d1b3d", "1f4fd8", "7fa6f8", "ff6b4a", "dbe5fd"),
        _palette("mustard", "fbf5e3", "33261a", "d39b22", "2f6f73", "b8452f", "f1e1b6"),
    )
}
