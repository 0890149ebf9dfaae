"""The cards of a page: a page shows sixty, so their template is rendered once a look, and filled in for each entry."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from flask import Flask, current_app, request
from jinja2 import Environment
from markupsafe import Markup, escape

from app.catalog import label
from app.catalog.images import image_version, may_load, picture_host
from app.models.first_model import LEARNED
from app.serve.causes import Cause
from app.serve.page import Entry
from app.values.item import Item
from app.web.addresses import quoted_id
from app.web.visiting import settings

_KEPT = 50_000
_KEPT_CARDS = 8_000
"""Cards of which all but an entry's words is kept, 2 KB each."""
_OF_ITEM = ("item_id", "title", "whole_title", "meta", "path", "art", "width", "height", "alt")
_OF_ENTRY = ("slate_id", "position", "source", "reason", "moved", "bar")
_ROWS_IN_WINDOW = 6.2
"""Width of a window of 1,440 points, in heights of a row."""
_NARROWEST, _GAP = 0.49, 0.08
"""Least width of a card and what is between two, in heights of a row; see `.row` in site.css."""
_FITS = 32
"""Characters of a title that its two lines surely hold; a longer one is told whole where a pointer rests on it."""
NO_MARKS: Mapping[str, str] = MappingProxyType({})


def register(app: Flask) -> None:
    """Give the templates `cards` and `card_words`."""
    app.extensions["card_looks"] = _Looks(app.jinja_env)
    app.jinja_env.globals.update(cards=cards, card_words=card_words, bar_of=bar_of, in_sight=in_sight)


class Look(NamedTuple):
    """What makes one card look unlike another, beside its words.

    reason: ``learned``, ``explore`` or ``plain``, None where no reason is shown. eager: loaded at once, being in sight.
    answers: whether opening it answers a slate. moved: ``in`` or ``up`` where the visitor's newest act moved it.
    """

    reason: str | None
    liked: bool
    eager: bool
    answers: bool
    moved: str | None = None


class _Looks:
    """The template of a card, rendered once for each look, and with the words of an item filled in for those shown
    lately: what is left is the few words of an entry, between pieces that stay.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._pieces: dict[Look, list[str]] = {}
        self.of_item = lru_cache(_KEPT_CARDS)(self._of_item)

    def _of_item(self, look: Look, item: Item, root: str, hosts: tuple[str, ...]) -> tuple[list[str], list[str]]:
        """The card of an item as pieces, every second of them empty, and which words of an entry go there."""
        words, pieces, names = _words(item, root, hosts), [""], []
        found = self._pieces.get(look)
        if found is None:
            found = self._pieces[look] = self._rendered(look)
        for place, piece in enumerate(found):
            if place % 2 and piece in _OF_ENTRY:
                names.append(piece)
                pieces += ["", ""]
            else:
                pieces[-1] += str(words[piece]) if place % 2 else piece
        return pieces, names

    def _rendered(self, look: Look) -> list[str]:
        """Texts of the template, and between them the names of the words that go there."""
        # Marks that no template and no escaping touches.
        marks = {name: f"\ue000{name}\ue000" for name in (*_OF_ITEM, *_OF_ENTRY)}
        return self._environment.get_template("_card.html").render(look=look, entry=marks).split("\ue000")


def cards(
    entries: Iterable[Entry],
    slate_id: str | None,
    liked: Collection[str],
    reasons: bool,
    eager: int = 0,
    marks: Mapping[str, str] = NO_MARKS,
) -> Markup:
    """The cards of a shelf, one list item each; the first `eager` of them load their picture at once (see `in_sight`).

    marks: by item, what says that the visitor's newest act moved it: ``in`` for an item that is new, or how far up.
    """
    looks: _Looks = current_app.extensions["card_looks"]
    root, hosts = site_root(), settings().image_host_names()
    words: dict[str, str] = {"slate_id": escape(slate_id or "")}
    filled: list[str] = []
    for number, entry in enumerate(entries):
        item, source = entry.item, entry.source
        kind = _kind_of_reason(source) if reasons else None
        moved = marks.get(item.item_id, "") if marks else ""
        how = None if not moved or source == "explore" else "in" if moved == "in" else "up"
        look = Look(kind, item.item_id in liked, number < eager, slate_id is not None, how)
        pieces, names = looks.of_item(look, item, root, hosts)
        words["position"] = str(entry.position)
        words["source"] = source
        words["reason"] = escape(entry.reason) if kind else ""
        words["moved"] = escape(moved) if moved else ""
        words["bar"] = bar_of(entry.causes) if kind and entry.causes else ""
        card = pieces.copy()
        card[1::2] = [words[name] for name in names]
        filled += card
    return Markup("".join(filled))  # every word in it was escaped above or in _words


def in_sight(entries: Iterable[Entry]) -> int:
    """How many cards of a row a wide window shows before anybody scrolls: more of narrow ones than of wide ones."""
    filled, count = 0.0, 0
    for entry in entries:
        if filled >= _ROWS_IN_WINDOW:
            break
        width, height = entry.item.image_size
        filled, count = filled + max(width / height, _NARROWEST) + _GAP, count + 1
    return count


def bar_of(causes: Iterable[Cause]) -> Markup:
    """The shares of some causes as one line."""
    return cause_bar(tuple([cause.percent for cause in causes]))


@lru_cache(_KEPT)
def cause_bar(percents: tuple[int, ...]) -> Markup:
    """Shares of causes as one line of parts, each in a tone of its own; words say the same beside it."""
    parts, start = [], 0
    for number, percent in enumerate(percents, 1):
        parts.append(f'<rect class="part part--{number}" x="{start}" width="{max(0, percent - 1)}" height="4"/>')
        start += percent
    svg = '<svg class="cause-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
    return Markup(f"{svg}{''.join(parts)}</svg>")  # numbers only


def _kind_of_reason(source: str) -> str:
    if source == "explore":
        return "explore"
    return "learned" if source in LEARNED else "plain"


def card_words(item: Item) -> Mapping[str, Markup | int]:
    """What a card always says of an item, escaped and quoted: see `_OF_ITEM`."""
    return _words(item, site_root(), settings().image_host_names())


@lru_cache(_KEPT)
def _words(item: Item, root: str, image_hosts: tuple[str, ...]) -> Mapping[str, Markup | int]:
    width, height = item.image_size
    return {
        "item_id": escape(item.item_id),
        "title": escape(item.title),
        "whole_title": Markup(' title="{}"').format(item.title) if len(item.title) > _FITS else Markup(),
        "meta": escape(kind_line(item)),
        "path": escape(f"{root}item/{_quoted(item.item_id)}"),
        "art": escape(picture_address(item, root, image_hosts)),
        "width": width,
        "height": height,
        "alt": escape(art_alt(item)),
    }


def site_root() -> str:
    """The address of the home page, which those of items begin with. Not `url_for`: a page shows sixty cards."""
    return f"{request.script_root}/"


def item_path(item_id: str, root: str | None = None) -> str:
    """Address of an item's page; root: the site's, when it is known."""
    return f"{site_root() if root is None else root}item/{_quoted(item_id)}"


def image_link(item: Item) -> str:
    """Address of an item's picture, or of its placeholder."""
    return picture_address(item, site_root(), settings().image_host_names())


def picture_address(item: Item, root: str, image_hosts: tuple[str, ...]) -> str:
    """Address of an item's picture, or of its placeholder. It names the picture, so that browsers may keep it.

    A picture that another host keeps is loaded from there, where the policy of pages allows that host.
    """
    if item.image_url and may_load(picture_host(item.image_url), image_hosts):
        return item.image_url
    return root + _image_address(item)


def _image_address(item: Item) -> str:
    address = f"image/{_quoted(item.item_id)}"
    return f"{address}?v={image_version(item.image)}" if item.image else address


@lru_cache(_KEPT)
def _quoted(item_id: str) -> str:
    return quoted_id(item_id)


def art_alt(item: Item) -> str:
    """What the picture shows, in words that the title beside it does not say."""
    kind = "film poster" if item.year is not None else label(item.type).lower()
    looks = f"{label(item.style)} {kind}" if item.style else kind
    return f"{looks}, {item.palette} colours" if item.palette else looks


def kind_line(item: Item) -> str:
    """The small line under a title: type and style, for films year and genre."""
    parts = [str(item.year), label(item.type)] if item.year is not None else [label(item.type), label(item.style)]
    return " · ".join(part for part in parts if part)
