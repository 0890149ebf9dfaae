"""How the site logs: lines on standard error that name no visitor, because an erasure does not reach a log.

Tracebacks come without the values of variables, and what is the id of a visitor, by its form or by the words before it,
is left out. A line that cannot be written is lost, never raised: a full disk of the log must not end what the line is
about.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog

FORMS = ("text", "json")
"""How lines are written: for people, or an object of JSON a line for programs (`as_record`)."""
SERVICE = "recommender-flywheel"
"""Name of the site in records of logs."""
TRACE_FIELDS = ("trace_id", "span_id")
"""What a line has of the trace that it belongs to."""
HIDDEN = "(hidden id)"
_SEVERITIES = {"debug": 5, "info": 9, "warning": 13, "error": 17, "critical": 21}
_MADE_HERE = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{21}[AQgw](?![A-Za-z0-9_-])")
"""Ids that the site makes (`app.visitors.new_visitor`), in cookies as well: 128 random bits in URL-safe base64, two of
them in the last character."""
_WORDS = re.compile(r"_?[a-z]+(?:[_-][a-z]+)*|[A-Z]+(?:_[A-Z]+)*")
"""A name in code or text. One in 80 million of the ids made here looks like one."""
_NAMED = re.compile(
    r"""(?P<before>\bvisitor(?:_id)?['"]?[ =:]{1,2}(?P<quote>['"])|(?<!/app)/visitors/|[?&]visitor_id=)"""
    r"""(?P<id>(?(quote).+?(?=(?P=quote))|[^/?&\s'"<]+))"""
)
"""An id of any form, such as a program chooses for its own visitors, where the text says that it is a visitor's: not
the file of a traceback, `app/visitors/cookie.py`."""
_NAMES = frozenset({"visitor", "visitor_id"})


_UNWRITABLE = (OSError, ValueError, AttributeError)
"""What writing to standard error may raise: on a full disk, when it is closed, and where a process has none."""


class ForgivingStream(io.StringIO):
    """Standard error as it is at each line, without its errors."""

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(*_UNWRITABLE):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what can be flushed."""
        with suppress(*_UNWRITABLE):
            sys.stderr.flush()

    def isatty(self) -> bool:
        """Whether somebody looks at a terminal."""
        with suppress(*_UNWRITABLE):
            return sys.stderr.isatty()
        return False


STANDARD_ERROR = ForgivingStream()
"""Where lines of every log go, and what else is told on the way: a disk that is full ends no work."""


def configure_logs(form: str = "text") -> None:
    """Let every logger of this process write lines without visitors; safe to call again. form: see `FORMS`."""
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,  # frames and lines, without locals, whatever else is installed
        hide_ids,
    ]
    if form == "json":
        processors += [as_record, structlog.processors.JSONRenderer(default=str)]
    else:
        processors += [
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            structlog.dev.ConsoleRenderer(colors=STANDARD_ERROR.isatty()),
        ]
    structlog.configure(
        processors=processors,
        logger_factory=structlog.PrintLoggerFactory(STANDARD_ERROR),
    )


def as_record(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: a line as a record of OpenTelemetry's data model of logs (1.0), for whoever collects them.

    trace_id and span_id are those of the request, where it came with a `traceparent`.
    """
    level = str(event.pop("level", method))
    record: dict[str, Any] = {
        "timestamp": datetime.now(UTC).isoformat(timespec="microseconds"),
        "severity_text": level.upper(),
        "severity_number": _SEVERITIES.get(level, _SEVERITIES["info"]),
        "body": event.pop("event", ""),
        "resource": {"service.name": SERVICE},
    }
    record |= {name: event.pop(name) for name in TRACE_FIELDS if name in event}
    stack = event.pop("exception", None)
    attributes = dict(event) | ({} if stack is None else {"exception.stacktrace": stack})
    return record | ({"attributes": attributes} if attributes else {})


def hide_ids(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: leaves ids of visitors out of every value of a line, and nothing else."""
    for name, value in event.items():
        if name in _NAMES and value is not None:
            event[name] = HIDDEN
            continue
        text = value if isinstance(value, str) else repr(value) if isinstance(value, Exception) else None
        if text is not None:
            event[name] = _MADE_HERE.sub(_hide_unless_words, _NAMED.sub(_hide_named, text))
    return event


def _hide_unless_words(found: re.Match[str]) -> str:
    return found[0] if _WORDS.fullmatch(found[0]) else HIDDEN


def _hide_named(found: re.Match[str]) -> str:
    return found["before"] + HIDDEN
