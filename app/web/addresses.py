"""Addresses within the site: ids in paths, and ways back that never lead off the site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, abort, request
from werkzeug.routing import BaseConverter

# What Werkzeug leaves as it is in a part of a path, so that both write one address for one item.
PLAIN = "!$&'()*+,;=:@"


class IdConverter(BaseConverter):
    """An id in a path, slashes and all: a server gets `a%2Fb` decoded, so the slash of an id is like any other."""

    regex = ".+?"
    part_isolating = False


def register(app: Flask) -> None:
    """Make `<id:…>` known to routes, let two slashes be two, as they may belong to an id, and require a Host."""
    app.url_map.converters["id"] = IdConverter
    app.url_map.merge_slashes = False
    app.before_request(_require_host)


def _require_host() -> None:
    """Refuse requests that do not say for whom they are, as they must since HTTP/1.1 (RFC 9112, section 3.2)."""
    environ = request.environ
    if "HTTP_HOST" not in environ and environ.get("SERVER_PROTOCOL") != "HTTP/1.0":
        abort(400, "A request needs the header Host.")


def quoted_id(an_id: str) -> str:
    """An id as one part of a path."""
    return quote(an_id, safe=PLAIN)


def quoted_path(path: str) -> str:
    """A decoded path as it is written in an address."""
    return quote(path, safe=PLAIN + "/")


def written_path(environ: Mapping[str, Any]) -> str:
    """The path of a request as its client wrote it, which tells a slash of an id (`%2F`) from one between parts; where
    the server does not pass it on, as it was decoded.
    """
    written = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    return str(written).partition("?")[0] if written else str(environ.get("PATH_INFO", ""))


def own_address(text: str) -> str | None:
    """Path and query of an address of this site, or None when it is or may become that of another.

    Browsers read a backslash as a slash and leave out tabs and line breaks, so none of them is let through.
    """
    if not text.startswith("/") or text.startswith("//") or "\\" in text or any(ord(sign) <= 32 for sign in text):
        return None
    wanted = urlsplit(text)
    if wanted.scheme or wanted.netloc or not wanted.path.startswith("/") or wanted.path.startswith("//"):
        return None
    return wanted.path + (f"?{wanted.query}" if wanted.query else "")
