"""Who may act for whom: a visitor for themselves by their cookie; an API key or the admin for everybody."""

from __future__ import annotations

from flask import Flask

from app.keys import SIMULATE, ApiKey
from app.web.callers import kept_for_request, this_request
from app.web.dashboard.login import is_admin
from app.web.problems import refuse
from app.web.visiting import flywheel

ORIGIN_HEADER = "X-Flywheel-Origin"
"""Header with which a load generator says that a new visitor of its request is simulated."""


def register(app: Flask) -> None:
    """Look at what every request says of its visitors' origin."""
    app.before_request(_check_origin)


def request_key() -> ApiKey | None:
    """The known key that the request shows in `Authorization: Bearer …`, or None."""
    kept = kept_for_request()
    if "api_key" not in kept:
        shown = this_request().authorization
        bearer = shown is not None and shown.type == "bearer" and bool(shown.token)
        kept.api_key = flywheel().keys.find(shown.token or "") if shown is not None and bearer else None
    found: ApiKey | None = kept.api_key
    return found


def may(scope: str) -> bool:
    """Whether the request shows a key with this scope, or comes from the admin, who may everything."""
    key = request_key()
    return (key is not None and scope in key.scopes) or is_admin()


def check_scope(scope: str, what: str) -> None:
    """Let the request go on with a key of this scope, or the admin; else 401 or 403. what: is done with the key."""
    if may(scope):
        return
    if request_key() is None:
        headers = {"WWW-Authenticate": f'Bearer realm="{scope}"'}
        refuse(401, f"{what} with a key of the scope {scope}: Authorization: Bearer …", headers=headers)
    refuse(403, f"This key has not the scope {scope}; make one with `flask keys add NAME --scope {scope}`.")


def _check_origin() -> None:
    """Mark new visitors of this request as simulated. Without the right to say so the request is refused: to ignore the
    header would count machines as people.
    """
    said = this_request().headers.get(ORIGIN_HEADER)
    if said is None:
        return
    if said != "simulated":
        refuse(400, f"{ORIGIN_HEADER} = {said[:40]!r} must be simulated; leave it out for real visitors")
    if not may(SIMULATE):
        refuse(403, f"{ORIGIN_HEADER}: simulated needs a key; send it as Authorization: Bearer, or leave this out")
    kept_for_request().origin = said
