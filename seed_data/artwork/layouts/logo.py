"""A logo: a mark and a name."""

from __future__ import annotations

import math

from seed_data.artwork.canvas import Box
from seed_data.artwork.colour import pick
from seed_data.artwork.shapes import number, trace
from seed_data.artwork.sheet import Sheet
from seed_data.artwork.styles.base import Style

_TRADES = """
Academy Accounting Adventure Aerospace Animation Apothecary App Arcade Architects Atelier Athletics Bakery Balloon
Barber Bike Bistro Board Boat Books Boutique Boxing Branding Bridal Cake Campground Capital Catering Ceramics
Christmas Climbing Coffee Comics Community Confetti Consulting Cookie Costumes Coworking Craft Creative Cycling Data
Daycare Denim Dental Design Dog Doughnut Eco Escape Espresso Event Eye Family Film Fitness Flower Foundation
Furniture Gallery Games Garden Guesthouse Guitar Hair Homes Innovation Insurance Interiors Jewelry Joinery Kids
Knitwear Labs Landscaping Language Learning Media Meditation Mortgage Music Nail Noodle Observatory Outfitters Paper
Party Patisserie Personal Pet Pharmacy Photo Photography Pictures Pizzeria Plant Play Podcast Print Property
Publishing Pumpkin Reading Realty Records Recycling Refill Robotics School Science Skate Ski Skincare Software Solar
Sound Spa Surf Tailors Taqueria Tea Tennis Therapy Toy Travel Tutoring Ventures Veterinary Wealth Wedding Weddings
Wellness Yoga
"""
_TRADE_WORDS = frozenset(_TRADES.split())
"""First words of what businesses do; what stands before one of them is a name."""


def draw_logo(sheet: Sheet, style: Style, layout: str) -> None:
    """Draw one logo in the named layout; an unknown layout is drawn as ``stacked``."""
    style.background(sheet)
    {"emblem": _emblem, "monogram": _monogram}.get(layout, _stacked)(sheet, style)


def split_name(words: str) -> tuple[str, str]:
    """The distinctive part of a business name and what it does: Little Fox Toy Store is Little Fox, Toy Store."""
    parts = words.split()
    cut = next((place for place in range(1, len(parts)) if parts[place] in _TRADE_WORDS), len(parts))
    return " ".join(parts[:cut]), " ".join(parts[cut:])


def _stacked(sheet: Sheet, style: Style) -> None:
    w = sheet.canvas.width
    on = sheet.scheme.ground
    name, trade = split_name(sheet.words.headline)
    style.emblem(sheet, w / 2, w * 0.36, w * 0.34)
    used = style.headline(sheet, Box(w * 0.12, w * 0.63, w * 0.76, w * 0.16), on, "middle", "top", name, w * 0.13)
    if trade:
        style.tag(sheet, w / 2, used.bottom + w * 0.075, trade, on, "middle", w * 0.036, room=w * 0.7)


def _emblem(sheet: Sheet, style: Style) -> None:
    """A round badge: rim, mark, name across the lower half."""
    canvas, scheme = sheet.canvas, sheet.scheme
    w = canvas.width
    x = w / 2
    on = scheme.ground
    line = pick(on, scheme.a, scheme.ink)
    canvas.circle(x, x, w * 0.41, "none", f'stroke="{line}" stroke-width="{number(w * 0.012)}"')
    canvas.circle(x, x, w * 0.385, "none", f'stroke="{line}" stroke-width="1.2"')
    ticks = "".join(
        trace(
            "M",
            x + w * 0.425 * math.cos(a),
            x + w * 0.425 * math.sin(a),
            "L",
            x + w * 0.44 * math.cos(a),
            x + w * 0.44 * math.sin(a),
        )
        for a in (2 * math.pi * tick / 40 for tick in range(40))
    )
    canvas.line(ticks, line, 2)
    name, trade = split_name(sheet.words.headline)
    style.emblem(sheet, x, w * 0.34, w * 0.24)
    used = style.headline(sheet, Box(w * 0.2, w * 0.52, w * 0.6, w * 0.15), on, "middle", "middle", name, w * 0.1)
    style.rule(sheet, x, used.bottom + w * 0.045, w * 0.2, "middle")
    style.tag(
        sheet,
        x,
        used.bottom + w * 0.1,
        trade or f"Since {1950 + sheet.seed % 70}",
        on,
        "middle",
        w * 0.032,
        room=w * 0.44,
    )


def _monogram(sheet: Sheet, style: Style) -> None:
    """Initials large, framed by a shape, and the name beneath."""
    canvas, scheme = sheet.canvas, sheet.scheme
    w = canvas.width
    on = scheme.ground
    name, trade = split_name(sheet.words.headline)
    initials = "".join(part[0] for part in name.split() if part[0].isalpha())[:2]
    fill = scheme.a
    x, y, r = w / 2, w * 0.36, w * 0.2
    kind = sheet.seed % 4
    if kind == 0:
        canvas.circle(x, y, r, fill)
    elif kind == 1:
        style.plate(sheet, Box(x - r, y - r, 2 * r, 2 * r), fill)
    elif kind == 2:
        pairs = [
            (x + r * 1.1 * math.cos(a), y + r * 1.1 * math.sin(a))
            for a in (math.pi * (2 * i + 1) / 6 for i in range(6))
        ]
        canvas.path("M" + "L".join(trace(px, py) for px, py in pairs) + "z", fill)
    else:
        canvas.path(
            trace(
                "M",
                x,
                y - r * 1.15,
                "l",
                r * 1.15,
                r * 1.15,
                "-",
                r * 1.15,
                r * 1.15,
                "-",
                r * 1.15,
                "-",
                r * 1.15,
                "z",
            ),
            fill,
        )
    ink = pick((fill,), sheet.palette.paper, sheet.palette.ink)
    style.headline(
        sheet, Box(x - r * 0.7, y - r * 0.42, r * 1.4, r * 0.84), (fill,), "middle", "middle", initials, w * 0.2, ink
    )
    used = style.headline(sheet, Box(w * 0.1, w * 0.645, w * 0.8, w * 0.13), on, "middle", "top", name, w * 0.11)
    if trade:
        style.rule(sheet, x, used.bottom + w * 0.05, w * 0.16, "middle")
        style.tag(sheet, x, used.bottom + w * 0.11, trade, on, "middle", w * 0.036, room=w * 0.7)
