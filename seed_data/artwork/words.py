"""The small print of a template: dates, places, names, dishes, figures. All invented, drawn from the item's seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from app.values.item import Item

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
_FIRST = (
    "Elena",
    "Marcus",
    "Sofia",
    "Daniel",
    "Amara",
    "Julian",
    "Mina",
    "Oscar",
    "Leah",
    "Theo",
    "Nadia",
    "Hugo",
    "Ivy",
    "Rafael",
)
_LAST = (
    "Marlow",
    "Okafor",
    "Lindqvist",
    "Reyes",
    "Tanaka",
    "Hart",
    "Novak",
    "Bennett",
    "Silva",
    "Castellan",
    "Moreau",
    "Park",
)
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = ("Friday", "Saturday", "Sunday", "Thursday")
_STREETS = (
    "Harbor Street",
    "Maple Avenue",
    "Garden Lane",
    "Station Road",
    "Mill Square",
    "Park Row",
    "Hill Street",
    "Canal Walk",
)
_PLACES = (
    "Town Hall",
    "The Old Mill",
    "Riverside Park",
    "Studio Nine",
    "The Glasshouse",
    "Union Hall",
    "Harbor Pavilion",
    "Garden House",
)
_KICKERS = {
    "poster": ("Presented live", "One night only", "This season", "Do not miss it", "Free entry"),
    "flyer": ("Join us for", "You are invited", "Everyone welcome", "Coming soon", "Save your spot"),
    "social-post": ("Now on", "Hello weekend", "Just in", "Limited time", "For you"),
    "story": ("Tap to see", "Happening now", "New today", "Just for you", "Do not miss"),
    "invitation": (
        "Please join us for",
        "You are invited to",
        "Together we celebrate",
        "Come and join our",
        "With joy we invite you to",
    ),
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
    """What is lettered on one sheet. `offer` is empty where a date and a place are given instead."""

    headline: str
    kicker: str
    date: str
    time: str
    place: str
    call: str
    person: str
    offer: str = ""

    @property
    def when(self) -> str:
        """The first line of small print: what is offered, else when it takes place."""
        return self.offer or f"{self.date}  ·  {self.time}"

    @property
    def where(self) -> str:
        """The second line of small print: where to find it."""
        return self.site if self.offer else self.place

    @property
    def site(self) -> str:
        """A web address that leads nowhere."""
        letters = "".join(letter for letter in self.headline.lower() if "a" <= letter <= "z")
        return f"{letters[:16] or 'example'}.example"


def headline(item: Item) -> str:
    """The title without the last words that name the type: Sunset Yoga Retreat Flyer becomes Sunset Yoga Retreat."""
    title = " ".join(item.title.split()) or "Untitled"
    for ending in _ENDINGS:
        if title.endswith(" " + ending):
            return title[: -len(ending) - 1]
    return title


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
        offer=rng.choice(_OFFERS) if item.type in ("social-post", "story") else "",
    )


_OFFERS = (
    "20% off this week only",
    "Two for the price of one",
    "Use the code HELLO15",
    "Free delivery until Sunday",
    "From $12, while stocks last",
    "New every Thursday",
    "Tag a friend to take part",
)
