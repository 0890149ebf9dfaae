"""The small print of a template: dates, places, names, dishes, figures. All invented, drawn from the item's seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from app.catalog.item import Item

_ENDINGS = (
    "Business Card",
    "Presentation",
    "Infographic",
    "Invitation",
    "Poster",
    "Résumé",
    "Flyer",
    "Story",
    "Logo",
    "Menu",
    "Post",
)
_FIRST = ("Elena", "Marcus", "Sofia", "Daniel", "Amara", "Julian", "Mina", "Oscar", "Leah", "Theo", "Nadia", "Hugo", "Ivy", "Rafael")
_LAST = ("Marlow", "Okafor", "Lindqvist", "Reyes", "Tanaka", "Hart", "Novak", "Bennett", "Silva", "Castellan", "Moreau", "Park")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_DAYS = ("Friday", "Saturday", "Sunday", "Thursday")
_STREETS = ("Harbor Street", "Maple Avenue", "Garden Lane", "Station Road", "Mill Square", "Park Row", "Hill Street", "Canal Walk")
_PLACES = ("Town Hall", "The Old Mill", "Riverside Park", "Studio Nine", "The Glasshouse", "Union Hall", "Harbor Pavilion", "Garden House")
_KICKERS = {
    "poster": ("Presented live", "One night only", "This season", "Do not miss it", "Free entry"),
    "flyer": ("Join us for", "You are invited", "Everyone welcome", "Coming soon", "Save your spot"),
    "social-post": ("Now on", "Hello weekend", "Just in", "Limited time", "For you"),
    "story": ("Tap to see", "Happening now", "New today", "Just for you", "Do not miss"),
    "invitation": ("Please join us for", "You are invited to", "Together we celebrate", "Come and join our", "With joy we invite you to"),
    "presentation": ("Annual edition", "Team presentation", "Company overview", "Prepared for you", "Chapter one"),
}
_CALLS = {
    "poster": ("Get tickets", "Free entry", "Book a seat"),
    "flyer": ("Register now", "Book today", "Call us", "Learn more"),
    "social-post": ("Shop now", "Order today", "Learn more", "Save 20%"),
    "story": ("Swipe up", "Shop now", "See more"),
    "invitation": ("RSVP by mail", "Kindly reply", "RSVP online"),
    "presentation": ("Start here", "Get started"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """What is lettered on one sheet. `lines` are one or two sentences of small print."""

    headline: str
    kicker: str
    date: str
    time: str
    place: str
    call: str
    person: str
    lines: tuple[str, ...]

    @property
    def site(self) -> str:
        """A web address that leads nowhere."""
        letters = "".join(letter for letter in self.headline.lower() if "a" <= letter <= "z")
        return f"{letters[:16] or 'example'}.example"


def headline(item: Item) -> str:
    """The title without its last words that only name the type: Sunset Yoga Retreat Flyer becomes Sunset Yoga Retreat."""
    for ending in _ENDINGS:
        if item.title.endswith(" " + ending):
            return item.title[: -len(ending) - 1]
    return item.title


def words_for(item: Item, rng: random.Random) -> Words:
    """The words of `item`, the same for the same `rng`."""
    month = rng.choice(_MONTHS)
    return Words(
        headline=headline(item),
        kicker=rng.choice(_KICKERS.get(item.type, _KICKERS["poster"])),
        date=f"{rng.choice(_DAYS)}, {month} {rng.randint(2, 28)}",
        time=f"{rng.choice((6, 7, 8, 9, 10, 11))} {rng.choice(('AM', 'PM', 'PM'))}",
        place=f"{rng.choice(_PLACES)}, {rng.randint(3, 98)} {rng.choice(_STREETS)}",
        call=rng.choice(_CALLS.get(item.type, _CALLS["poster"])),
        person=f"{rng.choice(_FIRST)} {rng.choice(_LAST)}",
        lines=(rng.choice(_LINES_A), rng.choice(_LINES_B)),
    )


_LINES_A = (
    "A small team with a big idea, and room for yours.",
    "Good company, fresh air and something to remember.",
    "Made with care by people who love what they do.",
    "Bring a friend, stay as long as you like.",
    "Everything you need to know on a single page.",
)
_LINES_B = (
    "Places are limited, so reserve early.",
    "All ages and every level are welcome.",
    "Doors open half an hour before we begin.",
    "Ask us anything, we answer within a day.",
    "Part of the proceeds goes to charity.",
)
