"""Writing items while the site runs: one by its id, or many at once; pages have them when the answer comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import NoReturn, TypeVar

from flask import Response, jsonify, request
from pydantic import BaseModel, ValidationError

from app.catalog.item_document import ItemBatch, ItemChange, ItemDocument, ItemId, changed_item, item_of
from app.keys import CATALOG
from app.record.batch import batch_error
from app.store import Database
from app.store.item_changes import Upserted, remove_items, stored_items, upsert_items
from app.web.access import may, request_key
from app.web.api.arguments import asked
from app.web.api.blueprint import bp
from app.web.api.questions import Question
from app.web.pages.words import api_item
from app.web.problems import refuse
from app.web.visiting import flywheel

_Body = TypeVar("_Body", bound=BaseModel)


@bp.put("/v1/items/<id:item_id>")
def put_item(item_id: str) -> tuple[Response, int]:
    """Write a whole item: 201 when it is new, 200 when it takes the place of one."""
    _check_key()
    asked(Question)
    item_id = _checked_id(item_id)
    item = item_of(_body(ItemDocument), item_id, time.time())
    done = _write(partial(upsert_items, items=[item]))
    return jsonify(api_item(flywheel().catalog.by_id[item_id])), 201 if done.new else 200


@bp.patch("/v1/items/<id:item_id>")
def patch_item(item_id: str) -> Response:
    """Change some of an item."""
    _check_key()
    asked(Question)
    change, now = _body(ItemChange), time.time()

    def write(db: Database) -> Upserted | None:
        stored = stored_items(db.conn, [item_id]).get(item_id)
        return None if stored is None else upsert_items(db, [changed_item(stored, change, now)], keep_picture=False)

    if _write(write) is None:
        _refuse_item(item_id)
    return jsonify(api_item(flywheel().catalog.by_id[item_id]))


@bp.delete("/v1/items/<id:item_id>")
def delete_item(item_id: str) -> tuple[str, int]:
    """Take an item out of the catalog; what was done with it stays on record."""
    _check_key()
    asked(Question)
    if not _write(partial(remove_items, item_ids=[item_id])):
        _refuse_item(item_id)
    return "", 204


@bp.post("/v1/items")
def write_items() -> Response:
    """Write many whole items, all of them or none."""
    _check_key()
    asked(Question)
    now = time.time()
    items = [item_of(document, document.item_id, now) for document in _body(ItemBatch).items]
    done = _write(partial(upsert_items, items=items))
    return jsonify(new=done.new, updated=done.updated, unchanged=done.unchanged)


_Done = TypeVar("_Done")


def _write(task: Callable[[Database], _Done]) -> _Done:
    """Run a write, and let pages have what was written before the answer goes out."""
    done = flywheel().writer.run(task)
    flywheel().catalogs.refresh()
    return done


def _check_key() -> None:
    if may(CATALOG):
        return
    if request_key() is None:
        headers = {"WWW-Authenticate": 'Bearer realm="catalog"'}
        refuse(401, f"Items are written with a key of the scope {CATALOG}: Authorization: Bearer …", headers=headers)
    refuse(403, f"This key has not the scope {CATALOG}; make one with `flask keys add NAME --scope {CATALOG}`.")


def _checked_id(item_id: str) -> str:
    try:
        return ItemId(item_id=item_id).item_id
    except ValidationError:
        detail = "must be 1 to 200 characters, none of them a control character, and neither . nor .."
        refuse(400, f"item_id {detail}", [{"parameter": "item_id", "detail": detail, "value": item_id[:80]}])


def _body(model: type[_Body]) -> _Body:
    """The JSON body of the request. Answers 415 or 400, with all that is wrong, for any other."""
    if request.mimetype != "application/json":
        refuse(415, f"Content-Type is {request.mimetype or 'missing'!r}; send application/json")
    try:
        return model.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        found = batch_error(error)
        refuse(400, str(found), [{"pointer": p.pointer, "detail": p.detail, "value": p.value} for p in found.problems])


def _refuse_item(item_id: str) -> NoReturn:
    refuse(404, f"There is no item {item_id[:80]!r}; GET /api/v1/items lists what there is.")
