"""Whose figures the dashboard shows: real visitors or simulated ones, never both in one figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.measure.dashboard.board import Board

SHOWN = ("real", "simulated")
"""Origins that experiments are run on; seed and imported histories came before the site and saw no slate."""


@dataclass(frozen=True, slots=True)
class OriginChoice:
    """One position of the switch: the origin, and how many of its visitors take part."""

    origin: str
    visitors: int


def origins_of(board: Board) -> list[OriginChoice]:
    """Real and simulated, each with its visitors, also when there are none yet."""
    overview = board.value("overview")
    rows = overview.visitors_per_arm if overview else ()
    return [OriginChoice(origin, sum(row.visitors for row in rows if row.origin == origin)) for origin in SHOWN]


def choose_origin(choices: Sequence[OriginChoice], wanted: str | None) -> str:
    """The origin that was asked for, else the one with more visitors; real ones where both have as many."""
    if wanted in SHOWN:
        return wanted
    return max(choices, key=lambda choice: choice.visitors).origin
