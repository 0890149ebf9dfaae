"""Interactions: what a visitor's events on an item come to, as signed rows that only ever grow in number."""

from __future__ import annotations

from typing import NamedTuple

POSITIVE_KINDS = ("click", "like", "save", "use")
"""Kinds of event that say something good about an item."""

HORIZON_S = 300.0
"""How far ahead of the server's clock a time may be before it is taken for wrong and moved back to the clock."""

TRUSTED_ORIGINS = frozenset({"seed", "imported"})
"""Origins whose visitors the operator brought along; nobody can make one by opening a page."""


class Interaction(NamedTuple):
    """One change of what stands between a visitor and an item; see docs/interactions.md for the law.

    seq: order of the changes. weight: signed, in events of its kind: what one event of a kind is worth is a setting
    and multiplies at reading. held: signed, what a standing dislike keeps back. at: Unix seconds by the server's
    clock. event_seq: the event that made the change. holdout: the visitor judges models and never trains them.
    served: the event answered a slate that the site had chosen, rather than one that was asked for, or a link.
    age_s: seconds since the visitor was first seen. propensity: the chance with which a neutral policy had put the item
    where the event answers it; None for what anybody's ranking, a question or a link had brought.
    """

    seq: int
    visitor_id: str
    item_id: str
    kind: str
    weight: float
    held: float
    at: float
    event_seq: int
    holdout: bool
    origin: str
    served: bool
    age_s: float
    propensity: float | None = None
