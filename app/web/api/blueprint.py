"""The blueprint that every view of the JSON API hangs on."""

from __future__ import annotations

from flask import Blueprint

from app.web.api.methods import check_method

bp = Blueprint("api", __name__, url_prefix="/api")
bp.before_request(check_method)
