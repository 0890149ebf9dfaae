"""Side by side: the learned row beside popularity, through one's own eyes or a persona's. Nothing here is recorded."""

from __future__ import annotations

import time

from flask import Blueprint, abort, render_template, request

from app.serve.insight.personas import persona_history, personas_of, side_by_side
from app.values.visitor import Visitor
from app.web.visiting import flywheel, known_visitor

bp = Blueprint("side_by_side", __name__)

_NOBODY = "side-by-side"
"""Id of the visitor as whom a persona looks; no cookie has it, and nothing is written of it."""


@bp.get("/side-by-side")
def show() -> str:
    """Both rows. `as` names a persona; without it they are those of who asks."""
    parts = flywheel()
    personas = personas_of(parts.catalog)
    visitor = known_visitor()
    wanted = request.args.get("as", "you" if visitor else "new")
    # As a visitor of the treatment arm, whichever arm who asks is in: their own page stays as it is.
    shelves = parts.serve.shelves(Visitor(_NOBODY, 0.0, "treatment", "chosen", "real", False))
    if wanted == "you":
        history = parts.serve.history(visitor.visitor_id) if visitor else shelves.history
    else:
        persona = next((one for one in personas if one.key == wanted), None)
        if persona is None:
            abort(404)
        history = persona_history(persona, shelves)
    found = side_by_side(shelves, history, time.time())
    return render_template("side_by_side.html", personas=personas, wanted=wanted, found=found, visitor=visitor)
