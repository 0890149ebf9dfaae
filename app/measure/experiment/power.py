"""How long an experiment takes: visitors and days until a lift of a given size is found, at the traffic of the site.

The always-valid interval of the lift leaves 0 out once |log(1 + lift)| exceeds its half width, and does so in a share
`power` of all runs once it exceeds that by z(power) standard errors. Both shrink with the visitors n:

    |log(1 + lift)| = (w(n) + z(power)) · s(n),    s(n)² = (v / n) · (1 / share + 1 / (1 − share)),

where w is the half width in standard errors (see `always_valid`), v the variance of one visitor's part of the metric
over its squared mean, and share that of control.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from app.measure.experiment.always_valid import half_width
from app.measure.experiment.ratio import Moments, RatioMetric, relative_variance
from app.store.engines import Connection
from app.store.measures.experiments import past_sums

POWER = 0.8
"""Share of the runs in which a lift of that size is found."""
_MOST_VISITORS = 10**12


@dataclass(frozen=True, slots=True)
class Power:
    """Visitors of both arms together until a lift is found, and how many days that takes; None where nobody comes."""

    metric: str
    lift: float
    visitors: int
    days: float | None

    @property
    def sentence(self) -> str:
        """The finding in words."""
        said = f"A lift of {100 * self.lift:+g} % in {self.metric} takes {self.visitors:,} visitors"
        if self.days is None:
            return f"{said}; how many days that is cannot be told before visitors come (or give --visitors-per-day)."
        return f"{said}: {math.ceil(self.days):,} days at your traffic."


def past_moments(conn: Connection, metric: RatioMetric) -> Moments:
    """Moments of the imported and seeded customers: what each did in all, where the metric counts events of a kind."""
    columns = tuple(dict.fromkeys(("visitors", metric.numerator, metric.denominator, metric.acts)))
    part, _, kind = metric.numerator.partition(":")
    rows = []
    for events, value in past_sums(conn, kind) if part in {"count", "value", "any"} else ():
        known = {"visitors": 1.0, f"count:{kind}": events, f"value:{kind}": value, f"any:{kind}": float(events > 0)}
        rows.append([known[column] for column in columns])
    return Moments.of(np.array(rows, dtype=np.float64).reshape(-1, len(columns)), columns)


def visitors_needed(
    moments: Moments,
    metric: RatioMetric,
    lift: float,
    *,
    control_share: float,
    confidence: float,
    expected_visitors: int,
    power: float = POWER,
) -> int | None:
    """Visitors until a lift of this size is found; None where the data tell no variance, as while nobody did anything.

    moments: of visitors as they are today. Raises ValueError for a lift that is none, or of -100 % and below.
    """
    if lift <= -1 or lift == 0:
        raise ValueError(f"lift = {lift!r} must be a share above -1 other than 0, such as 0.05")
    variance = relative_variance(moments, metric)
    if variance is None or not 0 < control_share < 1:
        return None
    spread = variance * (1 / control_share + 1 / (1 - control_share))
    wanted = abs(math.log1p(lift))

    def finds(visitors: int) -> bool:
        error = math.sqrt(spread / visitors)
        wide = half_width(1.0, visitors, expected_visitors, 1 - confidence)
        return wanted >= (wide + float(ndtri(power))) * error

    low, high = 2, 4
    while not finds(high):
        low, high = high, high * 2
        if high > _MOST_VISITORS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if finds(middle) else (middle, high)
    return high
