"""Writing items while the site runs: one by its id, or many at once; pages have them when the answer comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import NoReturn, TypeVar

from flask import Response, jsonify
from pydantic import ValidationError

from app.catalog.item_document import ItemBatch, ItemChange, ItemDocument, ItemId, changed_item, item_of
from app.keys import CATALOG
from app.store import Database
from app.store.item_changes import Upserted, remove_items, stored_items, upsert_items
from app.web.access import check_scope
from app.web.api.arguments import asked
from app.web.api.blueprint import bp
from app.web.api.body import read_body
from app.web.api.questions import Question
from app.web.pages.words import api_item
from app.web.problems import refuse
from app.web.visiting import flywheel


@bp.put("/v1/items/<id:item_id>")
def put_item(item_id: str) -> tuple[Response, int]:
    """Write a whole item: 201 when it is new, 200 when it takes the place of one."""
    check_scope(CATALOG, "Items are written")
    asked(Question)
    item_id = _checked_id(item_id)
    item = item_of(read_body(ItemDocument), item_id, time.time())
    done = _write(partial(upsert_items, items=[item]))
    return jsonify(api_item(flywheel().catalog[item_id])), 201 if done.new else 200


@bp.patch("/v1/items/<id:item_id>")
def patch_item(item_id: str) -> Response:
    """Change some of an item."""
    check_scope(CATALOG, "Items are written")
    asked(Question)
    change, now = read_body(ItemChange), time.time()

    def write(db: Database) -> Upserted | None:
        stored = stored_items(db.conn, [item_id]).get(item_id)
        return None if stored is None else upsert_items(db, [changed_item(stored, change, now)], keep_picture=False)

    if _write(write) is None:
        _refuse_item(item_id)
    return jsonify(api_item(flywheel().catalog[item_id]))


@bp.delete("/v1/items/<id:item_id>")
def delete_item(item_id: str) -> tuple[str, int]:
    """Take an item out of the catalog; what was done with it stays on record."""
    check_scope(CATALOG, "Items are written")
    asked(Question)
    if not _write(partial(remove_items, item_ids=[item_id])):
        _refuse_item(item_id)
    return "", 204


@bp.post("/v1/items")
def write_items() -> Response:
    """Write many whole items, all of them or none."""
    check_scope(CATALOG, "Items are written")
    asked(Question)
    now = time.time()
    items = [item_of(document, document.item_id, now) for document in read_body(ItemBatch).items]
    done = _write(partial(upsert_items, items=items))
    return jsonify(new=done.new, updated=done.updated, unchanged=done.unchanged)


_Done = TypeVar("_Done")


def _write(task: Callable[[Database], _Done]) -> _Done:
    """Run a write, and let pages have what was written before the answer goes out."""
    done = flywheel().writer.run(task)
    flywheel().catalogs.refresh()
    return done


def _checked_id(item_id: str) -> str:
    try:
        return ItemId(item_id=item_id).item_id
    except ValidationError:
        detail = "must be 1 to 200 characters, none of them a control character, and neither . nor .."
        refuse(400, f"item_id {detail}", [{"parameter": "item_id", "detail": detail, "value": item_id[:80]}])


def _refuse_item(item_id: str) -> NoReturn:
    refuse(404, f"There is no item {item_id[:80]!r}; GET /api/v1/items lists what there is.")
