"""The pages of the gallery. Opening an item is recorded here, on the server, so that it counts without scripts."""

from __future__ import annotations

import re
import time

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from app.catalog import label
from app.serve.page import Shelf
from app.values.item import Item
from app.visitors import Opinions
from app.web.pages.learning import learning_bar, moved_marks
from app.web.pages.opening import record_opening, record_when_seen
from app.web.pages.why import why_shown
from app.web.pages.words import art_shape
from app.web.visiting import current_visitor, flywheel, known_visitor, slate_logging

bp = Blueprint("site", __name__)

MAX_SEARCH = 200
_LAST_PAGE = 1_000
_SUGGESTIONS = 8
_SLATE = re.compile(r"[A-Za-z0-9_-]{1,48}")


@bp.get("/")
def home() -> ResponseReturnValue:
    """The home page. Browsers do not keep it, so that going back to it shows what the last click did."""
    visitor = current_visitor()
    page = flywheel().serve.home(visitor, time.time(), slate_logging())
    opened = flywheel().serve.opened(visitor.visitor_id)
    html = render_template(
        "home.html",
        page=page,
        opinions=_opinions(),
        opened=opened,
        hidden_item=_just_hidden(),
        marks=moved_marks(learning_bar()),
    )
    return html, {"Cache-Control": "private, no-store"}


@bp.get("/type/<id:item_type>")
def type_page(item_type: str) -> str:
    """All items of one type, page by page, filtered by style."""
    catalog = flywheel().catalog
    style = request.args.get("style") or None
    if item_type not in catalog.types or (style is not None and style not in catalog.styles(item_type)):
        abort(404)
    number = _whole("page", 1, _LAST_PAGE) or 1
    page = flywheel().serve.browse(
        current_visitor(), time.time(), type=item_type, style=style, page=number, logging=slate_logging()
    )
    found = catalog.filter(type=item_type, style=style)
    return render_template(
        "type.html",
        page=page,
        opinions=_opinions(),
        heading=f"{label(style)} · {label(item_type)}" if style else label(item_type),
        current_type=item_type,
        style=style,
        styles=catalog.styles(item_type),
        number=number,
        total=len(found),
        shape=art_shape(found[0]) if found else "square",
        hidden_item=_just_hidden(),
    )


@bp.get("/search")
def search() -> str:
    """What matches a search text; without a match, a few words to go on with."""
    text = " ".join(request.args.get("q", "")[:MAX_SEARCH].split())
    catalog = flywheel().catalog
    kind = request.args.get("type")
    kind = kind if kind in catalog.types else None
    visitor, now = current_visitor(), time.time()
    page = flywheel().serve.search(visitor, text, now, type=kind, logging=slate_logging()) if text else None
    results = page.shelves[0] if page and page.shelves else None
    page_instead = None if results else flywheel().serve.recommend(visitor, now, _SUGGESTIONS, logging=slate_logging())
    instead = next(iter(page_instead.shelves), None) if page_instead else None
    return render_template(
        "search.html",
        query=text,
        results=results,
        kind=kind,
        kinds=_types_of(results),
        instead=instead,
        suggestions=_suggestions(),
        opinions=_opinions(),
        hidden_item=_just_hidden(),
    )


@bp.get("/item/<id:item_id>")
def item(item_id: str) -> str:
    """One item, large, with what can be done with it and what is like it."""
    found = flywheel().catalog.get(item_id)
    if found is None:
        abort(404)
    visitor, now, started = current_visitor(), time.time(), time.perf_counter()
    slate_id = request.args.get("slate", "")
    position = _whole("pos", 1, 1_000)
    answers_slate = bool(_SLATE.fullmatch(slate_id)) and position is not None
    where = (slate_id, position) if answers_slate and position is not None else None
    record_opening(visitor, found, where, now)
    flywheel().effects.of(visitor, since=started)
    page = flywheel().serve.item(visitor, item_id, now, logging=slate_logging())
    if page is not None:
        record_when_seen(visitor, found, where, now, page)
    return render_template(
        "item.html",
        item=found,
        page=page,
        shape=art_shape(found),
        slate_id=where[0] if where else None,
        position=where[1] if where else None,
        why=why_shown(flywheel(), visitor, found, where),
        current_type=found.type,
        opinions=_opinions(),
        hidden_item=_just_hidden(),
    )


def _opinions() -> Opinions:
    return flywheel().serve.opinions(current_visitor().visitor_id)


def _just_hidden() -> Item | None:
    """The item whose hiding brought the visitor back here, while it is still hidden."""
    item_id = request.args.get("hidden", "")
    if not item_id or known_visitor() is None or item_id not in _opinions().hidden:
        return None
    return flywheel().catalog.get(item_id)


def _whole(name: str, least: int, most: int) -> int | None:
    text = request.args.get(name, "")
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    return value if value is not None and least <= value <= most else None


def _types_of(shelf: Shelf | None) -> list[str]:
    """Types among the results, the most frequent first."""
    types = [entry.item.type for entry in shelf.entries] if shelf else []
    return sorted(set(types), key=lambda slug: (-types.count(slug), slug))


def _suggestions() -> list[str]:
    """Search words that are sure to find something: the style and type of items spread over the catalog."""
    items = flywheel().catalog.items
    step = max(1, len(items) // 97)
    words: dict[str, None] = {}
    for found in items[::step]:
        words.setdefault(f"{found.style} {found.type}".replace("-", " ") if found.year is None else found.type)
        if len(words) == _SUGGESTIONS:
            break
    return list(words)
