"""The wheel, alive: what visitors do as they do it, whether a model has learned it, and buttons that bring visitors."""

from __future__ import annotations

import time

from flask import Blueprint, Flask, Response, abort, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.catalog import label
from app.store.events import EventRow, recent_actions
from app.values.visitor import Visitor
from app.visitors import History
from app.web.dashboard import site_crowd as site_crowd_of
from app.web.dashboard.login import is_admin, require_admin
from app.web.dashboard.site_crowd import site_crowd
from app.web.presses import is_repeated, wants_json
from app.web.visiting import flywheel, known_visitor, settings

bp = Blueprint("wheel", __name__, url_prefix="/flywheel")

_TICKER = 8
_ROW = 12
_PEOPLE = 40
_FANS = 30
_SAID = {"click": "opened", "like": "liked", "save": "saved", "use": "used", "dislike": "hid"}


def register(app: Flask) -> None:
    """Let templates ask who may bring a crowd, and fans of what style."""
    site_crowd_of.register(app)
    app.jinja_env.globals.update(may_bring_crowd=may_bring_crowd, fan_style=fan_style, fans=_FANS)


def may_bring_crowd() -> bool:
    """Whether who is asking may start simulated traffic: everybody on a demo, elsewhere the admin."""
    return settings().demo or is_admin()


def fan_style() -> str | None:
    """The style that fans turn to: retro where there is one, else the most frequent; None where there is no style."""
    catalog = flywheel().catalog
    styles = [style for style in catalog.styles() if style]
    if not styles or catalog.items[0].year is not None:
        return None
    return "retro" if "retro" in styles else styles[0]


@bp.get("/pulse.json")
def pulse() -> Response:
    """The newest acts, the model in use, and how well it knows the fans' style; asked every second."""
    parts = flywheel()
    found = recent_actions(parts.store.reader(), _TICKER)
    state = parts.serve.state()
    return jsonify(
        acts=[{"seq": row.seq, "words": _words(row), "origin": row.origin} for row in found],
        version=state.model_version,
        learned=bool(found) and state.watermark >= found[0].seq,
        crowd=site_crowd().running,
        fans=_fans_see(),
    )


@bp.post("/crowd")
def bring() -> ResponseReturnValue:
    """Start or end simulated traffic: `do` is ``people``, ``fans`` or ``stop``."""
    if not settings().demo:
        require_admin()
    do = request.form.get("do", "")
    if do not in {"people", "fans", "stop"}:
        abort(400, f"do = {do[:40]!r} must be people, fans or stop")
    style = fan_style() if do == "fans" else None
    if do == "fans" and style is None:
        abort(400, "this catalog has no style that visitors could be fans of; start traffic of all kinds instead")
    if not is_repeated(request.path, do):
        _do(do, style)
    if wants_json():
        return jsonify(crowd=site_crowd().running)
    return redirect(url_for("flywheel.dashboard", origin="simulated"), 303)


def _do(do: str, style: str | None) -> None:
    crowd = site_crowd()
    if do == "stop":
        crowd.stop()
        flash("The simulated visitors went home.", "good")
    elif crowd.send(f"http://{settings().host}:{settings().port}", _FANS if style else _PEOPLE, style):
        who = f"{_FANS} fans of {label(style)}" if style else f"{_PEOPLE} visitors of all tastes"
        flash(f"{who} are on their way. They are simulated, and counted apart.", "good")
    else:
        flash("Simulated visitors are on the site already; wait for them, or send them home.", "bad")


def _words(row: EventRow) -> str:
    visitor = known_visitor()
    mine = visitor is not None and visitor.visitor_id == row.visitor_id
    who = "You" if mine else "A simulated visitor" if row.origin == "simulated" else "A visitor"
    item = flywheel().catalog.get(row.item_id)
    did = f"took back: {_SAID[row.kind]}" if row.undo else _SAID[row.kind]
    return f"{who} {did} “{item.title if item else row.item_id}”"


def _fans_see() -> dict[str, object] | None:
    """Of the first row of somebody who opened the best known item of the fans' style alone, how many have the style."""
    style = fan_style()
    if style is None:
        return None
    catalog = flywheel().catalog
    first = catalog.filter(style=style)[0]
    now = time.time()
    shelves = flywheel().serve.shelves(Visitor("somebody", now, "treatment", "chosen", "simulated", holdout=False))
    row = shelves.row_of(shelves.ranker, History({first.item_id: 1.0}), _ROW, (), now).ranked[:_ROW]
    shown = [catalog[choice.item_id].style for choice in row if choice.item_id in catalog]
    return {"style": label(style), "shown": shown.count(style), "of": len(shown)}
