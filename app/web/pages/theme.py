"""Light or dark: as the system prefers, until somebody chooses. A cookie of its own remembers the choice."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, redirect, request
from flask.typing import ResponseReturnValue

from app.web.addresses import own_address
from app.web.visiting import settings

bp = Blueprint("theme", __name__)

_COOKIE = "theme"
_KEPT_S = 365 * 86_400
_THEMES = ("light", "dark")


def register(app: Flask) -> None:
    """Tell every page which theme was chosen."""
    app.context_processor(_chosen)


@bp.post("/theme")
def choose() -> ResponseReturnValue:
    """Remember a theme and go back to the page that the button was on."""
    theme = request.form.get("theme", "")
    if theme not in _THEMES:
        abort(400, f"theme = {theme[:40]!r} must be light or dark")
    answer = redirect(own_address(request.form.get("next", "")) or "/", 303)
    secure = settings().secure_cookies
    answer.set_cookie(_COOKIE, theme, max_age=_KEPT_S, httponly=True, samesite="Lax", secure=secure)
    return answer


def _chosen() -> dict[str, Any]:
    found = request.cookies.get(_COOKIE)
    theme = found if found in _THEMES else None
    # Browsers say what the system prefers with this header where they say it at all.
    now = theme or request.headers.get("Sec-CH-Prefers-Color-Scheme", "light").strip('"')
    return {"theme": theme, "other_theme": "light" if now == "dark" else "dark"}
