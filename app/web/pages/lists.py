"""Lists of items: one type, or what a search finds; narrowed, ordered and page by page, all of it in the address."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np
from flask import abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.catalog import Catalog, Selection, label
from app.catalog.facets import FACETS, Facets, Mask
from app.catalog.search import Found
from app.serve.page import Entry
from app.web.pages.arguments import whole_number
from app.web.pages.cards import image_link, item_path, kind_line
from app.web.pages.filters import ListState, asked_sort, filters, sort_choices
from app.web.pages.gallery import bp as site
from app.web.pages.gallery import just_hidden, opinions
from app.web.pages.words import art_shape
from app.web.visiting import current_visitor, flywheel, slate_logging

__all__ = ["site"]

MAX_SEARCH = 200
"""Characters of a search text that are read."""
_LAST_PAGE = 1_000
_IDEAS = 8
_SUGGESTED_ITEMS = 6
_SUGGESTIONS_KEPT = "private, max-age=60"


@site.get("/type/<id:item_type>")
def type_page(item_type: str) -> str:
    """All items of one type, page by page, narrowed and ordered."""
    searching = flywheel().serve.searching
    catalog, facets = searching.catalog, searching.facets
    selection = _asked_selection(facets, type=[item_type])
    if item_type not in catalog.types or any(
        slug not in facets[name] for name in FACETS for slug in request.args.getlist(name)
    ):
        abort(404)
    own_path, lists = url_for("site.type_page", item_type=item_type), url_for("site.search")
    state = ListState(own_path, "", selection, asked_sort(), ("type", item_type), lists)
    number = whole_number("page", 1, _LAST_PAGE) or 1
    page = flywheel().serve.browse(
        current_visitor(), time.time(), selection, number, state.sort, logging=slate_logging()
    )
    mask = selection.mask(facets)
    total = len(catalog) if mask is None else int(np.count_nonzero(mask))
    styles = " or ".join(label(slug) for slug in selection.style)
    return render_template(
        "type.html",
        page=page,
        opinions=opinions(),
        heading=f"{styles} · {label(item_type)}" if styles else label(item_type),
        current_type=item_type,
        filters=[each for each in filters(facets, state, None, _films(catalog)) if each.facet != "type"],
        sorts=sort_choices(state, page.arm == "treatment", searching=False),
        state=state,
        number=number,
        total=total,
        shape=art_shape(catalog.filter(type=item_type)[0]),
        hidden_item=just_hidden(),
    )


@site.get("/search")
def search() -> str:
    """What a text finds, or all that is selected; without a match, a few words to go on with."""
    text = " ".join(request.args.get("q", "")[:MAX_SEARCH].split())
    searching = flywheel().serve.searching
    catalog, facets = searching.catalog, searching.facets
    state = ListState(url_for("site.search"), text, _asked_selection(facets), asked_sort())
    visitor, now = current_visitor(), time.time()
    number = whole_number("page", 1, _LAST_PAGE) or 1
    serve, logging = flywheel().serve, slate_logging()
    found = searching.find(text) if text else None
    if found is not None and len(found):
        page = serve.search(visitor, text, now, state.selection, number, state.sort, logging)
    elif not text and state.selection:
        page = serve.browse(visitor, now, state.selection, number, state.sort, logging)
    else:
        page_instead = serve.recommend(visitor, now, _IDEAS, logging=logging)
        return render_template(
            "search_ideas.html",
            query=text,
            instead=next(iter(page_instead.shelves), None),
            ideas=_ideas(catalog),
            opinions=opinions(),
            hidden_item=just_hidden(),
        )
    mask = _mask_of(found, catalog)
    narrowed = state.selection.mask(facets)
    listed = narrowed if mask is None else mask if narrowed is None else mask & narrowed
    return render_template(
        "search.html",
        query=text,
        found=found,
        page=page,
        results=page.shelves[0] if page.shelves else None,
        shape=_shape_of(page.shelves[0].entries) if page.shelves else "mixed",
        total=int(np.count_nonzero(listed)) if listed is not None else len(catalog),
        state=state,
        filters=filters(facets, state, mask, _films(catalog)),
        sorts=sort_choices(state, page.arm == "treatment", searching=bool(text)),
        number=number,
        opinions=opinions(),
        hidden_item=just_hidden(),
    )


@site.get("/suggest")
def suggest() -> ResponseReturnValue:
    """Searches and items that a text which is still being typed may become, as JSON; nobody becomes a visitor by it."""
    text = " ".join(request.args.get("q", "")[:MAX_SEARCH].split())
    if not text:
        return jsonify(texts=[], items=[]), {"Cache-Control": _SUGGESTIONS_KEPT}
    texts, items = flywheel().serve.searching.suggest(text, _SUGGESTED_ITEMS)
    shown = [
        {"title": item.title, "meta": kind_line(item), "path": item_path(item.item_id), "art": image_link(item)}
        for item in items
    ]
    return jsonify(texts=list(texts), items=shown), {"Cache-Control": _SUGGESTIONS_KEPT}


def _asked_selection(facets: Facets, **fixed: list[str]) -> Selection:
    """What the address narrows the list to."""
    return Selection.of({name: fixed.get(name, request.args.getlist(name)) for name in FACETS}, facets)


def _mask_of(found: Found | None, catalog: Catalog) -> Mask | None:
    if found is None:
        return None
    mask = np.zeros(len(catalog), dtype=np.bool_)
    mask[found.indices] = True
    return mask


def _films(catalog: Catalog) -> bool:
    return catalog.items[0].year is not None


def _shape_of(entries: Iterable[Entry]) -> str:
    """The shape of all these pictures, ``mixed`` where they differ: films need no frame around their posters."""
    shapes = {art_shape(entry.item) for entry in entries}
    return shapes.pop() if len(shapes) == 1 else "mixed"


def _ideas(catalog: Catalog) -> list[str]:
    """Search words that are sure to find something: the style and type of items spread over the catalog."""
    items = catalog.items
    step = max(1, len(items) // 97)
    words: dict[str, None] = {}
    for found in items[::step]:
        words.setdefault(f"{found.style} {found.type}".replace("-", " ") if found.year is None else found.type)
        if len(words) == _IDEAS:
            break
    return list(words)
