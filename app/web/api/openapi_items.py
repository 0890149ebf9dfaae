"""How items are written, as the description of the JSON API has it: from the models by which the views read."""

from __future__ import annotations

from typing import Any

from app.catalog.item_document import ItemBatch, ItemChange, ItemDocument, ItemId, NamedItemDocument

_Json = dict[str, Any]
_SECURITY: list[_Json] = [{"key": []}]
_MODELS = (ItemChange, ItemDocument, NamedItemDocument, ItemBatch)


def written_items() -> _Json:
    """The schemas of what is written of items, by name."""
    found: _Json = {}
    for model in _MODELS:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        found[model.__name__] = schema
    counts = {name: {"type": "integer", "minimum": 0} for name in ("new", "updated", "unchanged")}
    found["Written"] = {"type": "object", "properties": counts, "required": list(counts)}
    return found


def item_id_parameter() -> _Json:
    """An item's id as part of the address of a write."""
    schema = ItemId.model_json_schema()["properties"]["item_id"]
    plain = {name: value for name, value in schema.items() if name != "title"}
    return {"name": "item_id", "in": "path", "required": True, "schema": plain, "description": "The item's id."}


def item_writes(problems: Any) -> tuple[_Json, _Json]:
    """What can be done at the address of one item, and at that of all. problems: makes responses of statuses."""
    one = {
        "put": {
            "operationId": "putItem",
            "security": _SECURITY,
            "summary": "Write a whole item, new or in place of the one of its id; pages have it when the answer comes",
            "parameters": [item_id_parameter()],
            "requestBody": _body("ItemDocument"),
            "responses": _fine("200", "Written in place of another", "Item")
            | _fine("201", "Written, and new", "Item")
            | problems(400, 401, 403, 404, 413, 415, 429, 503, 507),
        },
        "patch": {
            "operationId": "patchItem",
            "security": _SECURITY,
            "summary": "Change some of an item: null takes a value away, what is left out stays (RFC 7396)",
            "parameters": [item_id_parameter()],
            "requestBody": _body("ItemChange"),
            "responses": _fine("200", "As it is now", "Item") | problems(400, 401, 403, 404, 413, 415, 429, 503, 507),
        },
        "delete": {
            "operationId": "deleteItem",
            "security": _SECURITY,
            "summary": "Take an item out of the catalog; what was done with it stays on record",
            "parameters": [item_id_parameter()],
            "responses": {"204": {"description": "Taken out"}} | problems(400, 401, 403, 404, 429, 503, 507),
        },
    }
    many = {
        "post": {
            "operationId": "writeItems",
            "security": _SECURITY,
            "summary": "Write many whole items, all of them or none",
            "requestBody": _body("ItemBatch"),
            "responses": _fine("200", "Written", "Written") | problems(400, 401, 403, 413, 415, 429, 503, 507),
        }
    }
    return one, many


def _body(schema: str) -> _Json:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"required": True, "content": content}


def _fine(status: str, words: str, schema: str) -> _Json:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {status: {"description": words, "content": content}}
