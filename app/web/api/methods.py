"""What an address below an item or a visitor may be asked by: ids may hold slashes, so routes alone cannot tell."""

from __future__ import annotations

from flask import Response, request

from app.web.addresses import written_path
from app.web.problems import refuse

_PARTS = {
    "/similar": ("/api/v1/items/", ("GET", "HEAD", "OPTIONS")),
    "/merge": ("/api/v1/visitors/", ("OPTIONS", "POST")),
}
"""By the end of an address: where it lies, and its methods."""


def check_method() -> Response | None:
    """Answer 405 where the address, as it was written, takes other methods, and OPTIONS with those that it takes.

    An id that ends so is written with `%2F`, and is none of these addresses.
    """
    path = written_path(request.environ)
    for end, (start, methods) in _PARTS.items():
        if path.endswith(end) and start in path:
            allow = {"Allow": ", ".join(methods)}
            if request.method not in methods:
                refuse(405, f"This address takes {', '.join(methods)}, not {request.method}.", headers=allow)
            if request.method == "OPTIONS":
                return Response(headers=allow)
    return None
