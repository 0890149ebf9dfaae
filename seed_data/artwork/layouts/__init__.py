"""How each type of template is laid out."""

from __future__ import annotations

from collections.abc import Callable

from seed_data.artwork.layouts.announcement import draw_announcement
from seed_data.artwork.layouts.business_card import draw_business_card
from seed_data.artwork.layouts.infographic import draw_infographic
from seed_data.artwork.layouts.logo import draw_logo
from seed_data.artwork.layouts.menu import draw_menu
from seed_data.artwork.layouts.presentation import draw_presentation
from seed_data.artwork.layouts.resume import draw_resume
from seed_data.artwork.sheet import Sheet
from seed_data.artwork.styles import Style

Layout = Callable[[Sheet, Style, str], None]

LAYOUTS: dict[str, Layout] = {
    "presentation": draw_presentation,
    "resume": draw_resume,
    "logo": draw_logo,
    "business-card": draw_business_card,
    "menu": draw_menu,
    "infographic": draw_infographic,
    "poster": draw_announcement,
    "flyer": draw_announcement,
    "social-post": draw_announcement,
    "story": draw_announcement,
    "invitation": draw_announcement,
}

__all__ = ["LAYOUTS", "draw_announcement"]
