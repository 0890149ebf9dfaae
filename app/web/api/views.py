"""The JSON API under /api/v1, described by /api/openapi.json."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NoReturn

from flask import Response, g, jsonify, request

from app.catalog import Selection
from app.keys import EVENTS, HISTORY, READ, VISITORS
from app.record import EventBatchError, parse_batch
from app.serve.page import Entry
from app.serve.rules.recommenders import load_recommenders
from app.serve.rules.want import Want
from app.serve.search import narrowed
from app.store.visitors import export_visitor
from app.values.item import Item
from app.values.visitor import Visitor
from app.visitors import new_visitor
from app.web.access import check_scope, may, request_key
from app.web.addresses import written_path
from app.web.api.arguments import asked
from app.web.api.blueprint import bp
from app.web.api.body import read_body
from app.web.api.openapi import openapi_document
from app.web.api.questions import (
    Choices,
    ItemsQuestion,
    Question,
    SimilarQuestion,
    VisitorQuestion,
    WantQuestion,
)
from app.web.api.want_document import WantDocument
from app.web.pages.erasing import erase
from app.web.pages.words import api_item, api_items
from app.web.problems import refuse
from app.web.visiting import (
    as_present,
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


@bp.get("/openapi.json")
def description() -> Response:
    """The description of this API."""
    return jsonify(openapi_document(settings(), _choices()))


@bp.get("/v1/recommendations")
def recommendations() -> Response:
    """The k best items: for a history given with the question, else for the visitor."""
    return _recommended(asked(WantQuestion, _choices()))


@bp.post("/v1/recommendations")
def recommendations_by_body() -> Response:
    """The same for a question in a body, whose lists may be longer than an address."""
    asked(Question)
    return _recommended(read_body(WantDocument, _choices()).question())


def _recommended(ask: WantQuestion) -> Response:
    want = ask.want(load_recommenders(settings().recommenders)[ask.recommender])
    if ask.history is not None:
        return jsonify(_for_history(ask.history, ask.k, want))
    return jsonify(_for_visitor(_visitor(ask.visitor_id, READ), ask.k, want))


@bp.get("/v1/items")
def items() -> Response:
    """The catalog page by page, in editorial order, or what a search finds, best match first."""
    searching = flywheel().serve.searching
    ask = asked(ItemsQuestion, _choices())
    start = (ask.page - 1) * ask.per_page
    end = start + ask.per_page
    if ask.q is None:
        listed = searching.catalog.filter(type=ask.type, style=ask.style)
        total, shown = len(listed), list(listed[start:end])
    else:
        selection = Selection(type=(ask.type,) if ask.type else (), style=(ask.style,) if ask.style else ())
        found = narrowed(searching.find(ask.q), selection.mask(searching.facets))
        total, shown = len(found), searching.first(found, end)[start:]
    return jsonify(items=api_items(shown), page=ask.page, per_page=ask.per_page, total=total, more=end < total)


@bp.get("/v1/items/<id:item_id>")
def item(item_id: str) -> Response:
    """One item."""
    asked(Question)
    return jsonify(api_item(_item(item_id)))


@bp.get("/v1/items/<id:item_id>/similar")
def similar(item_id: str) -> Response:
    """The k items most like one item, for the visitor."""
    if not written_path(request.environ).endswith("/similar"):  # an id that ends so: `x%2Fsimilar`
        return item(f"{item_id}/similar")
    ask = asked(SimilarQuestion)
    found = _item(item_id)
    page = flywheel().serve.item(_visitor(ask.visitor_id, READ), found.item_id, time.time(), ask.k, slate_logging())
    shelf = next((shelf for shelf in page.shelves if shelf.key == "similar"), None) if page else None
    entries = shelf.entries if shelf else ()
    return jsonify(item_id=found.item_id, slate_id=shelf.slate_id if shelf else None, items=_entries(entries))


@bp.post("/v1/events")
def record_events() -> tuple[Response, int]:
    """Record a batch of events: 202 with what was stored, 400 with every problem found."""
    ask = asked(VisitorQuestion)
    if request.mimetype != "application/json":
        refuse(415, f"Content-Type is {request.mimetype or 'missing'!r}; send application/json")
    try:
        batch = parse_batch(request.get_data(cache=False), settings())
    except EventBatchError as error:
        refuse(
            413 if error.too_large else 422 if error.unprocessable else 400,
            str(error),
            [asdict(found) for found in error.problems],
        )
    told_at = batch.told_at
    if told_at and len(told_at) < len(batch.events):
        check_scope(EVENTS, "Events of now are recorded")
    past = _visitor_of_past(ask.visitor_id, min(told_at)) if told_at else None
    visitor = past or _visitor(ask.visitor_id, EVENTS, make=False)
    flywheel().serve.note_answers(visitor.visitor_id, {event.slate_id for event in batch.events if event.slate_id})
    receipt = flywheel().recorder.record(batch, visitor, received_at=time.time())
    refused = list(map(asdict, receipt.quarantined))
    return jsonify(stored=receipt.stored, duplicates=receipt.duplicates, quarantined=refused), 202


@bp.get("/v1/visitors/<id:visitor_id>")
def visitor_data(visitor_id: str) -> Response:
    """Everything recorded about a visitor."""
    asked(Question)
    found = export_visitor(flywheel().store.reader(), _visitor_of_data(visitor_id).visitor_id)
    if found is None:
        _refuse_visitor()
    response = jsonify(found)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.delete("/v1/visitors/<id:visitor_id>")
def erase_visitor(visitor_id: str) -> tuple[str, int]:
    """Erase everything recorded about a visitor."""
    asked(Question)
    erase(_visitor_of_data(visitor_id).visitor_id)
    if visitor_id == cookie_visitor_id():  # of whoever was served and never stored, too
        forget_cookie()
    return "", 204


def _choices() -> Choices:
    catalog = flywheel().catalog
    names = tuple(load_recommenders(settings().recommenders))
    return {"type": catalog.types, "style": catalog.styles(), "for": names}


def _visitor(visitor_id: str | None, scope: str, make: bool = True) -> Visitor:
    """The visitor named by id, else that of the cookie, else a new one where `make` says so."""
    if visitor_id is not None:
        named = _named_visitor(visitor_id, scope)
        return _first_seen(visitor_id, scope) if named is None else as_present(named)
    known = current_visitor() if make else known_visitor()
    if known is None:
        detail = "is missing and so is the visitor's cookie; open a page or GET /api/v1/recommendations first"
        refuse(404, f"visitor_id {detail}", [{"parameter": "visitor_id", "detail": detail, "value": None}])
    return known


def _visitor_of_past(visitor_id: str | None, first_at: float) -> Visitor:
    """Of whom a program tells what they did before now: as an import does, without their having come."""
    check_scope(HISTORY, "Events with a time of their own are recorded")
    if visitor_id is None:
        detail = "is missing; name the visitor who did it"
        refuse(404, f"visitor_id {detail}", [{"parameter": "visitor_id", "detail": detail, "value": None}])
    known = find_visitor(visitor_id)
    return known or new_visitor(settings(), "imported", now=min(first_at, time.time()), visitor_id=visitor_id)


def _named_visitor(visitor_id: str, scope: str) -> Visitor | None:
    """The visitor of this id, for themselves or for who shows a key with this scope; None for everybody else."""
    own = known_visitor()
    if visitor_id == cookie_visitor_id() or (own is not None and own.visitor_id == visitor_id):
        return own
    named = find_visitor(visitor_id) if may(scope) else None
    if named is not None:
        welcome(visitor_id)
    return named


def _first_seen(visitor_id: str, scope: str) -> Visitor:
    """A new visitor under the id by which a program knows them; the first record about them makes the row."""
    key = request_key()
    if key is None or scope not in key.scopes or visitor_id == cookie_visitor_id():
        _refuse_visitor()
    return new_visitor(settings(), g.get("origin", "real"), now=time.time(), visitor_id=visitor_id)


def _visitor_of_data(visitor_id: str) -> Visitor:
    """The visitor whose data are asked for; for all who may not there is nobody of any id."""
    return _named_visitor(visitor_id, VISITORS) or _refuse_visitor()


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


def _for_visitor(visitor: Visitor, k: int, want: Want) -> dict[str, Any]:
    serve = flywheel().serve
    if want.after is not None:
        flywheel().writer.run(lambda db: None)  # so that all that was served before is on record
        if not serve.shown(visitor, want.after):
            detail = "is of no answer to this visitor; leave it out to begin anew"
            refuse(404, f"cursor {detail}", [{"parameter": "cursor", "detail": detail, "value": want.after}])
    page = serve.recommend(visitor, time.time(), k, want, logging=slate_logging())
    shelf = next(iter(page.shelves), None)
    return {
        "visitor_id": visitor.visitor_id,
        "arm": visitor.arm,
        "model_version": page.model_version,
        "slate_id": shelf.slate_id if shelf else None,
        "policy": shelf.policy if shelf else None,
        "cursor": page.page_id if shelf and shelf.slate_id else None,
        "items": _entries(shelf.entries) if shelf else [],
    }


def _for_history(history: Sequence[str], k: int, want: Want) -> dict[str, Any]:
    """For a history of nobody in particular: nothing is logged, so there is no slate to answer."""
    catalog = flywheel().catalog
    recommended = flywheel().serve.recommend_for(history, k, want)
    found = [(catalog.get(choice.item_id), choice) for choice in recommended.ranked]
    return {
        "visitor_id": None,
        "arm": None,
        "model_version": recommended.model_version,
        "slate_id": None,
        "policy": None,
        "cursor": None,
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


def _entries(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    return [
        {
            "position": entry.position,
            "source": entry.source,
            "score": entry.score,
            "propensity": entry.propensity,
            "reason": entry.reason,
            "item": shown,
        }
        for entry, shown in zip(entries, api_items([entry.item for entry in entries]), strict=True)
    ]
