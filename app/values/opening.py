"""An item that was opened on a page of which it is not sure yet that anybody saw it."""

from __future__ import annotations

from dataclasses import dataclass

from app.values.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Opening:
    """Who opened which item, from which slate at which position if from one, and when, in Unix seconds.

    organic_id: the id of the event where it answers no slate of the visitor.
    """

    visitor: Visitor
    item_id: str
    slate: tuple[str, int] | None
    organic_id: str
    received_at: float
