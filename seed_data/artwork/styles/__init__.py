"""The visual styles that templates come in, by slug."""

from __future__ import annotations

from seed_data.artwork.styles.base import Style
from seed_data.artwork.styles.bold import Bold
from seed_data.artwork.styles.botanical import Botanical
from seed_data.artwork.styles.brutalist import Brutalist
from seed_data.artwork.styles.corporate import Corporate
from seed_data.artwork.styles.elegant import Elegant
from seed_data.artwork.styles.geometric import Geometric
from seed_data.artwork.styles.gradient import Gradient
from seed_data.artwork.styles.hand_drawn import HandDrawn
from seed_data.artwork.styles.minimal import Minimal
from seed_data.artwork.styles.playful import Playful
from seed_data.artwork.styles.retro import Retro

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
