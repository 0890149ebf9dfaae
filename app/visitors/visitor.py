"""Makes visitors: a random id, an arm by hash, and whether they judge models."""

from __future__ import annotations

import secrets
from dataclasses import replace

from app.settings import Settings
from app.values.visitor import Visitor
from app.visitors.assignment import assign_arm, is_holdout


def new_visitor(settings: Settings, origin: str = "real", *, now: float, visitor_id: str | None = None) -> Visitor:
    """A visitor who came at `now` (Unix seconds): random 128-bit id unless one is given, arm and holdout by hash.

    Somebody real who looks at a demo gets the page that learns and is no part of the experiment: that is for the crowd
    that they send, and one of seven people would otherwise see a page that does not follow them.
    """
    visitor_id = visitor_id or secrets.token_urlsafe(16)
    if settings.demo and origin == "real":
        return Visitor(visitor_id, now, "treatment", "chosen", origin, holdout=False)
    return Visitor(
        visitor_id=visitor_id,
        created_at=now,
        arm=assign_arm(visitor_id, settings.experiment, settings.control_share),
        arm_source="assigned",
        origin=origin,
        holdout=is_holdout(visitor_id, settings.holdout_share),
    )


def returning_visitor(visitor: Visitor, settings: Settings, origin: str = "real") -> Visitor:
    """An imported customer as a visitor of the site, whom the hash assigns to an arm like everybody who comes."""
    arm = assign_arm(visitor.visitor_id, settings.experiment, settings.control_share)
    return replace(visitor, arm=arm, arm_source="assigned", origin=origin)
