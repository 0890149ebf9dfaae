"""How often one visitor, or one address, may call the API."""

from __future__ import annotations

import math
import time

from flask import Blueprint, Flask, Response
from flask_limiter import Limiter, RateLimitExceeded

from app.settings import Settings
from app.web.access import request_key
from app.web.callers import caller_address
from app.web.limit_storage import SCHEME
from app.web.problems import error_page, is_api, problem
from app.web.visiting import signed_visitor

KNOWN_AFTER_S = 3_600.0
"""Age of a visitor's cookie from which the visitor has a limit of their own. A new cookie is free to have, so whoever
has one counts with their address."""


def register(app: Flask, api: Blueprint) -> None:
    """Put the limits on the API; pages are not limited, and neither is who shows a key."""
    settings: Settings = app.config["SETTINGS"]
    limiter = Limiter(_caller, storage_uri=f"{SCHEME}://")
    limiter.limit(settings.rate_limit)(api)
    limiter.limit(settings.address_rate_limit, key_func=_address)(api)
    limiter.request_filter(lambda: request_key() is not None)
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
    signed = signed_visitor()
    if signed is not None and time.time() - signed.signed_at >= KNOWN_AFTER_S:
        return f"visitor:{signed.visitor_id}"
    return f"newcomers:{caller_address()}"


def _address() -> str:
    return f"address:{caller_address()}"
