"""Metrics by name: whatever the use case may call success or guard, and how each is computed of a visitor's sums.

click-through                     entries opened of the entries on screen
KIND per impression               entries with an event of the kind, of the entries on screen
KIND per visitor                  events of the kind that stand, a visitor
KIND value per visitor            what events of the kind carry (a price, minutes), a visitor
value per visitor                 the same, where one kind alone carries a value
share of visitors with KIND       visitors with at least one such event
return within N days              visitors who came again, half a day to N days after their first page, of those whose
                                  N days are over
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.measure.experiment.ratio import (
    CLICK_THROUGH,
    CLICK_THROUGH_BEFORE,
    COLUMNS,
    OPENED_HIDES_PER_CLICK,
    UNOPENED_HIDES_PER_IMPRESSION,
    USE_RATE,
    USES_PER_CLICK,
    RatioMetric,
)
from app.values.kind import Kinds

RETURN_AFTER_S = 43_200.0
"""How long after the first page somebody comes again at the earliest: what is sooner is the same visit."""

_ALWAYS = (CLICK_THROUGH, USE_RATE, USES_PER_CLICK, OPENED_HIDES_PER_CLICK, UNOPENED_HIDES_PER_IMPRESSION)
_FIXED = {metric.name: metric for metric in _ALWAYS}
_RETURN = re.compile(r"return within ([1-9][0-9]{0,2}) days?")
_OF_KIND = re.compile(r"(?P<kind>[a-z][a-z0-9-]*) (?P<what>value per visitor|per visitor|per impression)")
_SHARE = re.compile(r"share of visitors with (?P<kind>[a-z][a-z0-9-]*)")


class MetricError(ValueError):
    """A metric of this name cannot be computed; the message says which can."""


def metric_named(name: str, kinds: Kinds) -> RatioMetric:
    """The metric of that name. Raises MetricError, with the names that can be computed, for any other."""
    if name in _FIXED:
        return _FIXED[name]
    days = _RETURN.fullmatch(name)
    if days is not None:
        return RatioMetric(name, f"returned:{days[1]}", f"mature:{days[1]}")
    if name == "value per visitor":
        carrying = [kind.name for kind in kinds.values() if kind.value]
        if len(carrying) != 1:
            raise MetricError(
                f"metric {name!r} cannot be computed: {len(carrying)} kinds carry a value; "
                "name one of them, such as 'purchase value per visitor'"
            )
        return _value_per_visitor(name, carrying[0])
    found = _OF_KIND.fullmatch(name) or _SHARE.fullmatch(name)
    if found is None or found["kind"] not in kinds:
        raise MetricError(f"metric {name!r} cannot be computed; it may be one of {', '.join(metric_names(kinds))}")
    kind = found["kind"]
    what = found.groupdict().get("what")
    if what == "value per visitor":
        if not kinds[kind].value:
            raise MetricError(f"metric {name!r} cannot be computed: {kind} carries no value in the use case")
        return _value_per_visitor(name, kind)
    if what == "per impression":
        return RatioMetric(name, f"entries:{kind}", "impressions")
    if what == "per visitor":
        return RatioMetric(name, f"count:{kind}", "visitors", amount=True)
    return RatioMetric(name, f"any:{kind}", "visitors", counted=f"count:{kind}")


def metric_names(kinds: Kinds) -> list[str]:
    """Names of the metrics that can be computed of these kinds, for a message."""
    acts = [kind for kind in kinds if kind != "view"]
    names = [*_FIXED, *(f"{kind} per impression" for kind in acts), *(f"{kind} per visitor" for kind in acts)]
    names += [f"{kind.name} value per visitor" for kind in kinds.values() if kind.value]
    names += [f"share of visitors with {kind}" for kind in acts]
    return [*names, "return within 7 days (or any number)"]


def covariate(metric: RatioMetric) -> RatioMetric | None:
    """The same of the time before the experiment, which takes noise off the comparison (CUPED); None without one."""
    if metric == CLICK_THROUGH:
        return CLICK_THROUGH_BEFORE
    part, _, kind = metric.numerator.partition(":")
    if part in {"value", "count", "any"}:
        before = "value" if part == "value" else "count"
        return RatioMetric(f"{metric.name} before", f"{before}_before:{kind}", "visitors", amount=True)
    return None


def columns_of(metrics: Iterable[RatioMetric]) -> tuple[str, ...]:
    """All columns of a visitor's sums that these metrics take: those that are always kept, then theirs."""
    wanted: dict[str, None] = dict.fromkeys(COLUMNS)
    for metric in metrics:
        before = covariate(metric)
        wanted |= dict.fromkeys((metric.numerator, metric.denominator, metric.acts))
        if before is not None:
            wanted |= dict.fromkeys((before.numerator, before.denominator))
    return tuple(wanted)


def _value_per_visitor(name: str, kind: str) -> RatioMetric:
    return RatioMetric(name, f"value:{kind}", "visitors", amount=True, counted=f"count:{kind}")
