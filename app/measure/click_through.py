"""Click-through by arm, with the visitor as the unit of analysis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.store.experiments import Connection, VisitorClicks, clicks_by_visitor

ARMS = ("control", "treatment")
_Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class ArmResult:
    """Click-through of one arm: clicked slate entries over slate entries on screen.

    origins: whose visitors are counted, so that a figure always says so.
    visitors: those who had at least one entry on screen. rate: clicks / impressions, None without an impression.
    low, high: 95 % interval of the rate, None with fewer than two visitors.
    """

    arm: str
    origins: tuple[str, ...]
    visitors: int
    impressions: int
    clicks: int
    rate: float | None
    low: float | None
    high: float | None


def click_through(conn: Connection, origins: Sequence[str]) -> list[ArmResult]:
    """Control, then treatment, over the visitors of these origins; visitors who chose their arm are left out.

    Raises ValueError when no origin is named: real and simulated visitors are mixed only where the caller says so.
    """
    if not origins:
        raise ValueError("origins is empty; name whose visitors to count, such as ['real']")
    visitors = clicks_by_visitor(conn, origins)
    return [arm_result(arm, origins, [visitor for visitor in visitors if visitor.arm == arm]) for arm in ARMS]


def click_through_by_origin(conn: Connection, origins: Sequence[str]) -> list[ArmResult]:
    """`click_through` of each origin apart, from one reading; origins without an impression are left out."""
    visitors = clicks_by_visitor(conn, origins)
    seen = {visitor.origin for visitor in visitors}
    return [
        arm_result(arm, [origin], [visitor for visitor in visitors if visitor.origin == origin and visitor.arm == arm])
        for origin in origins
        if origin in seen
        for arm in ARMS
    ]


def arm_result(arm: str, origins: Sequence[str], visitors: Sequence[VisitorClicks]) -> ArmResult:
    """Sum up one arm.

    The clicks of one visitor hang together, so the interval is the delta method's for a ratio of means over visitors
    (Deng, Knoblich and Lu, 2018, eq. 4): var(R) = n/(n−1) · Σ (clicks_v − R · impressions_v)² / (Σ impressions_v)².
    """
    impressions = sum(visitor.impressions for visitor in visitors)
    clicks = sum(visitor.clicks for visitor in visitors)
    count = len(visitors)
    if not impressions:
        return ArmResult(arm, tuple(origins), count, 0, clicks, None, None, None)
    rate = clicks / impressions
    low, high = _interval(rate, impressions, visitors) if count > 1 else (None, None)
    return ArmResult(arm, tuple(origins), count, impressions, clicks, rate, low, high)


def _interval(rate: float, impressions: int, visitors: Sequence[VisitorClicks]) -> tuple[float, float]:
    count = len(visitors)
    residuals = _squared_residuals(rate, visitors)
    if residuals == 0:
        # All visitors alike (such as no click at all) would give an interval of no width, which claims too much.
        return _wilson(rate, count)
    half = _Z_95 * math.sqrt(count / (count - 1) * residuals) / impressions
    return max(0.0, rate - half), min(1.0, rate + half)


def _squared_residuals(rate: float, visitors: Iterable[VisitorClicks]) -> float:
    return math.fsum((visitor.clicks - rate * visitor.impressions) ** 2 for visitor in visitors)


def _wilson(rate: float, count: int) -> tuple[float, float]:
    """Wilson's score interval of a share over `count` visitors (Wilson, 1927)."""
    spread = _Z_95**2 / count
    centre = (rate + spread / 2) / (1 + spread)
    half = _Z_95 * math.sqrt(rate * (1 - rate) / count + spread / (4 * count)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)
