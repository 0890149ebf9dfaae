"""A figure with the interval around it, and the confidence that intervals have where nobody chose another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CONFIDENCE = 0.95
"""How often an interval covers the truth, where neither the use case nor a setting says another share."""

Z_95 = 1.959963984540054
"""Half the width of a two-sided 95 % interval of a normal distribution, in standard errors."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its interval, 95 % where nothing else is said.

    low, high: the ends; infinite where the evidence bounds nothing. Raises ValueError for a figure outside its ends.
    """

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        # NaN compares as false: an end that could not be computed is no contradiction.
        if self.low > self.value or self.value > self.high:
            raise ValueError(
                f"an interval holds its figure; got {self.value!r} and the ends {self.low!r} and {self.high!r}: "
                "give value, low and high in this order"
            )

    @property
    def error(self) -> float:
        """Standard error of the figure, of a normal distribution with this 95 % interval."""
        return (self.high - self.low) / 2 / Z_95


def measured_interval(metrics: Mapping[str, Any], name: str) -> Interval | None:
    """A figure that the gate put into the metrics of a model version, as {mean, low, high}; None when it did not."""
    found = metrics.get(name)
    return Interval(found["mean"], found["low"], found["high"]) if found else None
