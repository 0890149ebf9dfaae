"""The visual styles that templates come in, by slug."""

from __future__ import annotations

from app.catalog.artwork.styles.base import Style
from app.catalog.artwork.styles.bold import Bold
from app.catalog.artwork.styles.botanical import Botanical
from app.catalog.artwork.styles.brutalist import Brutalist
from app.catalog.artwork.styles.corporate import Corporate
from app.catalog.artwork.styles.elegant import Elegant
from app.catalog.artwork.styles.geometric import Geometric
from app.catalog.artwork.styles.gradient import Gradient
from app.catalog.artwork.styles.hand_drawn import HandDrawn
from app.catalog.artwork.styles.minimal import Minimal
from app.catalog.artwork.styles.playful import Playful
from app.catalog.artwork.styles.retro import Retro

STYLES: dict[str, Style] = {
    "minimal": Minimal(),
    "retro": Retro(),
    "bold": Bold(),
    "botanical": Botanical(),
    "corporate": Corporate(),
    "playful": Playful(),
    "elegant": Elegant(),
    "brutalist": Brutalist(),
    "gradient": Gradient(),
    "hand-drawn": HandDrawn(),
    "geometric": Geometric(),
}

__all__ = ["STYLES", "Style"]
