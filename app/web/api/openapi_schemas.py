"""The shapes of what the JSON API takes and answers, as JSON Schema for its description."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.record.batch import MAX_EVENT_TIME, MAX_EVENT_VALUE
from app.settings import Settings
from app.values.origin import ORIGINS
from app.values.visitor import ARMS
from app.web.api.merge_document import MergeDocument
from app.web.api.openapi_items import written_items
from app.web.api.openapi_rules import answered_rules
from app.web.api.rule_document import rule_schemas

_Json = dict[str, Any]


def schemas(settings: Settings) -> _Json:
    """Every schema by its name, with the bounds of these settings."""
    text: _Json = {"type": "string"}
    number: _Json = {"type": "number"}
    whole: _Json = {"type": "integer"}
    item = {
        "item_id": text,
        "title": text,
        "type": text,
        "style": text,
        "palette": text,
        "layout": text,
        "tags": _list(text),
        "added_at": {"type": "number", "description": "Unix seconds."},
        "year": {"type": ["integer", "null"], "description": "Release year of a film."},
        "available": {"type": "boolean", "description": "Whether it is on a list now."},
        "attributes": {"type": "object", "description": "Free attributes: texts, numbers, lists of texts."},
        "link": {"type": ["string", "null"], "description": "The item's page at its shop."},
        "url": {"type": "string", "description": "The item's page on this site."},
        "artwork": _object({"url": text, "width": whole, "height": whole}),
    }
    entry = {
        "position": {"type": "integer", "minimum": 1},
        "source": {
            "type": "string",
            "description": "What put it there: als, first-factors, popularity, explore, …",
        },
        "score": {"type": ["number", "null"]},
        "propensity": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        "reason": {"type": ["string", "null"]},
        "item": reference("Item"),
    }
    recommendations = {
        "visitor_id": {"type": ["string", "null"]},
        "arm": {"type": ["string", "null"], "enum": [*ARMS, None]},
        "model_version": {"type": ["integer", "null"]},
        "slate_id": {"type": ["string", "null"], "description": "Name it in the events that answer this list."},
        "policy": {"type": ["string", "null"]},
        "cursor": {
            "type": ["string", "null"],
            "description": "Give it with the next question for more without repeats.",
        },
        "items": _list(reference("Entry")),
    }
    event = {
        "event_id": {"type": "string", "minLength": 1, "maxLength": 64, "description": "Made by you; counts once."},
        "kind": {"type": "string", "enum": list(settings.kinds())},
        "item_id": {"type": "string", "minLength": 1, "maxLength": 200},
        "slate_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 200},
        "position": {"type": ["integer", "null"], "minimum": 1, "maximum": 1_000_000},
        "undo": {"type": "boolean", "default": False},
        "client_time": {"type": ["number", "null"], "description": "Unix seconds by your clock."},
        "at": {
            "type": ["number", "null"],
            "minimum": 0,
            "maximum": MAX_EVENT_TIME,
            "description": "When it happened, Unix seconds, of what is told afterwards; needs the scope `history`.",
        },
    }
    batch = {"events": {**_list(reference("Event")), "maxItems": settings.max_event_batch}}
    quarantined = _object({"index": whole, "field": text, "reason": text})
    visitor = {
        "visitor_id": text,
        "created_at": number,
        "arm": {"type": "string", "enum": list(ARMS)},
        "arm_source": {"type": "string", "enum": ["assigned", "chosen"]},
        "origin": {"type": "string", "enum": list(ORIGINS)},
        "holdout": {"type": "integer", "enum": [0, 1]},
    }
    rows = _list({"type": "object"})
    error = {
        "parameter": {"type": "string", "description": "Name of a query parameter."},
        "pointer": {"type": "string", "description": "JSON pointer into the body."},
        "detail": text,
        "value": {"type": ["string", "null"]},
    }
    return (
        written_items()
        | rule_schemas(settings.kinds())
        | answered_rules(_object)
        | {
            "Item": _object(item),
            "Entry": _object(entry),
            "Recommendations": _object(recommendations),
            "ItemPage": _object(
                {
                    "items": _list(reference("Item")),
                    "page": whole,
                    "per_page": whole,
                    "total": whole,
                    "more": {"type": "boolean"},
                }
            ),
            "Similar": _object(
                {"item_id": text, "slate_id": {"type": ["string", "null"]}, "items": _list(reference("Entry"))}
            ),
            "Event": _event(event, settings),
            "EventBatch": _object(batch, closed=True),
            "Receipt": _object({"stored": whole, "duplicates": whole, "quarantined": _list(quarantined)}),
            "VisitorData": _object(
                {
                    "visitor": {"anyOf": [_object(visitor), {"type": "null"}]},
                    "slates": rows,
                    "events": rows,
                    "quarantine": rows,
                }
            ),
            "MergeDocument": MergeDocument.model_json_schema(),
            "Merged": _object(
                {
                    "visitor_id": text,
                    "arm": {"type": "string", "enum": list(ARMS)},
                    "merged": {"type": "boolean", "description": "False when they were one visitor before."},
                    "created": {
                        "type": "boolean",
                        "description": "Whether nothing had been known of the id that stays.",
                    },
                    "events": whole,
                    "slates": whole,
                }
            ),
            "Problem": _object(
                {
                    "type": text,
                    "title": text,
                    "status": whole,
                    "detail": text,
                    "instance": text,
                    "errors": _list(_object(error, required=("detail", "value"))),
                },
                required=("type", "title", "status", "detail", "instance"),
            ),
        }
    )


def _event(event: _Json, settings: Settings) -> _Json:
    """An event of a kind that carries no value, or one of a kind that carries one."""
    kinds, required = settings.kinds().values(), ("event_id", "kind", "item_id")
    plain = event | {
        "kind": {"type": "string", "enum": [kind.name for kind in kinds if not kind.value]},
        "value": {"type": "null", "description": _value_words(settings)},
    }
    valued = event | {
        "kind": {"type": "string", "enum": [kind.name for kind in kinds if kind.value]},
        "value": {
            "type": "number",
            "minimum": -MAX_EVENT_VALUE,
            "maximum": MAX_EVENT_VALUE,
            "description": _value_words(settings),
        },
    }
    schemas = [_object(plain, required=required, closed=True)]
    if any(kind.value for kind in kinds):
        schemas.append(_object(valued, required=(*required, "value"), closed=True))
    return schemas[0] if len(schemas) == 1 else {"oneOf": schemas}


def _value_words(settings: Settings) -> str:
    """Which kinds of event carry a value, and which."""
    carried = [f"{kind.name} carries {kind.value}" for kind in settings.kinds().values() if kind.value]
    return f"Only of a kind that carries one: {', '.join(carried) or 'none does here'}."


def reference(schema: str) -> _Json:
    """A pointer to one of the schemas."""
    return {"$ref": f"#/components/schemas/{schema}"}


def _list(items: _Json) -> _Json:
    return {"type": "array", "items": items}


def _object(properties: _Json, required: Sequence[str] | None = None, closed: bool = False) -> _Json:
    names = list(properties) if required is None else list(required)
    found: _Json = {"type": "object", "properties": properties, "required": names}
    return found | {"additionalProperties": False} if closed else found
