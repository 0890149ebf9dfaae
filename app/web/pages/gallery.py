"""The pages of the gallery. Opening an item is recorded here, on the server, so that it counts without scripts."""

from __future__ import annotations

import re
import time

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from app.values.item import Item
from app.visitors import Opinions
from app.web.pages.arguments import whole_number
from app.web.pages.learning import learning_bar, moved_marks
from app.web.pages.more import own_shelves, used_titles, wants_picks
from app.web.pages.opening import record_opening, record_when_seen
from app.web.pages.why import why_shown
from app.web.pages.words import art_shape
from app.web.visiting import current_visitor, flywheel, known_visitor, slate_logging

bp = Blueprint("site", __name__)

_SLATE = re.compile(r"[A-Za-z0-9_-]{1,48}")


@bp.get("/")
def home() -> ResponseReturnValue:
    """The home page. Browsers do not keep it, so that going back to it shows what the last click did."""
    visitor = current_visitor()
    page = flywheel().serve.home(visitor, time.time(), slate_logging(), picks=wants_picks())
    opened, held = flywheel().serve.opened(visitor.visitor_id), opinions()
    html = render_template(
        "home.html",
        page=page,
        opinions=held,
        opened=opened,
        hidden_item=just_hidden(),
        marks=moved_marks(learning_bar()),
        own=own_shelves(visitor, held) if opened else [],
    )
    return html, {"Cache-Control": "private, no-store"}


@bp.get("/item/<id:item_id>")
def item(item_id: str) -> str:
    """One item, large, with what can be done with it and what is like it."""
    found = flywheel().catalog.get(item_id)
    if found is None:
        abort(404)
    visitor, now, started = current_visitor(), time.time(), time.perf_counter()
    slate_id = request.args.get("slate", "")
    position = whole_number("pos", 1, 1_000)
    answers_slate = bool(_SLATE.fullmatch(slate_id)) and position is not None
    where = (slate_id, position) if answers_slate and position is not None else None
    record_opening(visitor, found, where, now)
    flywheel().effects.of(visitor, since=started)
    page = flywheel().serve.item(visitor, item_id, now, logging=slate_logging())
    if page is not None:
        record_when_seen(visitor, found, where, now, page)
    return render_template(
        "item.html",
        item=found,
        page=page,
        shape=art_shape(found),
        slate_id=where[0] if where else None,
        position=where[1] if where else None,
        why=why_shown(flywheel(), visitor, found, where),
        current_type=found.type,
        opinions=opinions(),
        hidden_item=just_hidden(),
        used_title=used_titles()[0],
    )


def opinions() -> Opinions:
    """What this visitor liked, saved, used and hid."""
    return flywheel().serve.opinions(current_visitor().visitor_id)


def just_hidden() -> Item | None:
    """The item whose hiding brought the visitor back here, while it is still hidden."""
    item_id = request.args.get("hidden", "")
    if not item_id or known_visitor() is None or item_id not in opinions().hidden:
        return None
    return flywheel().catalog.get(item_id)
