"""How business rules are written, as the description of the JSON API has it."""

from __future__ import annotations

from typing import Any

from app.values.rule import ACTIONS

_Json = dict[str, Any]
_SECURITY: list[_Json] = [{"key": []}]
_REFUSED = (400, 401, 403, 429, 503)
_WRITTEN = (400, 401, 403, 409, 413, 415, 422, 429, 503, 507)


def rule_paths(responses: Any, problems: Any) -> _Json:
    """The addresses of rules. responses, problems: make answers of a schema, and of statuses."""
    number = {
        "name": "rule_id",
        "in": "path",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
        "description": "The rule's number.",
    }
    return {
        "/api/v1/rules": {
            "get": {
                "operationId": "listRules",
                "security": _SECURITY,
                "summary": "The business rules in force",
                "responses": responses("200", "Rules, the oldest first", "Rules", *_REFUSED),
            },
            "post": {
                "operationId": "makeRule",
                "security": _SECURITY,
                "summary": "Let a rule be in force; pages follow it when the answer comes",
                "requestBody": _body("NewRule"),
                "responses": responses("201", "Made", "Rule", *_WRITTEN),
            },
        },
        "/api/v1/rules/preview": {
            "post": {
                "operationId": "previewRule",
                "security": _SECURITY,
                "summary": "What a rule would change of what a history gets; nothing is made",
                "requestBody": _body("Preview"),
                "responses": responses("200", "Before and after", "Previewed", *_WRITTEN),
            }
        },
        "/api/v1/rules/{rule_id}": {
            "delete": {
                "operationId": "endRule",
                "security": _SECURITY,
                "summary": "End a rule; it stays on record, because slates name it",
                "parameters": [number],
                "responses": {"204": {"description": "Ended"}} | problems(400, 401, 403, 404, 429, 503, 507),
            }
        },
    }


def answered_rules(object_of: Any) -> _Json:
    """The schemas of what is answered, by name. object_of: makes a schema of properties."""
    text, number = {"type": "string"}, {"type": "number"}
    ids = {"type": "array", "items": text}
    rule = {
        "rule_id": {"type": "integer"},
        "action": {"type": "string", "enum": list(ACTIONS)},
        "field": text,
        "value": text,
        "number": number,
        "words": text,
        "made_at": {"type": "number", "description": "Unix seconds."},
        "made_by": text,
    }
    rules = {"type": "array", "items": {"$ref": "#/components/schemas/Rule"}}
    return {
        "Rule": object_of(rule),
        "Rules": object_of({"rules": rules}),
        "Previewed": object_of({"before": ids, "after": ids, "hidden": {"type": "integer", "minimum": 0}}),
    }


def _body(schema: str) -> _Json:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"required": True, "content": content}
