"""Which layouts a type can have, and which looks suit which type and style."""

from __future__ import annotations

LAYOUTS: dict[str, tuple[str, ...]] = {
    "presentation": ("split", "cover", "band"),
    "poster": ("hero", "stack", "frame"),
    "social-post": ("hero", "card", "split"),
    "story": ("hero", "card", "stack"),
    "resume": ("sidebar", "header", "classic"),
    "invitation": ("frame", "arch", "hero"),
    "logo": ("emblem", "stacked", "monogram"),
    "business-card": ("split", "centered", "corner"),
    "flyer": ("hero", "band", "stack"),
    "menu": ("columns", "framed", "header"),
    "infographic": ("bars", "steps", "donut"),
}

STYLES_OF_TYPE: dict[str, tuple[str, ...]] = {
    "presentation": ("corporate", "minimal", "gradient", "geometric"),
    "poster": ("bold", "retro", "brutalist", "geometric"),
    "social-post": ("playful", "bold", "gradient", "minimal"),
    "story": ("gradient", "playful", "bold", "hand-drawn"),
    "resume": ("minimal", "corporate", "elegant", "geometric"),
    "invitation": ("elegant", "botanical", "hand-drawn", "playful"),
    "logo": ("minimal", "retro", "geometric", "elegant"),
    "business-card": ("minimal", "elegant", "corporate", "geometric"),
    "flyer": ("bold", "playful", "retro", "corporate"),
    "menu": ("retro", "elegant", "botanical", "hand-drawn"),
    "infographic": ("corporate", "playful", "geometric", "hand-drawn"),
}

PALETTES_OF_STYLE: dict[str, tuple[str, ...]] = {
    "minimal": ("mono", "blush", "terracotta", "mint", "ocean"),
    "retro": ("mustard", "sunset", "terracotta", "ocean", "citrus"),
    "bold": ("sunset", "cobalt", "citrus", "berry", "candy"),
    "botanical": ("forest", "mint", "blush", "terracotta"),
    "corporate": ("cobalt", "ocean", "midnight", "mint"),
    "playful": ("candy", "citrus", "mint", "lavender", "sunset"),
    "elegant": ("blush", "midnight", "mono", "forest", "berry"),
    "brutalist": ("mono", "citrus", "cobalt", "sunset", "candy"),
    "gradient": ("lavender", "berry", "sunset", "ocean", "midnight", "candy"),
    "hand-drawn": ("terracotta", "mustard", "mint", "blush", "forest"),
    "geometric": ("mustard", "cobalt", "sunset", "ocean", "midnight"),
}
"""The palettes that suit a style; its keys are all the styles there are."""
