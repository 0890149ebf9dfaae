"""What a visitor does with an item: like, save, use, not interested, and taking each back."""

from __future__ import annotations

import re
import time
from urllib.parse import unquote, urlencode

from flask import Blueprint, abort, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from app.web.addresses import own_address, quoted_id
from app.web.pages.words import item_link
from app.web.presses import press_id, press_token, wants_json
from app.web.visiting import current_visitor, flywheel

bp = Blueprint("actions", __name__)

_SLATE = re.compile(r"[A-Za-z0-9_-]{1,48}")


@bp.post("/item/<id:item_id>/<any(like, save, use, dislike, view):kind>")
def act(item_id: str, kind: str) -> ResponseReturnValue:
    """Record one opinion and go back to the page it came from; a script gets the new state instead.

    Pressing twice is one press: the token of the page makes the id of the event. The undo of ``view`` forgets how often
    the item was passed over.
    """
    if flywheel().catalog.get(item_id) is None:
        abort(404)
    undo = request.form.get("undo") == "1"
    if kind == "view" and not undo:
        abort(400)  # looks are counted where they happen; here one can only have them forgotten
    slate_id, position = request.args.get("slate", ""), request.args.get("pos", "")
    answers = bool(_SLATE.fullmatch(slate_id)) and position.isascii() and position.isdigit() and 0 < len(position) < 5
    visitor, started = current_visitor(), time.perf_counter()
    if answers:
        flywheel().serve.note_answers(visitor.visitor_id, [slate_id])
    press = press_id(visitor.visitor_id, kind, item_id, str(undo))
    receipt = flywheel().recorder.record_act(
        visitor,
        kind,
        item_id,
        (slate_id, int(position)) if answers else None,
        event_id=f"f-{press}" if press else None,
        undo=undo,
        received_at=time.time(),
    )
    flywheel().effects.of(visitor, since=started)
    if wants_json():
        # The script stays on the page, so its next press needs a token of its own.
        return jsonify(item_id=item_id, kind=kind, on=not undo, stored=receipt.stored, press=press_token())
    return redirect(_way_back(item_id, kind, undo), 303)


def _way_back(item_id: str, kind: str, undo: bool) -> str:
    """The page that the form was on, at the place that was pressed. Only ever an address of this site."""
    own_page = item_link(item_id)
    # Without an address to go back to, the item's page; `seen` says that showing it again is no new click.
    path, _, query = (own_address(request.form.get("next", "")) or f"{own_page}?seen=1").partition("?")
    on_item_page = unquote(path) == unquote(own_page)
    if kind == "dislike" and not undo and not on_item_page:
        query = "&".join(part for part in (query, urlencode({"hidden": item_id})) if part)
        return f"{path}?{query}#main"
    anchor = "actions" if on_item_page else f"i-{quoted_id(item_id)}"
    return f"{path}{'?' + query if query else ''}#{anchor}"
