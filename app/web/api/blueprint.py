"""The blueprint that every view of the JSON API hangs on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("api", __name__, url_prefix="/api")
