"""Titles for the template catalog, composed from the word lists in topics.toml."""

from __future__ import annotations

import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seed_data import frames

COUNTS = {
    "presentation": 260,
    "poster": 250,
    "social-post": 290,
    "story": 220,
    "resume": 180,
    "invitation": 230,
    "logo": 220,
    "business-card": 180,
    "flyer": 230,
    "menu": 160,
    "infographic": 180,
}
"""How many templates of each type the catalog holds."""

_TOPICS = Path(__file__).with_name("topics.toml")
_ENDINGS = {
    "presentation": "Presentation",
    "poster": "Poster",
    "social-post": "Post",
    "story": "Story",
    "resume": "Résumé",
    "invitation": "Invitation",
    "logo": "Logo",
    "business-card": "Business Card",
    "flyer": "Flyer",
    "menu": "Menu",
    "infographic": "Infographic",
}
_IDLE = {"a", "an", "and", "at", "by", "for", "in", "of", "on", "the", "to", "with", "your"}
_MOST_PER_WORD = 7  # how often one distinctive phrase may come back within a type


@dataclass(frozen=True, slots=True)
class Draft:
    """A template before it is dressed: what it says and what it is about. `styles` suit the topic, best first."""

    title: str
    type: str
    tags: tuple[str, ...]
    styles: tuple[str, ...]


def draft_titles(rng: random.Random) -> list[Draft]:
    """`COUNTS` drafts of every type, no two with the same words in their titles."""
    topics: dict[str, dict[str, Any]] = tomllib.loads(_TOPICS.read_text(encoding="utf-8"))
    taken: set[tuple[str, ...]] = set()
    drafts: list[Draft] = []
    for type_, count in COUNTS.items():
        drafts += _of_type(type_, count, topics, taken, rng)
    return drafts


def _of_type(
    type_: str, count: int, topics: dict[str, dict[str, Any]], taken: set[tuple[str, ...]], rng: random.Random
) -> Iterator[Draft]:
    """Go round the topics, so that each gets its share, taking from each one unused headline at a time."""
    decks: dict[str, list[tuple[str, str]]] = {}
    for slug, topic in topics.items():
        deck = list(_HEADLINES[type_](topic, rng))
        rng.shuffle(deck)
        if deck:
            decks[slug] = deck
    uses: Counter[str] = Counter()
    made = 0
    while made < count:
        if not decks:
            raise ValueError(f"topics.toml has words for {made} titles of type {type_}, {count} are wanted; add words")
        for slug in list(decks):
            headline = _next_unused(decks[slug], taken, uses)
            if headline is None:
                del decks[slug]
                continue
            topic = topics[slug]
            tags = dict.fromkeys((slug, *topic["tags"], *_tag_words(headline, topic)))
            yield Draft(f"{headline} {_ENDINGS[type_]}", type_, tuple(tags)[:5], tuple(topic["styles"]))
            made += 1
            if made == count:
                return


def _next_unused(deck: list[tuple[str, str]], taken: set[tuple[str, ...]], uses: Counter[str]) -> str | None:
    while deck:
        headline, key = deck.pop()
        words = distinct_words(headline)
        if words not in taken and uses[key] < _MOST_PER_WORD:
            taken.add(words)
            uses[key] += 1
            return headline
    return None


def distinct_words(headline: str) -> tuple[str, ...]:
    """The words that make a headline what it is, in one spelling and order: two near duplicates have the same."""
    words = (word.rstrip("s") for word in re.findall(r"[a-z0-9é]+", headline.lower().replace("'s", "")))
    return tuple(sorted({word for word in words if word and word not in _IDLE}))


def _tag_words(headline: str, topic: dict[str, Any]) -> list[str]:
    """One or two plain words of the headline, as someone would search for them."""
    known = " ".join(" ".join(topic.get(row, [])) for row in ("events", "invites", "products", "facts", "eateries"))
    common = set(re.findall(r"[a-z]{4,}", known.lower()))
    return [word for word in re.findall(r"[a-z]{4,}", headline.lower()) if word in common and word not in _IDLE][-2:]


def _announcements(topic: dict[str, Any], rng: random.Random) -> Iterator[tuple[str, str]]:
    for event in topic["events"]:
        yield event, event
        for mood in topic["moods"]:
            if not _share_a_word(mood, event):
                yield f"{mood} {event}", event


def _posts(topic: dict[str, Any], rng: random.Random) -> Iterator[tuple[str, str]]:
    for product in topic["products"]:
        for frame in frames.POST:
            if not _share_a_word(frame, product):
                yield frame.format(product), product


def _stories(topic: dict[str, Any], rng: random.Random) -> Iterator[tuple[str, str]]:
    for product in topic["products"]:
        for frame in frames.STORY:
            yield frame.format(product), product
    for event in topic["events"]:
        yield f"{event} Countdown", event


def _presentations(topic: dict[str, Any], rng: random.Random) -> Iterator[tuple[str, str]]:
    for subject in topic["subjects"]:
        for frame in frames.PRESENTATION:
            if not _share_a_word(frame, subject):
                yield frame.format(subject), subject


def _infographics(topic: dict[str, Any], rng: random.Random) -> Iterator[tuple[str, str]]:
    for fact in topic["facts"]:
        for frame in frames.INFOGRAPHIC:
            if not _share_a_word(frame, fact):
                yield frame.format(fact), fact


def _resumes(topic: dict[str, Any], rng: random.Random) -> Iterator[tuple[str, str]]:
    for job in topic["jobs"]:
        yield job, job
        for level in rng.sample(frames.RESUME, 2):
            if not _share_a_word(level, job):
                yield level.format(job), job


def _invitations(topic: dict[str, Any], rng: random.Random) -> Iterator[tuple[str, str]]:
    for invite in topic["invites"]:
        yield invite, invite
        for mood in topic["moods"]:
            if not _share_a_word(mood, invite):
                yield f"{mood} {invite}", invite
        if invite in frames.COUPLE_INVITES:
            for couple in rng.sample(frames.COUPLES, 6):
                yield f"{couple} {invite}", invite


def _brands(topic: dict[str, Any], rng: random.Random) -> Iterator[tuple[str, str]]:
    for business in topic["businesses"]:
        for brand in rng.sample(frames.BRANDS, 8):
            if not _share_a_word(brand, business):
                yield f"{brand} {business}", brand


def _menus(topic: dict[str, Any], rng: random.Random) -> Iterator[tuple[str, str]]:
    for eatery in topic.get("eateries", []):
        if eatery.split()[-1] in frames.MEALS:
            yield eatery, eatery
            for mood in topic["moods"]:
                if not _share_a_word(mood, eatery):
                    yield f"{mood} {eatery}", eatery
        else:
            for brand in rng.sample(frames.BRANDS, 12):
                yield f"{brand} {eatery}", brand


def _share_a_word(first: str, second: str) -> bool:
    return bool(set(distinct_words(first)) & set(distinct_words(second)))


_HEADLINES = {
    "presentation": _presentations,
    "poster": _announcements,
    "social-post": _posts,
    "story": _stories,
    "resume": _resumes,
    "invitation": _invitations,
    "logo": _brands,
    "business-card": _brands,
    "flyer": _announcements,
    "menu": _menus,
    "infographic": _infographics,
}
