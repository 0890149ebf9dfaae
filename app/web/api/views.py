"""The JSON API under /api/v1, described by /api/openapi.json."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any, NoReturn

from flask import Blueprint, Response, jsonify, request

from app.keys import ACT_FOR_VISITORS
from app.record import EventBatchError, parse_batch
from app.serve.page import Entry
from app.store.items import search_item_ids
from app.store.visitors import export_visitor
from app.values.item import Item
from app.values.visitor import Visitor
from app.web.access import may
from app.web.api.arguments import Arguments
from app.web.api.openapi import MAX_HISTORY, MAX_K, MAX_PAGE, MAX_PER_PAGE, MAX_SEARCH, openapi_document
from app.web.pages.erasing import erase
from app.web.pages.words import api_item
from app.web.problems import refuse
from app.web.visiting import (
    cookie_visitor_id,
    current_visitor,
    find_visitor,
    flywheel,
    forget_cookie,
    known_visitor,
    settings,
    slate_logging,
    welcome,
)

bp = Blueprint("api", __name__, url_prefix="/api")


@bp.get("/openapi.json")
def description() -> Response:
    """The description of this API."""
    catalog = flywheel().catalog
    return jsonify(openapi_document(settings(), catalog.types, catalog.styles()))


@bp.get("/v1/recommendations")
def recommendations() -> Response:
    """The k best items: for a history given with the question, else for the visitor."""
    ask = Arguments(request.args)
    k = ask.integer("k", 10, 1, MAX_K)
    item_type = ask.choice("type", flywheel().catalog.types)
    history = ask.ids("history", MAX_HISTORY)
    visitor_id = ask.words("visitor_id", MAX_SEARCH)
    if history is not None and visitor_id is not None:
        ask.clash("history", "visitor_id")
    ask.check()
    if history is not None:
        return jsonify(_for_history(history, k, item_type))
    return jsonify(_for_visitor(_visitor(visitor_id), k, item_type))


@bp.get("/v1/items")
def items() -> Response:
    """The catalog page by page, in editorial order, or what matches a search, best match first."""
    catalog = flywheel().catalog
    ask = Arguments(request.args)
    item_type = ask.choice("type", catalog.types)
    style = ask.choice("style", catalog.styles())
    text = ask.words("q", MAX_SEARCH)
    page = ask.integer("page", 1, 1, MAX_PAGE)
    per_page = ask.integer("per_page", 24, 1, MAX_PER_PAGE)
    ask.check()
    if text is None:
        found = list(catalog.filter(type=item_type, style=style))
    else:
        ids = search_item_ids(flywheel().store.reader(), text, len(catalog), type=item_type, style=style)
        found = [item for item in map(catalog.get, ids) if item is not None]
    start = (page - 1) * per_page
    shown = [api_item(item) for item in found[start : start + per_page]]
    return jsonify(items=shown, page=page, per_page=per_page, total=len(found), more=start + per_page < len(found))


@bp.get("/v1/items/<id:item_id>")
def item(item_id: str) -> Response:
    """One item."""
    Arguments(request.args).check()
    return jsonify(api_item(_item(item_id)))


@bp.get("/v1/items/<id:item_id>/similar")
def similar(item_id: str) -> Response:
    """The k items most like one item, for the visitor."""
    if item_id not in flywheel().catalog and (whole_id := f"{item_id}/similar") in flywheel().catalog:
        return item(whole_id)
    ask = Arguments(request.args)
    k = ask.integer("k", 10, 1, MAX_K)
    visitor_id = ask.words("visitor_id", MAX_SEARCH)
    ask.check()
    found = _item(item_id)
    page = flywheel().serve.item(_visitor(visitor_id), found.item_id, time.time(), k, slate_logging())
    shelf = next((shelf for shelf in page.shelves if shelf.key == "similar"), None) if page else None
    entries = shelf.entries if shelf else ()
    return jsonify(
        item_id=found.item_id, slate_id=shelf.slate_id if shelf else None, items=[_entry(entry) for entry in entries]
    )


@bp.post("/v1/events")
def record_events() -> tuple[Response, int]:
    """Record a batch of events: 202 with what was stored, 400 with every problem found."""
    ask = Arguments(request.args)
    visitor_id = ask.words("visitor_id", MAX_SEARCH)
    ask.check()
    if request.mimetype != "application/json":
        refuse(415, f"Content-Type is {request.mimetype or 'missing'!r}; send application/json")
    try:
        batch = parse_batch(request.get_data(cache=False), settings())
    except EventBatchError as error:
        refuse(413 if error.too_large else 400, str(error), [asdict(found) for found in error.problems])
    visitor = _visitor(visitor_id, make=False)
    flywheel().serve.note_answers(visitor.visitor_id, {event.slate_id for event in batch.events if event.slate_id})
    return jsonify(asdict(flywheel().recorder.record(batch, visitor, received_at=time.time()))), 202


@bp.get("/v1/visitors/<id:visitor_id>")
def visitor_data(visitor_id: str) -> Response:
    """Everything recorded about a visitor."""
    Arguments(request.args).check()
    found = export_visitor(flywheel().store.reader(), _named_visitor(visitor_id).visitor_id)
    if found is None:
        _refuse_visitor()
    response = jsonify(found)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.delete("/v1/visitors/<id:visitor_id>")
def erase_visitor(visitor_id: str) -> tuple[str, int]:
    """Erase everything recorded about a visitor."""
    Arguments(request.args).check()
    erase(_named_visitor(visitor_id).visitor_id)
    if visitor_id == cookie_visitor_id():
        forget_cookie()
    return "", 204


def _visitor(visitor_id: str | None, make: bool = True) -> Visitor:
    """The visitor named by id, else that of the cookie, else a new one where `make` says so."""
    if visitor_id is not None:
        return _named_visitor(visitor_id)
    known = current_visitor() if make else known_visitor()
    if known is None:
        detail = "is missing and so is the visitor's cookie; open a page or GET /api/v1/recommendations first"
        refuse(404, f"visitor_id {detail}", [{"parameter": "visitor_id", "detail": detail, "value": None}])
    return known


def _named_visitor(visitor_id: str) -> Visitor:
    """The visitor of this id, for themselves or for who shows a key; for all others there is nobody of any id."""
    if visitor_id == cookie_visitor_id():
        named = known_visitor()
    else:
        named = find_visitor(visitor_id) if may(ACT_FOR_VISITORS) else None
        if named is not None:
            welcome(visitor_id)
    if named is None:
        _refuse_visitor()
    return named


def _refuse_visitor() -> NoReturn:
    refuse(
        404,
        "There is no visitor of this id for whom you may act; send the visitor's own cookie, or an API key "
        "as Authorization: Bearer.",
    )


def _item(item_id: str) -> Item:
    found = flywheel().catalog.get(item_id)
    if found is None:
        refuse(404, f"There is no item {item_id[:80]!r}; GET /api/v1/items lists what there is.")
    return found


def _for_visitor(visitor: Visitor, k: int, item_type: str | None) -> dict[str, Any]:
    page = flywheel().serve.recommend(visitor, time.time(), k, type=item_type, logging=slate_logging())
    shelf = next(iter(page.shelves), None)
    return {
        "visitor_id": visitor.visitor_id,
        "arm": visitor.arm,
        "model_version": page.model_version,
        "slate_id": shelf.slate_id if shelf else None,
        "policy": shelf.policy if shelf else None,
        "items": [_entry(entry) for entry in shelf.entries] if shelf else [],
    }


def _for_history(history: list[str], k: int, item_type: str | None) -> dict[str, Any]:
    """For a history of nobody in particular: nothing is logged, so there is no slate to answer."""
    catalog = flywheel().catalog
    recommended = flywheel().serve.recommend_for(history, k, type=item_type)
    found = [(catalog.get(choice.item_id), choice) for choice in recommended.ranked]
    return {
        "visitor_id": None,
        "arm": None,
        "model_version": recommended.model_version,
        "slate_id": None,
        "policy": None,
        "items": [
            {
                "position": position,
                "source": choice.source,
                "score": choice.score,
                "propensity": 1.0,
                "reason": None,
                "item": api_item(item),
            }
            for position, (item, choice) in enumerate(found, start=1)
            if item is not None
        ],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "position": entry.position,
        "source": entry.source,
        "score": entry.score,
        "propensity": entry.propensity,
        "reason": entry.reason,
        "item": api_item(entry.item),
    }
