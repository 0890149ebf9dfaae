"""How often one visitor, or one address, may call the API."""

from __future__ import annotations

import math
import time

from flask import Blueprint, Flask, Response
from limits import parse_many
from limits.strategies import FixedWindowRateLimiter

from app.secret import secret_key
from app.settings import Settings
from app.web.access import request_key
from app.web.callers import caller_address, this_request
from app.web.limit_storage import CountedStorage
from app.web.problems import problem
from app.web.telling import telling_of
from app.web.visiting import signed_visitor

KNOWN_AFTER_S = 3_600.0
"""Age of a visitor's cookie from which the visitor has a limit of their own. A new cookie is free to have, so whoever
has one counts with their address."""


def register(app: Flask, api: Blueprint) -> None:
    """Put the limits on the API; pages are not limited, and neither is who shows a key."""
    settings: Settings = app.config["SETTINGS"]
    storage = CountedStorage()
    limiter = FixedWindowRateLimiter(storage)
    if (telling := telling_of(app)) is not None:
        storage.use_secret(lambda: secret_key(settings))
        telling.add(storage)
    limits = [
        *((rate, _caller) for rate in parse_many(settings.rate_limit)),
        *((rate, _address) for rate in parse_many(settings.address_rate_limit)),
    ]

    def count() -> Response | None:
        if this_request().blueprint != api.name or request_key() is not None:
            return None
        # Every limit counts the call, also where one of them refuses it.
        reached = [(rate, who) for rate, who in ((rate, who()) for rate, who in limits) if not limiter.hit(rate, who)]
        if not reached:
            return None
        wait_s = max(1, *(math.ceil(limiter.get_window_stats(*told).reset_time - time.time()) for told in reached))
        detail = f"more than {reached[0][0]} calls; wait {wait_s} s and go on more slowly"
        return problem(429, detail, headers={"Retry-After": str(wait_s)})

    app.before_request(count)


def _caller() -> str:
    # Only a cookie that we signed counts, else made-up cookies would be a way around the limit.
    signed = signed_visitor()
    if signed is not None and time.time() - signed.signed_at >= KNOWN_AFTER_S:
        return f"visitor:{signed.visitor_id}"
    return f"newcomers:{caller_address()}"


def _address() -> str:
    return f"address:{caller_address()}"
