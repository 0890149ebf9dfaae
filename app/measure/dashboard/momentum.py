"""Momentum: what the last events bought, and the six arrows of the wheel with the one that lags.

The slope is Theil and Sen's, the median of the slopes between all pairs of points, which single odd points do not move
(Sen, 1968). An arrow's change is the newest stretch of events less the one before, over its standard error; the arrow
with the lowest lags.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from scipy.special import chdtri
from scipy.stats import theilslopes

from app.measure.dashboard.growth import GrowthCurve, OnlinePoint
from app.store.engines import Connection
from app.store.measures.momentum import Stretch, read_stretch, stretch_bounds
from app.values.interval import CONFIDENCE, Z_95, Interval

STRETCH_EVENTS = 10_000
RETURN_GAP_S = 1_800.0
MIN_POINTS = 5
NEWEST_POINTS = 20
_LEAST_HOURS = 1.0
"""The pace of minutes is that of one burst, such as a simulation: below this, events are counted and not paced."""


@dataclass(frozen=True, slots=True)
class Slope:
    """What 1,000 events bought. per_1000: slope and its 95 % interval, None with fewer than MIN_POINTS points."""

    name: str
    points: int
    per_1000: Interval | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """One arrow of the wheel.

    name: value, users, data, model, experience or back. value: newest stretch, with its 95 % interval; before: the
    stretch before. unit: ``share``, ``per stretch``, ``per hour``, ``events``, ``rank gain`` or ``lift``. standardised:
    change over its standard error, None where either is unknown. beside: a second figure in words. lags: see above.
    """

    name: str
    title: str
    unit: str
    value: Interval | None
    before: Interval | None
    standardised: float | None
    beside: str
    lags: bool = False


@dataclass(frozen=True, slots=True)
class Momentum:
    """All of one origin. newest, before: the two stretches of events compared; None while there are too few."""

    origin: str
    offline: Slope
    online: Slope
    arrows: tuple[Arrow, ...]
    newest: Stretch | None
    before: Stretch | None


def momentum(conn: Connection, curve: GrowthCurve, origin: str, stretch_events: int = STRETCH_EVENTS) -> Momentum:
    """Momentum of one origin; stretches are of `stretch_events` of its events, or of half of them while fewer."""
    bounds = stretch_bounds(conn, origin, stretch_events)
    newest = before = None
    if bounds is not None:
        before = read_stretch(conn, origin, bounds[0], bounds[1] - 1, RETURN_GAP_S)
        newest = read_stretch(conn, origin, bounds[1], bounds[2], RETURN_GAP_S)
    measured = [(point.events, point.gain.value) for point in curve.comparable if point.gain]
    return Momentum(
        origin=origin,
        offline=slope("gain over popularity", measured[-NEWEST_POINTS:]),
        online=slope("click-through lift", lifts(curve, origin)[-NEWEST_POINTS:]),
        arrows=() if newest is None or before is None else mark_lagging(_arrows(curve, origin, before, newest)),
        newest=newest,
        before=before,
    )


def slope(name: str, points: Sequence[tuple[float, float]]) -> Slope:
    """Theil–Sen slope of (events, value) points per 1,000 events, and what it says."""
    if len(points) < MIN_POINTS or len({events for events, _ in points}) < 2:
        readings = "1 point" if len(points) == 1 else f"{len(points)} points"
        said = f"Too little to tell: {readings} of {name}, needed are {MIN_POINTS}."
        return Slope(name, len(points), None, said)
    found = theilslopes([value for _, value in points], [events / 1_000 for events, _ in points], CONFIDENCE)
    bought = Interval(float(found.slope), float(found.low_slope), float(found.high_slope))
    says = "rose" if bought.low > 0 else "fell" if bought.high < 0 else "did not surely change"
    said = (
        f"Over the newest {len(points)} points the {name} {says}: {bought.value:+.5f} per 1,000 events "
        f"({bought.low:+.5f} to {bought.high:+.5f})."
    )
    return Slope(name, len(points), bought, said)


def lifts(curve: GrowthCurve, origin: str) -> list[tuple[float, float]]:
    """(last event, lift of treatment over control) of every window in which control opened something."""
    control = {point.last_seq: point for point in curve.line(origin, "control")}
    found = []
    for point in curve.line(origin, "treatment"):
        other = control.get(point.last_seq)
        if other is not None and other.rate and point.rate is not None:
            found.append((float(point.last_seq), point.rate / other.rate - 1))
    return found


def mark_lagging(arrows: Sequence[Arrow]) -> tuple[Arrow, ...]:
    """The same arrows, the one with the lowest standardised change marked; none when no change is known."""
    known = [arrow.standardised for arrow in arrows if arrow.standardised is not None]
    lowest = min(known, default=None)
    first = next(
        (index for index, arrow in enumerate(arrows) if lowest is not None and arrow.standardised == lowest), -1
    )
    return tuple(replace(arrow, lags=index == first) for index, arrow in enumerate(arrows))


def _arrows(curve: GrowthCurve, origin: str, before: Stretch, newest: Stretch) -> list[Arrow]:
    pairs = (newest, before)
    valid = newest.events + newest.quarantined
    lasted = min(map(_hours, pairs)) >= _LEAST_HOURS
    return [
        _arrow("value", "Visitors who use an item", "share", [_share(s.used, s.visitors) for s in pairs]),
        _arrow(
            "users",
            "Visitors in a stretch of events",
            "per stretch",
            [_count(s.visitors, 1.0) for s in pairs],
            f"{newest.returned} of {newest.visitors} had been here before",
        ),
        _arrow(
            "data",
            "Events an hour" if lasted else "Events, in less than an hour",
            "per hour" if lasted else "events",
            [_count(s.events, _hours(s) if lasted else 1.0) for s in pairs],
            f"{newest.events / valid:.1%} of {valid} could be believed" if valid else "",
            compared=lasted,
        ),
        _arrow("model", "Gain of the champion over popularity", "rank gain", [_gain(curve, s.last_seq) for s in pairs]),
        _arrow(
            "experience",
            "Click-through of treatment over control",
            "lift",
            [_window_lift(curve, origin, s) for s in pairs],
        ),
        _arrow("back", "Visitors who came back, treatment less control", "share", [_returns(s) for s in pairs]),
    ]


def _arrow(
    name: str, title: str, unit: str, pair: Sequence[Interval | None], beside: str = "", *, compared: bool = True
) -> Arrow:
    """pair: the figure of the newest stretch, and of the one before. compared: whether their change means something."""
    value, before = pair
    change = None
    if compared and value is not None and before is not None:
        error = math.hypot(value.error, before.error)
        change = (value.value - before.value) / error if error else None
    return Arrow(name, title, unit, value, before, change, beside)


def _share(part: int, whole: int) -> Interval | None:
    """A share with Agresti and Coull's interval (1998)."""
    if not whole:
        return None
    trials = whole + Z_95**2
    centre = (part + Z_95**2 / 2) / trials
    half = Z_95 * math.sqrt(centre * (1 - centre) / trials)
    return Interval(part / whole, max(0.0, centre - half), min(1.0, centre + half))


def _count(count: int, per: float) -> Interval | None:
    """A count for each of `per` with the exact interval of a Poisson count (Garwood, 1936)."""
    if per <= 0:
        return None
    tail = (1 - CONFIDENCE) / 2
    low = float(chdtri(2 * count, 1 - tail)) / 2 if count else 0.0
    return Interval(count / per, low / per, float(chdtri(2 * (count + 1), tail)) / 2 / per)


def _hours(stretch: Stretch) -> float:
    return (stretch.ended_at - stretch.started_at) / 3_600


def _returns(stretch: Stretch) -> Interval | None:
    """Difference of the arms in the share of visitors who had come before (Newcombe's, from the two shares)."""
    (few, back_few), (many, back_many) = stretch.control, stretch.treatment
    control, treatment = _share(back_few, few), _share(back_many, many)
    if control is None or treatment is None:
        return None
    difference = treatment.value - control.value
    half_low = math.hypot(treatment.value - treatment.low, control.high - control.value)
    half_high = math.hypot(treatment.high - treatment.value, control.value - control.low)
    return Interval(difference, difference - half_low, difference + half_high)


def _gain(curve: GrowthCurve, last_seq: int) -> Interval | None:
    """The gain of the newest version that the site used and that had been made by `last_seq`."""
    known = [point for point in curve.comparable if point.published and point.events <= last_seq and point.gain]
    return known[-1].gain if known else None


def _window_lift(curve: GrowthCurve, origin: str, stretch: Stretch) -> Interval | None:
    """Lift over the windows that end in a stretch, with the delta method's interval on the scale of logarithms."""
    control, treatment = (
        _pool([p for p in curve.line(origin, arm) if stretch.first_seq <= p.last_seq <= stretch.last_seq])
        for arm in ("control", "treatment")
    )
    if control is None or treatment is None:
        return None
    ratio = treatment[0] / control[0]
    half = Z_95 * math.hypot(control[1] / control[0], treatment[1] / treatment[0])
    return Interval(ratio - 1, ratio * math.exp(-half) - 1, ratio * math.exp(half) - 1)


def _pool(points: Sequence[OnlinePoint]) -> tuple[float, float] | None:
    """Rate and standard error of several windows together; None when nothing was opened."""
    known = [(point, point.interval.error) for point in points if point.interval is not None]
    seen = sum(point.impressions for point, _ in known)
    opened = sum(point.clicks for point, _ in known)
    if not opened:
        return None
    return opened / seen, math.sqrt(sum((error * point.impressions) ** 2 for point, error in known)) / seen
