"""How the site logs: lines on standard error that name no visitor, because an erasure does not reach a log.

Tracebacks come without the values of variables, and whatever looks like the id of a visitor is left out. A line that
cannot be written is lost, never raised: a full disk of the log must not end what the line is about.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

import structlog

HIDDEN = "(hidden id)"
_VISITOR_ID = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])")
"""Visitor ids are 128 random bits in URL-safe base64, see `app.visitors.new_visitor`."""


class ForgivingStream(io.StringIO):
    """Standard error as it is at each line, without its errors."""

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what can be flushed."""
        with suppress(OSError, ValueError):
            sys.stderr.flush()


_FORGIVING = ForgivingStream()


def configure_logs() -> None:
    """Let every logger of this process write lines without visitors; safe to call again."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,  # frames and lines, without locals, whatever else is installed
            hide_ids,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        logger_factory=structlog.PrintLoggerFactory(_FORGIVING),
    )


def hide_ids(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: replaces what looks like a visitor id, in every value of a line."""
    for name, value in event.items():
        text = value if isinstance(value, str) else repr(value) if isinstance(value, Exception) else None
        if text is not None:
            event[name] = _VISITOR_ID.sub(HIDDEN, text)
    return event
