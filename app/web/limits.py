"""How often one visitor, or one address without a visitor, may call the API."""

from __future__ import annotations

from flask import Blueprint, Flask, request
from flask_limiter import Limiter

from app.settings import Settings
from app.web.visiting import cookie_visitor_id


def register(app: Flask, api: Blueprint) -> None:
    """Put the setting `rate_limit` on the API; pages are not limited."""
    settings: Settings = app.config["SETTINGS"]
    limiter = Limiter(_caller, storage_uri="memory://", headers_enabled=True)
    limiter.limit(settings.rate_limit)(api)
    limiter.init_app(app)


def _caller() -> str:
    # Only a cookie that we signed counts, else made-up cookies would be a way around the limit.
    visitor_id = cookie_visitor_id()
    return f"visitor:{visitor_id}" if visitor_id else f"address:{request.remote_addr}"
