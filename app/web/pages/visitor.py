"""What a visitor can do about themselves: see their arm, take their data along, be forgotten."""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.store.visitors import ensure_visitor, export_visitor, set_arm
from app.values.item import Item
from app.values.visitor import ARMS
from app.web.pages.erasing import erase
from app.web.pages.more import used_titles
from app.web.visiting import book, current_visitor, flywheel, forget_cookie, known_visitor, settings

bp = Blueprint("visitor", __name__)


@bp.get("/about")
def about() -> str:
    """What is known of this visitor, and what they can do about it. Opening it makes nobody a visitor."""
    visitor = known_visitor()
    opinions = flywheel().serve.opinions(visitor.visitor_id) if visitor else None
    return render_template(
        "about.html",
        demo=settings().demo,
        visitor=visitor,
        used=_items(opinions.used) if opinions else [],
        used_title=used_titles()[0],
        saved=_items(opinions.saved) if opinions else [],
        hidden=_items(opinions.hidden) if opinions else [],
        passed_over=_items(flywheel().serve.passed_over(visitor.visitor_id, time.time())) if visitor else [],
        passes=flywheel().settings.row_passes,
    )


@bp.get("/you")
def you() -> ResponseReturnValue:
    """What the header calls the page, for who types that."""
    return redirect(url_for("visitor.about"))


@bp.get("/about/data.json")
def export() -> Response:
    """Everything recorded about this visitor, as a file."""
    visitor = known_visitor()
    found = export_visitor(flywheel().store.reader(), visitor.visitor_id) if visitor else None
    if found is None:
        abort(404)
    text = json.dumps(found, ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": "attachment; filename=carousel-data.json", "Cache-Control": "private, no-store"}
    return Response(text, mimetype="application/json", headers=headers)


@bp.post("/about/forget")
def forget() -> ResponseReturnValue:
    """Erase everything recorded about this visitor and take the cookie back."""
    visitor = known_visitor()
    if visitor is not None:
        erase(visitor.visitor_id)
    forget_cookie()  # of whoever is not known as well
    answer = redirect(url_for("visitor.forgotten"), 303)
    # Not the cookies: one of them may hold the admin's session.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.get("/about/forgotten")
def forgotten() -> str:
    """Says that it is done, without making a new visitor of who reads it."""
    return render_template("forgotten.html")


@bp.post("/about/arm")
def choose_arm() -> ResponseReturnValue:
    """Change the arm by choice; from then on the visitor's clicks are no part of the experiment."""
    arm = request.form.get("arm", "")
    if arm not in ARMS:
        abort(400)
    visitor = current_visitor()

    def change(db: Any) -> None:
        ensure_visitor(db, visitor)
        set_arm(db, visitor.visitor_id, arm, "chosen")

    known = book()
    flywheel().writer.run(change, after_commit=lambda _: known.forget(visitor.visitor_id))
    return redirect(url_for("site.home"), 303)


def _items(item_ids: Collection[str]) -> list[Item]:
    found = map(flywheel().catalog.get, sorted(item_ids))
    return [item for item in found if item is not None]
