"""The admin's login: one password, a signed session that ends with it, and a limit on guessing."""

from __future__ import annotations

import hashlib
import time

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app.secret import ADMIN_PASSWORD_FILE, admin_password, is_admin_password
from app.web.addresses import own_address
from app.web.visiting import settings

bp = Blueprint("login", __name__, url_prefix="/flywheel")

SESSION_S = 12 * 3_600
"""Seconds after which a login has to be made again."""


def register(app: Flask) -> None:
    """Let templates ask whether the admin is looking."""
    app.jinja_env.globals.update(is_admin=is_admin)


def is_admin() -> bool:
    """Whether the request comes from someone who gave the password within the last hours."""
    given_at = session.get("admin_at")
    fresh = isinstance(given_at, int | float) and 0 <= time.time() - given_at < SESSION_S
    # A session that was opened with another password than today's is closed.
    return fresh and session.get("admin_mark") == _mark()


def require_admin() -> None:
    """Send everyone else to the login."""
    if not is_admin():
        flash("Log in first, then press the button again.", "bad")
        abort(redirect(url_for("login.login", next=own_path(request.form.get("next", ""))), 303))


@bp.get("/login")
def login() -> str:
    """The form."""
    return render_template("flywheel_login.html", next=own_path(request.args.get("next", "")), hint=_hint())


@bp.post("/login")
def enter() -> ResponseReturnValue:
    """Open a session for whoever knows the password; 403 with the form again for whoever does not."""
    way_on = own_path(request.form.get("next", ""))
    if not is_admin_password(settings(), request.form.get("password", "")):
        flash("That is not the password.", "bad")
        return render_template("flywheel_login.html", next=way_on, hint=_hint()), 403
    session.clear()
    session["admin_at"] = time.time()
    session["admin_mark"] = _mark()
    flash("You are logged in.", "good")
    return redirect(way_on, 303)


@bp.post("/logout")
def leave() -> ResponseReturnValue:
    """End the session."""
    session.clear()
    return redirect(url_for("flywheel.dashboard"), 303)


def _mark() -> str:
    return hashlib.sha256(f"admin\n{admin_password(settings())}".encode()).hexdigest()[:16]


def _hint() -> str:
    """Where the password is to be found."""
    if settings().admin_password:
        return "It is the one set as FLYWHEEL_ADMIN_PASSWORD."
    return f"It was made at the first start and is in the file {ADMIN_PASSWORD_FILE} beside the databases."


def own_path(address: str) -> str:
    """The address when it is one of the dashboard's own, else the dashboard."""
    dashboard = url_for("flywheel.dashboard")
    own = own_address(address) or dashboard
    path = own.partition("?")[0]
    return own if f"{path}/".startswith(f"{dashboard}/") and ".." not in path.split("/") else dashboard
