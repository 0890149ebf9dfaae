"""Makes visitors: a random id, an arm by hash, and whether they judge models."""

from __future__ import annotations

import secrets
from dataclasses import replace

from app.settings import Settings
from app.values.visitor import Visitor
from app.visitors.assignment import assign_arm, is_holdout

_DRAWS = 64  # for a demo: a site may have no arm that learns


def new_visitor(settings: Settings, origin: str = "real", *, now: float, visitor_id: str | None = None) -> Visitor:
    """A visitor who came at `now` (Unix seconds): random 128-bit id unless one is given, arm and holdout by hash.

    Somebody real who looks at a demo gets an id of the arm that learns, where there is one: one of seven people would
    otherwise see a page that does not follow them. The crowd that they send is the experiment there.
    """
    visitor_id = visitor_id or _new_id(settings, origin)
    return Visitor(
        visitor_id=visitor_id,
        created_at=now,
        arm=assign_arm(visitor_id, settings.experiment, settings.control_share),
        arm_source="assigned",
        origin=origin,
        holdout=is_holdout(visitor_id, settings.holdout_share),
    )


def _new_id(settings: Settings, origin: str) -> str:
    """A random id; for somebody real on a demo one that learns, as far as a few draws find it."""
    visitor_id = secrets.token_urlsafe(16)
    if settings.demo and origin == "real":
        for _ in range(_DRAWS):
            arm = assign_arm(visitor_id, settings.experiment, settings.control_share)
            if arm == "treatment" and not is_holdout(visitor_id, settings.holdout_share):
                break
            visitor_id = secrets.token_urlsafe(16)
    return visitor_id


def returning_visitor(visitor: Visitor, settings: Settings, origin: str = "real") -> Visitor:
    """An imported customer as a visitor of the site, whom the hash assigns to an arm like everybody who comes."""
    arm = assign_arm(visitor.visitor_id, settings.experiment, settings.control_share)
    return replace(visitor, arm=arm, arm_source="assigned", origin=origin)
