"""Notes from where newcomers come, once it is sure that they are there: many at once from one address are no people."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial

from flask import Flask, Response, current_app

from app.store import StoreError
from app.store.measures.arrivals import note_arrival
from app.values.visitor import Visitor
from app.visitors import AddressDigest
from app.web.callers import caller_address, kept_for_request
from app.web.seen import SeenBefore
from app.web.visiting import flywheel, is_first_request

NEW_FOR_S = 3_600.0
"""Whoever came longer ago is no newcomer."""
_REMEMBERED = 20_000
"""Newcomers who were noted already, the newest of them."""


def register(app: Flask) -> None:
    """Look at every request that somebody new comes back with."""
    app.extensions["arrivals"] = (AddressDigest(), SeenBefore(_REMEMBERED))
    app.after_request(_note)


def _note(response: Response) -> Response:
    kept = kept_for_request()
    visitor: Visitor | None = kept.get("visitor")
    now = time.time()
    # Simulated visitors are let in by a key, and all come from the machine that simulates them.
    if visitor is None or is_first_request() or visitor.origin != "real" or now - visitor.created_at > NEW_FOR_S:
        return response
    digest, noted = current_app.extensions["arrivals"]
    if not kept.get("visitor_is_gone", False) and not noted.seen(visitor.visitor_id):
        task = partial(
            note_arrival,
            visitor_id=visitor.visitor_id,
            address=digest(caller_address(), now),
            at=visitor.created_at,
        )
        with suppress(StoreError):  # the answer matters more than the note
            flywheel().writer.submit(task)
    return response
