"""What a visitor or a program reads when something is wrong: RFC 9457 problem documents under /api, else pages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import structlog
from flask import Flask, Response, abort, current_app, render_template, request
from flask.globals import request_ctx
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.http import HTTP_STATUS_CODES

from app.store import (
    READ_ERRORS,
    DiskFullError,
    NotInitialisedError,
    QueueFullError,
    StoreError,
    UnstorableTextError,
    VisitorErasedError,
    WriterBusyError,
    said_to_strangers,
)
from app.web.callers import this_request
from app.web.visiting import forget_cookie

RETRY_AFTER_S = 1
_log = structlog.get_logger(__name__)

_PAGES = {
    400: ("That did not work", "The address or the form was not complete. Go back and try again."),
    404: ("There is nothing here", "The page may have moved, or the link was not whole. The gallery is full, though."),
    405: ("Not this way", "This address cannot be opened like that. Go back and use the buttons of the page."),
    410: (
        "You are forgotten",
        "This came from before you asked to be forgotten, so nothing of it was kept. Start anew from the gallery.",
    ),
    413: ("That was too much", "The form was larger than this site takes."),
    429: ("One moment", "Those were many requests in a short time. Wait a little and try again."),
    500: ("Something broke on our side", "It has been noted. What you clicked before is safe; please try again."),
    503: ("Busy for a moment", "The gallery cannot answer right now. Please try again in a few seconds."),
}


def problem(
    status: int, detail: str, errors: Sequence[Mapping[str, Any]] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """A problem document (RFC 9457). `errors` name each thing that is wrong: where, why, the value."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES.get(status, "Unknown"),
        "status": status,
        "detail": detail,
        "instance": request.path,
    }
    if errors:
        document["errors"] = [dict(error) for error in errors]
    # A value that came in as a lone surrogate or as NaN must not break the answer that tells of it.
    text = json.dumps(document, ensure_ascii=True, default=str)
    return Response(text, status=status, mimetype="application/problem+json", headers=dict(headers or {}))


def refuse(
    status: int, detail: str, errors: Sequence[Mapping[str, Any]] = (), headers: Mapping[str, str] | None = None
) -> NoReturn:
    """Stop here and answer with a problem document."""
    abort(problem(status, detail, errors, headers))


def error_page(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """The page that says what this status means to a visitor."""
    answer = _page(status, *_PAGES[status])
    answer.headers.update(headers or {})
    return answer


def route_of_request() -> str:
    """The rule that the request's path matched, for logs and metrics: a path may hold a visitor's id."""
    rule = this_request().url_rule
    return rule.rule.replace("<id:", "<") if rule else "none"


def is_api() -> bool:
    """Whether the request came to the JSON API, which answers in problem documents."""
    return request.path.startswith("/api/")


def register(app: Flask) -> None:
    """Answer every error in the form that its reader understands."""
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    for kind in READ_ERRORS:
        app.register_error_handler(kind, _store_error)


def _stale_form(error: CSRFError) -> Response:
    return _page(400, "This form is too old", "Go back, load the page again, and press the button once more.")


def _too_large() -> str:
    most = (current_app.config["MAX_CONTENT_LENGTH"] or 0) // 1024
    return f"The body is larger than {most} KiB; send fewer events at a time."


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    status = error.code or 500
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        _log.error("request_failed", route=route_of_request(), exc_info=error.original_exception)
    if is_api():
        answer = problem(status, _too_large() if status == 413 else error.description or "")
    else:
        heading, detail = _PAGES.get(
            status, (HTTP_STATUS_CODES.get(status, "That did not work"), error.description or "")
        )
        answer = _page(status, heading, detail)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value
    return answer


def _store_error(error: Exception) -> Response:
    """The database cannot take or give anything now: 503 (507 where the disk is full), with the moment to try again.

    What is about a visitor who was erased meanwhile it never takes: as if there had never been one (404, a page 410).
    """
    if isinstance(error, VisitorErasedError):
        forget_cookie()
        return problem(404, "There is no visitor of this id.") if is_api() else error_page(410)
    if isinstance(error, UnstorableTextError):
        return problem(400, f"{error}.") if is_api() else error_page(400)
    if isinstance(error, StoreError) or getattr(error, "connection_lost", False):
        _log.warning("store_refused", route=route_of_request(), problem=str(error))
    else:
        _log.error("store_failed", route=route_of_request(), exc_info=error)
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    status = 507 if isinstance(error, DiskFullError) else 503
    if is_api():
        return problem(status, said_to_strangers(error), headers=headers)
    heading, detail = _PAGES[503]
    if isinstance(error, NotInitialisedError | WriterBusyError):
        heading, detail = "The gallery is not open yet", f"{str(error)[:1].upper()}{str(error)[1:]}."
    elif isinstance(error, QueueFullError):
        detail = "So many people are clicking that the last click could not be kept. Please try again in a few seconds."
    answer = _page(status, heading, detail)
    answer.headers.update(headers)
    return answer


def _page(status: int, heading: str, detail: str) -> Response:
    if request_ctx.url_adapter is None:  # the request's Host is none, so that no address of a page can be written
        return Response(f"{heading}\n{detail}\n", status=status, mimetype="text/plain")
    html = render_template("error.html", heading=heading, detail=detail)
    return Response(html, status=status, mimetype="text/html")
