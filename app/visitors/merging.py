"""Who two visitors are after a merge: the first assignment stays, so that nobody is moved between the arms."""

from __future__ import annotations

from dataclasses import replace

from app.store.merges import Assignment
from app.values.origin import LIVE_ORIGINS


class MergeError(ValueError):
    """Two visitors cannot be one; the message says why and what to do."""


def first_assignment(kept: Assignment, merged: Assignment) -> Assignment:
    """The assignment of both as one visitor under the id of `kept`.

    Arm, the hash that chose it and whether they judge models are those of whoever was assigned first; a tie is the
    kept one's. Whoever chose an arm has left the comparison, and so has the person: the choice stays. A customer of
    an imported past who has not come yet was never assigned. Raises MergeError for a simulated and a real visitor.
    """
    came = [one for one in (kept, merged) if one.visitor.origin in LIVE_ORIGINS] or [kept, merged]
    if len({one.visitor.origin for one in came}) > 1:
        raise MergeError("one is real and the other simulated; merge visitors of one origin, as figures never mix them")
    chose = [one for one in came if one.visitor.arm_source == "chosen"]
    first = min(chose or came, key=lambda one: one.at)
    visitor = replace(
        first.visitor,
        visitor_id=kept.visitor.visitor_id,
        created_at=min(kept.visitor.created_at, merged.visitor.created_at),
    )
    return Assignment(visitor, first.at, first.hashed_id)
