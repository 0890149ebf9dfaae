"""The dashboard's buttons: what the commands do, through the same functions, for whoever is logged in."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.models.errors import LearnError
from app.models.publish import promote, rollback
from app.models.registry_rows import ModelVersion
from app.record.release import release
from app.store import StoreError
from app.store.measures.exclusions import lift
from app.store.measures.quarantine import drop
from app.web.dashboard.login import own_path, require_admin
from app.web.presses import is_repeated
from app.web.visiting import flywheel, settings

BY = "the dashboard"
"""Who is written into the registry for what is done here."""
MAX_REASON = 200
"""Characters of a reason that are kept."""

bp = Blueprint("admin", __name__, url_prefix="/flywheel")


@bp.before_request
def admin_only() -> ResponseReturnValue | None:
    """Nobody else presses these, and a form that is sent again (two clicks, a reload) does nothing more.

    Rolling back twice would put the version before the last one in use.
    """
    require_admin()
    if is_repeated(request.path):
        return back()
    return None


@bp.post("/models/<int(max=9223372036854775807):version>/promote")
def promote_model(version: int) -> ResponseReturnValue:
    """Put a version in use, whatever the gate said of it."""
    return _change_model(lambda: promote(settings(), flywheel().registry, version, by=BY, reason=_reason()))


@bp.post("/models/rollback")
def rollback_model() -> ResponseReturnValue:
    """Put the version in use that was in use before."""
    return _change_model(lambda: rollback(settings(), flywheel().registry, by=BY, reason=_reason()))


def _change_model(change: Callable[[], ModelVersion]) -> ResponseReturnValue:
    try:
        flash(f"Version {change().version} is in use now.", "good")
    except LearnError as error:
        flash(f"Nothing was changed: {error}.", "bad")
    return back()


@bp.post("/quarantine/<int(max=9223372036854775807):quarantine_id>/<any(release, drop):decision>")
def settle_quarantined(quarantine_id: int, decision: str) -> ResponseReturnValue:
    """Record a quarantined event after all, or decide that it stays out."""
    if decision == "drop":
        return _change_data(
            lambda db, at, reason: drop(db, quarantine_id, reason, BY, at),
            f"Quarantined event {quarantine_id} stays out.",
        )
    on_recorded = flywheel().serve.on_recorded  # looked up here: the writer's thread has no request
    return _change_data(
        lambda db, at, reason: release(db, quarantine_id, reason, BY, at),
        f"Quarantined event {quarantine_id} was recorded after all.",
        after_commit=lambda stored: on_recorded([stored]),
    )


@bp.post("/exclusions/<int(max=9223372036854775807):exclusion_id>/lift")
def lift_exclusion(exclusion_id: int) -> ResponseReturnValue:
    """Let an excluded visitor count again."""
    return _change_data(
        lambda db, at, reason: lift(db, exclusion_id, reason, BY, at),
        f"Exclusion {exclusion_id} is lifted; the next model is made anew with the visitor's rows.",
    )


def _change_data(
    change: Callable[[Any, float, str], Any], done: str, after_commit: Callable[[Any], None] | None = None
) -> ResponseReturnValue:
    """Run a change as one task of the writer (see `Writer.run`), and say what was done or why not."""
    reason = _reason() or "decided on the dashboard"
    at = time.time()
    try:
        flywheel().writer.run(lambda db: change(db, at, reason), after_commit=after_commit)
        flash(done, "good")
    except StoreError as error:
        flash(f"Nothing was changed: {error}.", "bad")
    return back()


def _reason() -> str:
    """What was written into the bar's field, in one line; may be empty."""
    return " ".join(request.form.get("reason", "").split())[:MAX_REASON]


def back() -> ResponseReturnValue:
    """To the page that the button was on, with figures taken after it was pressed."""
    flywheel().board.refresh()
    return redirect(own_path(request.form.get("next", "")) or url_for("flywheel.models"), 303)
