"""The admin's login: one password, a session that the server can end, and a limit on guessing."""

from __future__ import annotations

import hashlib
import math
import secrets

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response as BaseResponse

from app.flywheel import Flywheel
from app.secret import ADMIN_PASSWORD_FILE, admin_password, is_admin_password
from app.signing import steady_serializer
from app.web.addresses import own_address
from app.web.callers import caller_address
from app.web.dashboard.admin_sessions import AdminSessions
from app.web.dashboard.guesses import GuessLimit
from app.web.kept import SharedGuesses, SharedSessions
from app.web.problems import error_page
from app.web.visiting import settings

bp = Blueprint("login", __name__, url_prefix="/flywheel")

BROWSER_COOKIE = "admin-browser"
"""Cookie of a browser in which the admin logged in once; it opens nothing."""
_BROWSER_S = 400 * 24 * 3_600
_FIELD = "admin"
"""Name under which the session cookie holds the token of the admin's session."""


def register(app: Flask) -> None:
    """Keep sessions and guesses, and let templates ask whether the admin is looking."""
    parts: Flywheel = app.extensions["flywheel"]
    several = bool(parts.settings.database_url)
    app.extensions["admin_sessions"] = SharedSessions(parts) if several else AdminSessions()
    app.extensions["guess_limit"] = SharedGuesses(parts) if several else GuessLimit()
    app.jinja_env.globals.update(is_admin=is_admin)


def is_admin() -> bool:
    """Whether the request comes from someone who gave the password within the last hours."""
    return _FIELD in session and _sessions().is_open(session[_FIELD], _mark())


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
    guesses: GuessLimit | SharedGuesses = current_app.extensions["guess_limit"]
    who = _guesser()
    wait_s = guesses.wait_s(who)
    if wait_s > 0:
        return error_page(429, headers={"Retry-After": str(math.ceil(wait_s))})
    if not is_admin_password(settings(), request.form.get("password", "")):
        guesses.note_wrong(who)
        flash("That is not the password.", "bad")
        return render_template("flywheel_login.html", next=way_on, hint=_hint()), 403
    _sessions().close(session.get(_FIELD), _mark())
    session.clear()
    session[_FIELD] = _sessions().open(_mark())
    flash("You are logged in.", "good")
    answer = redirect(way_on, 303)
    _mark_browser(answer)
    return answer


@bp.post("/logout")
def leave() -> ResponseReturnValue:
    """End the session, here and in every copy of its cookie."""
    _sessions().close(session.get(_FIELD), _mark())
    session.clear()
    answer = redirect(url_for("flywheel.dashboard"), 303)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def _sessions() -> AdminSessions | SharedSessions:
    sessions: AdminSessions | SharedSessions = current_app.extensions["admin_sessions"]
    return sessions


def _guesser() -> str:
    """Who guesses: a browser that was let in before, else the address."""
    try:
        return f"browser:{_browsers().loads(request.cookies.get(_browser_cookie(), ''), max_age=_BROWSER_S)}"
    except BadData:
        return f"address:{caller_address()}"


def _mark_browser(answer: BaseResponse) -> None:
    answer.set_cookie(
        _browser_cookie(),
        str(_browsers().dumps(secrets.token_urlsafe(16))),
        max_age=_BROWSER_S,
        path=url_for("login.enter"),
        secure=settings().secure_cookies,
        httponly=True,
        samesite="Strict",
    )


def _browser_cookie() -> str:
    return f"__Secure-{BROWSER_COOKIE}" if settings().secure_cookies else BROWSER_COOKIE


def _browsers() -> URLSafeTimedSerializer:
    return steady_serializer(str(current_app.secret_key), "admin-browser")


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
