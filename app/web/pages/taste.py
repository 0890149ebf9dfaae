"""“What I think you like”: chips on the home page and on “You”, and the buttons that change them."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from flask import Blueprint, Flask, abort, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from app.serve.insight.taste import TasteChip
from app.serve.traits import parse_trait
from app.store.visitors import ensure_visitor
from app.store.wishes import MAX_LEVEL, set_wish
from app.values.visitor import Visitor
from app.web.addresses import own_address
from app.web.presses import press_token, wants_json
from app.web.visiting import current_visitor, flywheel, known_visitor

bp = Blueprint("taste", __name__)

LEVEL_WORDS = {-2: "left out", -1: "less of it", 1: "more of it", 2: "much more of it"}


def register(app: Flask) -> None:
    """Give the templates the chips."""
    app.jinja_env.globals.update(taste_chips=taste_chips, level_words=LEVEL_WORDS)


def taste_chips() -> tuple[TasteChip, ...]:
    """What the page thinks that who is asking likes."""
    visitor = known_visitor()
    return () if visitor is None else flywheel().tastes.of(visitor)


@bp.post("/you/wish")
def wish() -> ResponseReturnValue:
    """Ask for more or less of a trait, leave it out, or take that back; `wish` is the trait's key and a level."""
    key, _, written = request.form.get("wish", "").rpartition(" ")
    trait = parse_trait(key)
    level = int(written) if written in {"-2", "-1", "0", "1", "2"} else None
    if trait is None or level is None or abs(level) > MAX_LEVEL or len(key) > 100:
        abort(400, f"wish = {request.form.get('wish', '')[:80]!r} must be a trait and a level, such as 'style:retro 1'")
    visitor = current_visitor()
    serve = flywheel().serve
    flywheel().writer.run(
        partial(_store, visitor=visitor, trait=key, level=level, at=time.time()),
        after_commit=lambda _: serve.forget(visitor.visitor_id),
    )
    if wants_json():
        return jsonify(trait=key, level=level, kind="wish", press=press_token())
    return redirect(f"{own_address(request.form.get('next', '')) or '/'}#taste", 303)


def _store(db: Any, visitor: Visitor, trait: str, level: int, at: float) -> None:
    ensure_visitor(db, visitor)
    set_wish(db, visitor.visitor_id, trait, level, at)
