"""The description of the JSON API (OpenAPI 3.1), made from the models by which the views read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.settings import Settings
from app.visitors import cookie_name
from app.web.api.openapi_items import item_id_parameter, item_writes
from app.web.api.openapi_rules import rule_paths
from app.web.api.openapi_schemas import reference, schemas
from app.web.api.questions import (
    Choices,
    ItemsQuestion,
    SimilarQuestion,
    VisitorQuestion,
    WantQuestion,
    described_parameters,
)
from app.web.api.want_document import want_schemas

_Json = dict[str, Any]


def _security_schemes(settings: Settings) -> _Json:
    return {"visitor": {**_VISITOR_SCHEME, "name": cookie_name(settings.secure_cookies)}, "key": _KEY_SCHEME}


_VISITOR_SCHEME: _Json = {
    "type": "apiKey",
    "in": "cookie",
    "description": "The cookie that the site gave a visitor: lets them act for themselves.",
}
_KEY_SCHEME: _Json = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key of the site: lets a program act for any visitor.",
}
# Either, or none: where neither fits there is no such visitor, and the answer is 404 whether or not there is.
_FOR_A_VISITOR: list[_Json] = [{"visitor": []}, {"key": []}, {}]


def openapi_document(settings: Settings, choices: Choices) -> _Json:
    """The whole document, for these settings and the types and styles that this catalog has."""
    one_item, all_items = item_writes(_problems)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Carousel",
            "version": "1",
            "description": "Recommendations that learn from every click. Errors are problem documents (RFC 9457).",
        },
        "servers": [{"url": "/"}],
        "paths": {
            "/api/v1/recommendations": {"get": _recommendations(choices), "post": _recommendations_by_body()},
            "/api/v1/items": {"get": _items(choices), **all_items},
            "/api/v1/items/{item_id}": {"get": _item(), **one_item},
            "/api/v1/items/{item_id}/similar": {"get": _similar()},
            "/api/v1/events": {"post": _events(settings)},
            "/api/v1/visitors/{visitor_id}": {"get": _export(), "delete": _erase()},
            "/api/v1/visitors/{visitor_id}/merge": {"post": _merge()},
            **rule_paths(_responses, _problems),
        },
        "components": {
            "schemas": schemas(settings) | want_schemas(choices),
            "responses": _problem_responses(),
            "securitySchemes": _security_schemes(settings),
        },
    }


def _recommendations(choices: Choices) -> _Json:
    return {
        "operationId": "recommend",
        "security": _FOR_A_VISITOR,
        "summary": "The k best items for a visitor, or for a history given with the question",
        "description": (
            "Without history and visitor_id the visitor is the one of the cookie; without a cookie a new visitor is "
            "made, who gets one. A key with the scope `read` may name any visitor; an id that is not known yet is a "
            "new visitor. With history nothing is logged: there is no slate to answer."
        ),
        "parameters": described_parameters(WantQuestion, choices),
        "responses": _responses("200", "What to show", "Recommendations", 400, 404, 409, 429, 503),
    }


def _recommendations_by_body() -> _Json:
    return {
        "operationId": "recommendByBody",
        "security": _FOR_A_VISITOR,
        "summary": "The same for a question in a body: its lists may be longer than an address takes",
        "requestBody": {"required": True, "content": {"application/json": {"schema": reference("WantDocument")}}},
        "responses": _responses("200", "What to show", "Recommendations", 400, 404, 409, 413, 415, 429, 503),
    }


def _items(choices: Choices) -> _Json:
    return {
        "operationId": "listItems",
        "summary": "The catalog in editorial order, or what matches a search, best match first",
        "parameters": described_parameters(ItemsQuestion, choices),
        "responses": _responses("200", "One page of items", "ItemPage", 400, 404, 429, 503),
    }


def _item() -> _Json:
    return {
        "operationId": "getItem",
        "summary": "One item",
        "parameters": [_item_parameter()],
        "responses": _responses("200", "The item", "Item", 400, 404, 429, 503),
    }


def _similar() -> _Json:
    return {
        "operationId": "similarItems",
        "security": _FOR_A_VISITOR,
        "summary": "The items most like one item, leaving out what the visitor has hidden",
        "parameters": [_item_parameter(), *described_parameters(SimilarQuestion, {})],
        "responses": _responses("200", "Similar items", "Similar", 400, 404, 429, 503),
    }


def _events(settings: Settings) -> _Json:
    return {
        "operationId": "recordEvents",
        "security": _FOR_A_VISITOR,
        "summary": "Record what a visitor did",
        "description": (
            "For the visitor of the cookie, or for the one that a key with the scope `events` names, who may be new; "
            "without either there is nobody (404). Events with a time of their own (`at`) need the scope `history` and "
            "are of a customer who may not have come yet, and is assigned to an arm when they do. "
            "Answered after the commit. A malformed batch is refused whole. A well-formed event that cannot be "
            f"believed is set aside and named under quarantined. At most {settings.max_event_batch} events and "
            f"{settings.max_body_kib} KiB. An event_id that is known is counted under duplicates, not stored."
        ),
        "parameters": described_parameters(VisitorQuestion, {}),
        "requestBody": {"required": True, "content": {"application/json": {"schema": reference("EventBatch")}}},
        "responses": _responses(
            "202", "What became of the batch", "Receipt", 400, 401, 403, 404, 413, 415, 422, 429, 503, 507
        ),
    }


def _export() -> _Json:
    return {
        "operationId": "exportVisitor",
        "security": _FOR_A_VISITOR,
        "summary": "Everything recorded about a visitor, for themselves or for who shows a key",
        "parameters": [_path("visitor_id", "The visitor's id.")],
        "responses": _responses("200", "Everything recorded", "VisitorData", 400, 404, 429, 503),
    }


def _erase() -> _Json:
    return {
        "operationId": "eraseVisitor",
        "security": _FOR_A_VISITOR,
        "summary": "Erase everything recorded about a visitor, for themselves or for who shows a key",
        "parameters": [_path("visitor_id", "The visitor's id.")],
        "responses": {"204": {"description": "Erased"}} | _problems(400, 404, 429, 503, 507),
    }


def _merge() -> _Json:
    return {
        "operationId": "mergeVisitors",
        "security": [{"key": []}],
        "summary": "Make an anonymous visitor and the one of the address, who may be new, one visitor",
        "description": (
            "With a key of the scope `visitors`, when somebody logs in. Both ids mean the same visitor from then on, "
            "with all that was done under either. The first assignment stays: arm and part in the experiment are "
            "those of whichever id was assigned first. Merging again changes nothing. An id that is not known yet is a "
            "new visitor, and `created` says so: where customers are known before, send `create` false, and a mistyped "
            "id is answered 404. Merged into a wrong id, a visitor gets their past back when that id is merged into "
            "the right one."
        ),
        "parameters": [
            item_id_parameter()
            | {"name": "visitor_id", "description": "The id that stays, such as that of a customer."}
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": reference("MergeDocument")}}},
        "responses": _responses(
            "200", "Who both are now", "Merged", 400, 401, 403, 404, 405, 409, 413, 415, 429, 503, 507
        ),
    }


_PROBLEMS: Mapping[int, tuple[str, str]] = {
    400: ("BadRequest", "A parameter or the body is wrong; errors name each with its value and the fix"),
    401: ("NoKey", "No key was shown"),
    403: ("NotAllowed", "The key has not the scope for this"),
    404: ("NotFound", "There is no such item, type or style, or no visitor for whom the caller may act"),
    405: ("NotThisWay", "The address takes other methods"),
    409: ("Clash", "What was given excludes each other, or what is there"),
    413: ("TooLarge", "The body is too large"),
    415: ("WrongMediaType", "The body is not application/json"),
    422: ("Unprocessable", "A kind of event is not one of the use case, or carries another value than its kind"),
    429: ("TooMany", "Too many calls; Retry-After says when to go on"),
    503: ("Busy", "The database cannot take or give anything now; Retry-After says when to try again"),
    507: ("Full", "There is no room on the disk; nothing was stored, and Retry-After says when to try again"),
}


def _problem_responses() -> _Json:
    content = {"application/problem+json": {"schema": reference("Problem")}}
    retry = {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds."}}
    return {
        name: {"description": words, "content": content} | ({"headers": retry} if status in {429, 503, 507} else {})
        for status, (name, words) in _PROBLEMS.items()
    }


def _problems(*statuses: int) -> _Json:
    return {str(status): {"$ref": f"#/components/responses/{_PROBLEMS[status][0]}"} for status in statuses}


def _responses(status: str, words: str, schema: str, *problems: int) -> _Json:
    fine = {"description": words, "content": {"application/json": {"schema": reference(schema)}}}
    return {status: fine} | _problems(*problems)


def _item_parameter() -> _Json:
    return _path("item_id", "The item's id.")


def _path(name: str, words: str) -> _Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "description": words}
