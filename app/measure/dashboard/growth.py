"""The growth curve: quality against cumulative events, a point a model version, and click-through by arm beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from app.measure.dashboard.model_kinds import UNKNOWN, KindChange, kind_changes, kind_of, serving_order
from app.measure.evaluation.holdout import BENT, NEUTRAL, exam_of
from app.measure.experiment.windows import WindowClicks
from app.models.registry_rows import ModelVersion
from app.values.interval import Interval, measured_interval

MAX_WINDOWS = 40


@dataclass(frozen=True, slots=True)
class ModelPoint:
    """One model version on the curve.

    events: its watermark, how many events had come when it was made. published: whether the site ever used it.
    served_from: how many events had come when it came to serve, None when it never did. model_kind: see `kind_of`.
    quality, popularity: rank gain on the same `cases` of the holdout; gain: their paired difference. None: not
    measured. exam: what the cases come from, see `exam_of`; of one that was bent by exposure the figures are NDCG@10.
    """

    version: int
    kind: str
    state: str
    created_at: float
    events: int
    published: bool
    quality: Interval | None
    popularity: Interval | None
    gain: Interval | None
    cases: int
    exam: str = NEUTRAL
    model_kind: str = UNKNOWN
    served_from: int | None = None

    @property
    def is_bent(self) -> bool:
        """Whether its exam was bent by exposure, so that its figures compare with those of no other exam."""
        return self.exam == BENT

    @property
    def retrained(self) -> bool:
        """Whether everything was fitted anew, not only what events touched."""
        return self.kind != "update"


@dataclass(frozen=True, slots=True)
class OnlinePoint:
    """The success metric of one arm of one origin over the events `first_seq` to `last_seq`.

    impressions, clicks: both parts of the metric, which for click-through are entries seen and opened.

    visits: visitors, counted once in each of the ledger's windows that this one sums up. low, high: 95 % interval, None
    where too few came. closed: whether no more events can come in.
    """

    origin: str
    arm: str
    first_seq: int
    last_seq: int
    ended_at: float
    closed: bool
    visits: int
    impressions: float
    clicks: float
    rate: float | None
    low: float | None
    high: float | None

    @property
    def interval(self) -> Interval | None:
        """The rate with its interval, None where there is none."""
        if self.rate is None or self.low is None or self.high is None:
            return None
        return Interval(self.rate, self.low, self.high)


@dataclass(frozen=True, slots=True)
class GrowthCurve:
    """Points oldest first; `online` by origin, arm and window, never mixing origins. changes: of the kind of model that
    serves, oldest first.
    """

    models: tuple[ModelPoint, ...]
    online: tuple[OnlinePoint, ...]
    changes: tuple[KindChange, ...] = ()

    @property
    def comparable(self) -> tuple[ModelPoint, ...]:
        """The measured versions that sat the same exam as the newest of them, oldest first: figures of two exams, such
        as of pages drawn by lot and of what visitors found themselves, say nothing of each other. None of a bent exam.
        """
        fair = [point for point in self.models if point.quality and not point.is_bent]
        return tuple(point for point in fair if point.exam == fair[-1].exam)

    @property
    def apart(self) -> int:
        """How many versions were measured by another exam than the newest; those of a bent one are counted too."""
        return sum(point.quality is not None for point in self.models) - len(self.comparable)

    def line(self, origin: str, arm: str) -> tuple[OnlinePoint, ...]:
        """The online points of one arm, oldest first."""
        return tuple(point for point in self.online if (point.origin, point.arm) == (origin, arm))


def growth_curve(
    versions: Sequence[ModelVersion], windows: Sequence[WindowClicks], most_windows: int = MAX_WINDOWS
) -> GrowthCurve:
    """versions: of the registry, in any order. windows: of the ledger, summed up to at most `most_windows` an arm."""
    served = serving_order(versions)
    served_from = {version.version: events for events, version in served}
    in_order = sorted(versions, key=lambda version: version.version)
    models = tuple(model_point(version, served_from.get(version.version)) for version in in_order)
    return GrowthCurve(models, _online(windows, most_windows), kind_changes(served))


def model_point(version: ModelVersion, served_from: int | None) -> ModelPoint:
    """One version as a point of the curve; served_from: events that had come when it came to serve."""
    metrics = version.metrics
    return ModelPoint(
        version=version.version,
        kind=version.kind,
        state=version.state,
        created_at=version.created_at,
        events=version.watermark,
        published=version.published_at is not None,
        quality=measured_interval(metrics, "candidate"),
        popularity=measured_interval(metrics, "popularity"),
        gain=measured_interval(metrics, "over_popularity"),
        cases=int(metrics.get("cases", 0)),
        exam=exam_of(metrics),
        model_kind=kind_of(version),
        served_from=served_from,
    )


def _online(windows: Sequence[WindowClicks], most_windows: int) -> tuple[OnlinePoint, ...]:
    """Neighbouring windows are summed up in steps that only ever double, so that a longer past changes few points."""
    count = 1 + max((window.number for window in windows), default=0)
    step = 1
    while math.ceil(count / step) > most_windows:
        step *= 2

    def place(window: WindowClicks) -> tuple[str, str, int]:
        return window.origin, window.arm, window.number // step

    # A stretch is the same for all arms, also where nobody of an arm came in some of its windows.
    stretches: dict[int, list[WindowClicks]] = {}
    for window in windows:
        stretches.setdefault(window.number // step, []).append(window)
    return tuple(
        _sum_up(origin, arm, list(group), stretches[bucket], last_number=(bucket + 1) * step - 1)
        for (origin, arm, bucket), group in groupby(sorted(windows, key=place), key=place)
    )


def _sum_up(
    origin: str, arm: str, windows: Sequence[WindowClicks], stretch: Sequence[WindowClicks], last_number: int
) -> OnlinePoint:
    """Windows as one: rates weighted by impressions, errors as of independent windows."""
    rates = [window.rate for window in windows]
    seen, opened = sum(rate.denominator for rate in rates), sum(rate.numerator for rate in rates)
    value = opened / seen if seen else None
    low = high = None
    known = [rate for rate in rates if rate.bounds is not None]
    weight = sum(rate.denominator for rate in known)
    if value is not None and weight:
        squares = [((rate.bounds.high - rate.bounds.low) / 2 * rate.denominator) ** 2 for rate in known if rate.bounds]
        half = math.sqrt(sum(squares)) / weight
        low, high = max(0.0, value - half), value + half if value > 1 else min(1.0, value + half)
    newest = max(stretch, key=lambda window: window.number)
    return OnlinePoint(
        origin=origin,
        arm=arm,
        first_seq=min(window.first_seq for window in stretch),
        last_seq=newest.last_seq,
        ended_at=newest.ended_at,
        closed=newest.closed and newest.number == last_number,
        visits=sum(rate.visitors for rate in rates),
        impressions=seen,
        clicks=opened,
        rate=value,
        low=low,
        high=high,
    )
