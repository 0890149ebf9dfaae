"""What templates say and link to: labels, sizes, addresses."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, has_request_context, request, url_for

from app.catalog import label
from app.catalog.page_words import bundled_words, page_words
from app.store import StoreError
from app.values.item import Item
from app.web.addresses import quoted_path
from app.web.pages.cards import item_path, picture_address, site_root
from app.web.visiting import flywheel, settings

# Narrower than this is `tall`, wider than its inverse `wide`: decides how wide the columns of a grid are.
_SQUARE = 0.85

_KEPT_ADDRESSES = 2_000
_KEPT_ITEMS = 8_000

MAX_TABS = 60
"""Types that the tabs of a page show: the largest ones. A shop may have hundreds, which search and items lead to."""


def register(app: Flask) -> None:
    """Give the templates their filters and globals."""
    app.jinja_env.filters.update(label=label, slug=slug, capital=capital)
    address = kept_addresses()
    app.jinja_env.globals.update(
        url_for=address,
        asset=lambda filename: address("static", filename=filename, v=_content_hash(filename)),
        item_link=item_link,
        act_link=act_link,
        here=here,
    )
    app.context_processor(_everywhere)


def art_shape(item: Item) -> str:
    """`tall`, `square` or `wide`."""
    width, height = item.image_size
    ratio = width / height
    return "tall" if ratio < _SQUARE else "wide" if ratio > 1 / _SQUARE else "square"


def api_items(items: Iterable[Item]) -> list[Mapping[str, Any]]:
    """Items as the API shows them; kept for those shown lately, so not to be changed."""
    root, image_hosts = site_root(), settings().image_host_names()
    return [_api_item(item, root, image_hosts) for item in items]


def api_item(item: Item) -> Mapping[str, Any]:
    """One item as the API shows it."""
    return api_items([item])[0]


@lru_cache(_KEPT_ITEMS)
def _api_item(item: Item, root: str, image_hosts: tuple[str, ...]) -> Mapping[str, Any]:
    width, height = item.image_size
    return {
        "item_id": item.item_id,
        "title": item.title,
        "type": item.type,
        "style": item.style,
        "palette": item.palette,
        "layout": item.layout,
        "tags": list(item.tags),
        "added_at": item.added_at,
        "year": item.year,
        "available": item.available,
        "attributes": {name: list(value) if isinstance(value, tuple) else value for name, value in item.attributes},
        "link": item.url,
        "url": item_path(item.item_id, root),
        "artwork": {"url": picture_address(item, root, image_hosts), "width": width, "height": height},
    }


def slug(text: str) -> str:
    """Text as it may stand in an id."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def capital(text: str) -> str:
    """The first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def kept_addresses() -> Callable[..., str]:
    """`url_for` for templates that remembers what it made: a page asks fifty times, always the same."""

    @lru_cache(_KEPT_ADDRESSES)
    def made(root: str, endpoint: str, values: tuple[tuple[str, str], ...]) -> str:
        named: dict[str, Any] = dict(values)
        return url_for(endpoint, **named)

    def address(endpoint: str, **values: Any) -> str:
        plain = endpoint[0] != "." and all(type(value) is str and name[0] != "_" for name, value in values.items())
        if plain and has_request_context():
            return made(request.script_root, endpoint, tuple(values.items()))
        return url_for(endpoint, **values)

    return address


@cache
def _content_hash(filename: str) -> str:
    content = (Path(__file__).parents[1] / "static" / filename).read_bytes()
    return hashlib.sha256(content).hexdigest()[:12]


def item_link(item_id: str, slate_id: str | None = None, position: int | None = None) -> str:
    """Address of an item's page; with a slate, opening it answers that slate."""
    return item_path(item_id) + _answering(slate_id, position)


def act_link(item_id: str, kind: str, slate_id: str | None = None, position: int | None = None) -> str:
    """Address to which a like, save, use or dislike is posted."""
    return f"{item_path(item_id)}/{kind}{_answering(slate_id, position)}"


def _answering(slate_id: str | None, position: int | None) -> str:
    if not slate_id:
        return ""
    place = {"slate": slate_id} if position is None else {"slate": slate_id, "pos": position}
    return f"?{urlencode(place)}"


def here() -> str:
    """The address of the page being shown, to come back to after a form; the home page after anything but a GET."""
    if request.method not in {"GET", "HEAD"}:
        return "/"
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "hidden"]
    return quoted_path(request.script_root + request.path) + (f"?{urlencode(kept)}" if kept else "")


def _everywhere() -> dict[str, Any]:
    """What the frame of every page needs."""
    try:
        catalog = flywheel().catalog
    except StoreError:
        return {"catalog_size": 0, "words": bundled_words()["items"]}
    return {
        "catalog_types": catalog.types[:MAX_TABS],
        "catalog_size": len(catalog),
        "words": page_words(catalog, settings().words),
        "current_type": None,
        "query": None,
    }
