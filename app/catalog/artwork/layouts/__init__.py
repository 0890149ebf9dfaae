"""How each type of template is laid out."""

from __future__ import annotations

from collections.abc import Callable

from app.catalog.artwork.layouts.announcement import draw_announcement
from app.catalog.artwork.layouts.business_card import draw_business_card
from app.catalog.artwork.layouts.infographic import draw_infographic
from app.catalog.artwork.layouts.logo import draw_logo
from app.catalog.artwork.layouts.menu import draw_menu
from app.catalog.artwork.layouts.presentation import draw_presentation
from app.catalog.artwork.layouts.resume import draw_resume
from app.catalog.artwork.sheet import Sheet
from app.catalog.artwork.styles import Style

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
