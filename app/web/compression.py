"""Answers are sent gzipped to whoever takes that: a page of 140 KB is 10 KB."""

from __future__ import annotations

import gzip
import threading
from functools import lru_cache

from cachetools import LRUCache
from flask import Flask, Response, current_app
from isal.igzip_lib import COMP_GZIP, compress
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from app.web.callers import this_request

_TEXTS = frozenset(
    ("text/html", "text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml")
)
_LEAST = 600
"""Bytes below which an answer fits one packet anyway."""
_PAGE_LEVEL, _FILE_LEVEL = 2, 9
"""Of ISA-L and of zlib. Pages are made for one visitor, so that time counts; files are compressed once and kept."""
_KEPT_BYTES = 32 * 1024 * 1024
_KEPT_ASKS = 256


def register(app: Flask) -> None:
    """Compress what this application answers. Registered first, so that it acts last, on the finished answer."""
    app.extensions["compressed_files"] = _CompressedFiles()
    app.after_request(_compress)


class _CompressedFiles:
    """Compressed files by their tag, the most recently used ones, bounded in bytes. Safe between threads."""

    def __init__(self) -> None:
        self._kept: LRUCache[tuple[str, str], bytes] = LRUCache(_KEPT_BYTES, getsizeof=len)
        self._lock = threading.Lock()

    def get(self, address: str, tag: str, content: bytes) -> bytes:
        """The content of the file at an address, compressed; `tag` differs where the content does."""
        key = address, tag
        with self._lock:
            known = self._kept.get(key)
        if known is None:
            known = gzip.compress(content, _FILE_LEVEL, mtime=0)
            if len(known) <= _KEPT_BYTES:
                with self._lock:
                    self._kept[key] = known
        return known


def _compress(response: Response) -> Response:
    if response.status_code == 202:  # the receipt of a batch: a line, and of no cache's business
        return response
    headers, request = response.headers, this_request()
    if response.mimetype not in _TEXTS or "Content-Encoding" in headers:
        return response
    varies = headers.get("Vary")
    headers["Vary"] = f"{varies}, Accept-Encoding" if varies else "Accept-Encoding"
    small = response.content_length is not None and response.content_length < _LEAST
    if small or response.status_code != 200 or request.method == "HEAD" or "Range" in request.headers:
        return response
    taken = _takes_gzip(request.environ.get("HTTP_ACCEPT_ENCODING", ""))
    if not taken or (response.is_streamed and not response.direct_passthrough):
        return response
    tag, _ = response.get_etag()
    of_file = response.direct_passthrough and tag is not None
    response.direct_passthrough = False
    content = response.get_data()
    if len(content) < _LEAST:
        return response
    if of_file and tag is not None:
        files: _CompressedFiles = _files()
        packed = files.get(request.path, tag, content)
    else:
        packed = compress(content, _PAGE_LEVEL, flag=COMP_GZIP)
    response.set_data(packed)
    response.headers["Content-Encoding"] = "gzip"
    if tag is not None:
        response.set_etag(tag, weak=True)  # the same content in other bytes
    return response


@lru_cache(_KEPT_ASKS)
def _takes_gzip(accept_encoding: str) -> bool:
    """Whether this header takes gzip; there are as many of them as kinds of browsers."""
    return parse_accept_header(accept_encoding, Accept)["gzip"] > 0


def _files() -> _CompressedFiles:
    found: _CompressedFiles = current_app.extensions["compressed_files"]
    return found
