"""How often one visitor, or one address without a visitor, may call the API, and how often a password may be tried."""

from __future__ import annotations

import math
import time

from flask import Blueprint, Flask, Response, request
from flask_limiter import Limiter, RateLimitExceeded

from app.settings import Settings
from app.web.limit_storage import SCHEME
from app.web.problems import error_page, is_api, problem
from app.web.visiting import cookie_visitor_id

LOGIN_LIMIT = "10 per minute"
"""Most tries at the admin's password from one address."""


def register(app: Flask, api: Blueprint, login: Blueprint) -> None:
    """Put the setting `rate_limit` on the API and a fixed limit on logins; other pages are not limited."""
    settings: Settings = app.config["SETTINGS"]
    limiter = Limiter(_caller, storage_uri=f"{SCHEME}://")
    limiter.limit(settings.rate_limit)(api)
    limiter.limit(LOGIN_LIMIT, key_func=_address, methods=["POST"])(login)
    limiter.init_app(app)

    def too_many(error: RateLimitExceeded) -> Response:
        reached = limiter.current_limit
        wait_s = max(1, math.ceil(reached.reset_at - time.time())) if reached else 1
        if not is_api():
            return error_page(429, headers={"Retry-After": str(wait_s)})
        detail = f"more than {error.description} calls; wait {wait_s} s and go on more slowly"
        return problem(429, detail, headers={"Retry-After": str(wait_s)})

    app.register_error_handler(RateLimitExceeded, too_many)


def _caller() -> str:
    # Only a cookie that we signed counts, else made-up cookies would be a way around the limit.
    visitor_id = cookie_visitor_id()
    return f"visitor:{visitor_id}" if visitor_id else f"address:{request.remote_addr}"


def _address() -> str:
    return f"address:{request.remote_addr}"
