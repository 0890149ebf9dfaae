"""The pictures of items: files that browsers keep, and a placeholder for items without one."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, request, send_file
from werkzeug.wrappers import Response as AnyResponse

from app.catalog.images import TYPES, image_file, image_version
from app.values.item import Item
from app.web.pages.cards import image_link
from app.web.pages.placeholder import placeholder_svg
from app.web.visiting import flywheel, settings

bp = Blueprint("images", __name__)

# An SVG that is opened by itself may style itself and nothing else.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_KEPT_FOREVER = "public, max-age=31536000, immutable"
# An item's picture may be drawn at any time, so what stands for it is asked for again.
_ASKED_AGAIN = "public, no-cache"


@bp.get("/image/<id:item_id>")
def image(item_id: str) -> Response:
    """The picture of one item. At the address that names the picture a browser asks once."""
    item = _item(item_id)
    file = image_file(settings().images_folder, item.image)
    if file is None or item.image is None:
        return _placeholder(item)
    version = image_version(item.image)
    # Flask looks for a relative path in its own folder, and `var` is one by default.
    response = send_file(file.absolute(), mimetype=TYPES[file.suffix], etag=version)
    response.headers["Cache-Control"] = _KEPT_FOREVER if request.args.get("v") == version else _ASKED_AGAIN
    response.headers["Content-Security-Policy"] = _POLICY
    return response


@bp.get("/art/<id:item_id>.svg")
def former_address(item_id: str) -> AnyResponse:
    """Where pictures were before they were files."""
    return redirect(image_link(_item(item_id)))


def _item(item_id: str) -> Item:
    item = flywheel().catalog.get(item_id)
    if item is None:
        abort(404)
    return item


def _placeholder(item: Item) -> Response:
    response = Response(placeholder_svg(item), mimetype=TYPES[".svg"])
    response.add_etag()
    response.headers["Cache-Control"] = _ASKED_AGAIN
    response.headers["Content-Security-Policy"] = _POLICY
    response.make_conditional(request)
    return response
