"""Merging: somebody who browsed without a name logs in, and both ids are one visitor from then on."""

from __future__ import annotations

import time

from flask import Response, g, jsonify, request
from pydantic import ValidationError

from app.keys import VISITORS
from app.record.merging import NobodyToBecomeError, NobodyToMergeError
from app.visitors import new_visitor
from app.visitors.merging import MergeError
from app.web.access import check_scope
from app.web.addresses import written_path
from app.web.api.arguments import asked
from app.web.api.blueprint import bp
from app.web.api.body import read_body
from app.web.api.merge_document import MergeDocument
from app.web.api.questions import Question
from app.web.pages.erasing import merge_visitors
from app.web.problems import refuse
from app.web.visiting import find_visitor, settings


@bp.post("/v1/visitors/<id:visitor_id>/merge")
def merge_visitor(visitor_id: str) -> Response:
    """Make the visitor whom the body names, and the one of the address, one visitor."""
    if not written_path(request.environ).endswith("/merge"):
        refuse(405, "POST to /api/v1/visitors/{visitor_id}/merge.", headers={"Allow": "GET, DELETE"})
    check_scope(VISITORS, "Visitors are merged")
    asked(Question)
    try:
        MergeDocument(merged_id=visitor_id)
    except ValidationError:
        detail = "must be 1 to 200 characters, none of them a control character, and neither . nor .."
        refuse(400, f"visitor_id {detail}", [{"parameter": "visitor_id", "detail": detail, "value": visitor_id[:80]}])
    document = read_body(MergeDocument)
    merged_id = document.merged_id
    if merged_id == visitor_id:
        refuse(409, "merged_id is the id of the address; name the one that the visitor had before")
    into = find_visitor(visitor_id) or new_visitor(
        settings(), g.get("origin", "real"), now=time.time(), visitor_id=visitor_id
    )
    try:
        done = merge_visitors(merged_id, into, document.create)
    except NobodyToMergeError:
        refuse(404, f"There is no visitor {merged_id[:80]!r} to merge; nothing was recorded of them.")
    except NobodyToBecomeError:
        refuse(404, f"There is no visitor {visitor_id[:80]!r} to become, and `create` is false; nothing was merged.")
    except MergeError as error:
        refuse(409, f"{error}.")
    visitor, moved = done.visitor, done.moved
    return jsonify(
        visitor_id=visitor.visitor_id,
        arm=visitor.arm,
        merged=done.done,
        created=done.created,
        events=moved.events,
        slates=moved.slates,
    )
