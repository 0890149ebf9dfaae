"""Artwork of the items, drawn on demand: the same bytes for the same item, so that a browser asks once."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from flask import Blueprint, Response, abort, request

from app.catalog.artwork import artwork_svg
from app.values.item import Item
from app.web.visiting import flywheel

bp = Blueprint("artwork", __name__)

_KEPT = 1_024
# An SVG that is opened by itself may style itself and nothing else.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@bp.get("/art/<id:item_id>.svg")
def art(item_id: str) -> Response:
    """The artwork of one item as SVG."""
    item = flywheel().catalog.get(item_id)
    if item is None:
        abort(404)
    svg, tag = _drawn(item)
    response = Response(svg, mimetype="image/svg+xml")
    response.set_etag(tag)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = _POLICY
    response.make_conditional(request)
    return response


@lru_cache(maxsize=_KEPT)
def _drawn(item: Item) -> tuple[bytes, str]:
    svg = artwork_svg(item).encode()
    return svg, hashlib.sha256(svg).hexdigest()[:24]
