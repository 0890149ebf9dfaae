"""The trace that a request belongs to (W3C Trace Context), so that lines of a log can be found by it."""

from __future__ import annotations

import re

from flask import Flask
from structlog.contextvars import bind_contextvars, unbind_contextvars

from app.logs import TRACE_FIELDS
from app.web.callers import kept_for_request, this_request

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?P<trace_id>[0-9a-f]{32})-(?P<span_id>[0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")


def register(app: Flask) -> None:
    """Name the trace in every line that is logged while one of its requests is answered."""
    app.before_request(_begin)
    app.teardown_request(_end)


def _begin() -> None:
    told = this_request().headers.get("traceparent")
    found = _TRACEPARENT.fullmatch(told) if told else None
    # The standard gives version ff and ids of zeros no meaning.
    if found is None or found[0].startswith("ff") or any(set(found[name]) == {"0"} for name in TRACE_FIELDS):
        return
    bind_contextvars(**found.groupdict())
    kept_for_request().is_traced = True


def _end(error: BaseException | None) -> None:
    if kept_for_request().get("is_traced", False):
        unbind_contextvars(*TRACE_FIELDS)
