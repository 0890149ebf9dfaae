"""Which other websites may call the API from a visitor's browser (CORS, the Fetch standard, section 3.2)."""

from __future__ import annotations

from flask import Flask, Response, request

from app.web.callers import this_request
from app.web.visiting import settings

_METHODS = "GET, POST, PUT, PATCH, DELETE"
_HEADERS = "Authorization, Content-Type"
_ASK_AGAIN_S = 3600


def register(app: Flask) -> None:
    """Answer browsers that ask first, and name the asking website in answers that it may read."""
    app.before_request(_answer_preflight)
    app.after_request(_name_origin)


def _allowed_origin() -> str | None:
    """The website that asks, if it is one of the setting `cors_origins` and asks the API."""
    origin = request.headers.get("Origin")
    if origin is None or not request.path.startswith("/api/"):
        return None
    return origin if origin in settings().cors_origins.split(",") else None


def _answer_preflight() -> Response | None:
    if this_request().method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    if _allowed_origin() is None:
        return None  # the view answers; without the headers the browser does not go on
    answer = Response(status=204)
    answer.headers["Access-Control-Allow-Methods"] = _METHODS
    answer.headers["Access-Control-Allow-Headers"] = _HEADERS
    answer.headers["Access-Control-Max-Age"] = str(_ASK_AGAIN_S)
    return answer


def _name_origin(response: Response) -> Response:
    if settings().cors_origins and request.path.startswith("/api/"):
        response.vary.add("Origin")
        origin = _allowed_origin()
        if origin is not None:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Credentials"] = "true"
            response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    if settings().cors_origins and request.endpoint is not None and request.endpoint.startswith("images."):
        # An <img> on the other website names nobody; without this the browser would not show the picture there.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
