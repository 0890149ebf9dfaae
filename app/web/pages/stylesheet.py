"""The style sheet of every page: files by subject, sent as one, since a page is painted when all are here."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, request, url_for

bp = Blueprint("stylesheet", __name__)

PARTS = ("site.css", "learning.css", "theme.css", "lists.css")
"""In this order: what comes later may overrule."""
_FOLDER = Path(__file__).parents[1] / "static"
_KEPT_FOREVER = "public, max-age=31536000, immutable"


def register(app: Flask) -> None:
    """Give the templates `stylesheet`, its address."""
    app.jinja_env.globals.update(stylesheet=lambda: url_for("stylesheet.sheet", v=_version()))


@bp.get("/look.css")
def sheet() -> Response:
    """All parts. At the address that names their content a browser asks once."""
    response = Response(_content(), mimetype="text/css")
    response.set_etag(_version())
    if request.args.get("v") == _version():
        response.headers["Cache-Control"] = _KEPT_FOREVER
    # As of a file: compressed once and kept, see `app.web.compression`.
    response.direct_passthrough = True
    response.make_conditional(request)
    return response


@cache
def _content() -> bytes:
    return b"\n".join((_FOLDER / part).read_bytes() for part in PARTS)


@cache
def _version() -> str:
    return hashlib.sha256(_content()).hexdigest()[:12]
