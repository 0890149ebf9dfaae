"""Ratios over visitors and how two arms compare: the delta method, lift, and CUPED.

A visitor's clicks hang together, so visitors are the unit. For R = mean(y) / mean(x) the linear form of one visitor is
(y − R x) / mean(x), and var(R) its sample variance over n (Deng, Knoblich and Lu, “Applying the delta method in metric
analytics”, 2018, eq. 4). A lift is judged on the scale of logarithms, where var(log R) = var(R) / R²: it cannot fall
below −100 %. Arms whose visitors are all alike would have no variance at all, which claims too much: the variance
counts as at least that of one further visitor who is off by the whole rate. CUPED takes θ times the deviation of a pre-
period ratio off R, with θ = cov / var pooled over both arms (Deng, Xu, Kohavi and Walker, 2013, eq. 4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtr, ndtri

from app.measure.experiment.always_valid import half_width
from app.measure.experiment.always_valid import p_value as always_valid_p_value
from app.values.interval import Interval

COLUMNS = (
    "visitors", "impressions", "clicks", "uses", "users", "hides", "impressions_before", "clicks_before",
    "opened_hides", "unopened_hides",
)  # fmt: skip
"""What is summed up of a visitor: 1, slate entries seen and opened, items used, whether any was, items marked not
interested; of the pre-period entries seen and opened; and of the items marked not interested those that the visitor had
opened before, and those that they had not."""

MIN_VISITORS = 100
MIN_CLICKS = 20
"""Visitors and opened entries in each arm below which nothing is said of a comparison: its intervals are those of a
normal distribution, to which the figures of a few visitors have no likeness."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over the visitors of one arm. sums: (columns,). products: (columns, columns), sums of products of two.

    columns: what each is the sum of; the first is 1 a visitor.
    """

    sums: NDArray[np.float64]
    products: NDArray[np.float64]
    columns: tuple[str, ...] = COLUMNS

    @classmethod
    def of(cls, values: NDArray[np.int64] | NDArray[np.float64], columns: tuple[str, ...] = COLUMNS) -> Moments:
        """values: (visitors, columns), one row a visitor."""
        rows = np.ascontiguousarray(values, dtype=np.float64)
        return cls(rows.sum(axis=0), rows.T @ rows, columns)

    @property
    def count(self) -> int:
        """Visitors."""
        return int(self.sums[0])

    def total(self, column: str) -> float:
        """Sum of one column: a whole number where it is one, 0 for a column that is not kept."""
        if column not in self.columns:
            return 0
        found = float(self.sums[self.columns.index(column)])
        return int(found) if found.is_integer() else found

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.sums + other.sums, self.products + other.products, self.columns)


@dataclass(frozen=True, slots=True)
class RatioMetric:
    """The total of one column over the total of another.

    amount: whether it counts or values something, so that it may be above 1, rather than being a share. counted: the
    column of the acts behind the numerator, where that is no count of them itself.
    """

    name: str
    numerator: str
    denominator: str
    amount: bool = False
    counted: str = ""

    @property
    def acts(self) -> str:
        """The column of the acts behind the numerator."""
        return self.counted or self.numerator


CLICK_THROUGH = RatioMetric("click-through", "clicks", "impressions")
CLICK_THROUGH_BEFORE = RatioMetric("click-through before", "clicks_before", "impressions_before")
USE_RATE = RatioMetric("use rate per visitor", "users", "visitors")
USES_PER_CLICK = RatioMetric("uses per click", "uses", "clicks")
OPENED_HIDES_PER_CLICK = RatioMetric("opened hides per click", "opened_hides", "clicks")
UNOPENED_HIDES_PER_IMPRESSION = RatioMetric("unopened hides per impression", "unopened_hides", "impressions")


@dataclass(frozen=True, slots=True)
class Rate:
    """A ratio of one arm. value: None when the denominator is 0.

    bounds: its fixed-horizon interval, None with fewer than two visitors. acts: how often somebody did what is counted.
    """

    value: float | None
    bounds: Interval | None
    numerator: float
    denominator: float
    visitors: int
    acts: float = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Treatment against control in one metric.

    difference: treatment − control. lift: treatment / control − 1. `_fixed` intervals hold for one look at a time
    chosen beforehand, `_always` intervals at all looks together. p_value: two-sided, of the difference, for one look;
    always_valid_p: of the lift, for any number of looks. adjusted: whether pre-period clicks were used (CUPED), by
    which the variance of the difference shrank by `variance_saved` (a share).
    """

    metric: str
    control: Rate
    treatment: Rate
    difference: float
    difference_fixed: Interval
    difference_always: Interval
    lift: float
    lift_fixed: Interval
    lift_always: Interval
    p_value: float
    always_valid_p: float
    adjusted: bool
    variance_saved: float


def rate(moments: Moments, metric: RatioMetric, confidence: float) -> Rate:
    """One arm's ratio with its interval."""
    numerator, denominator = moments.total(metric.numerator), moments.total(metric.denominator)
    if not denominator:
        return Rate(None, None, numerator, 0, moments.count, moments.total(metric.acts))
    value = numerator / denominator
    bounds = None
    if moments.count > 1:
        z = float(ndtri((1 + confidence) / 2))
        variance = _variance(moments, _linear(moments, metric)) / moments.count
        if value <= 1 and not metric.amount:
            bounds = _wilson(value, _equivalent_trials(value, variance, moments.count, denominator), z)
        else:
            bounds = (
                _gamma(value, value**2 / variance if variance > 0 else moments.count, confidence) if value else None
            )
    return Rate(value, bounds, numerator, denominator, moments.count, moments.total(metric.acts))


def compare(
    control: Moments,
    treatment: Moments,
    metric: RatioMetric,
    *,
    confidence: float,
    expected_visitors: int,
    covariate: RatioMetric | None = None,
) -> Comparison | None:
    """Treatment against control; None when an arm has fewer than two visitors or a rate of 0, which have no lift.

    None as well when the pre-period would take a rate to 0 or below, which says that it does not explain the rates.

    confidence: of each interval. expected_visitors: both arms together, see `always_valid.tuning`.
    covariate: a ratio of the pre-period, for CUPED.
    """
    if min(control.count, treatment.count) < 2 or not all(
        arm.total(column) > 0 for arm in (control, treatment) for column in (metric.numerator, metric.denominator)
    ):
        return None
    slope, saved = 0.0, 0.0
    arms = (control, treatment)
    values = [arm.total(metric.numerator) / arm.total(metric.denominator) for arm in arms]
    forms = [_linear(arm, metric) for arm in arms]
    if covariate is not None:
        plain = [_variance(arm, form) for arm, form in zip(arms, forms, strict=True)]
        slope = _slope(control + treatment, metric, covariate)
        centre = _ratio(control + treatment, covariate)
        values = [value - slope * (_ratio(arm, covariate) - centre) for arm, value in zip(arms, values, strict=True)]
        forms = [form - slope * _linear(arm, covariate) for arm, form in zip(arms, forms, strict=True)]
        saved = 1 - _sum_over_counts(arms, [_variance(a, f) for a, f in zip(arms, forms, strict=True)]) / (
            _sum_over_counts(arms, plain) or 1.0
        )
    if min(values) <= 0:
        return None
    variances = [
        max(_variance(arm, form) / arm.count, (value / arm.count) ** 2)
        for arm, form, value in zip(arms, forms, values, strict=True)
    ]
    difference, error = values[1] - values[0], math.sqrt(sum(variances))
    lift = values[1] / values[0] - 1
    log_lift = math.log(values[1] / values[0])
    log_error = math.sqrt(sum(variance / value**2 for variance, value in zip(variances, values, strict=True)))
    count, alpha = control.count + treatment.count, 1 - confidence
    z = float(ndtri((1 + confidence) / 2))
    wide = half_width(1.0, count, expected_visitors, alpha)
    return Comparison(
        metric=metric.name,
        control=rate(control, metric, confidence),
        treatment=rate(treatment, metric, confidence),
        difference=difference,
        difference_fixed=Interval(difference, difference - z * error, difference + z * error),
        difference_always=Interval(difference, difference - wide * error, difference + wide * error),
        lift=lift,
        lift_fixed=Interval(lift, math.expm1(log_lift - z * log_error), math.expm1(log_lift + z * log_error)),
        lift_always=Interval(lift, math.expm1(log_lift - wide * log_error), math.expm1(log_lift + wide * log_error)),
        p_value=float(2 * ndtr(-abs(difference) / error)),
        always_valid_p=always_valid_p_value(log_lift, log_error, count, expected_visitors, alpha),
        adjusted=covariate is not None,
        variance_saved=saved,
    )


def _ratio(moments: Moments, metric: RatioMetric) -> float:
    denominator = moments.total(metric.denominator)
    return moments.total(metric.numerator) / denominator if denominator else 0.0


def _linear(moments: Moments, metric: RatioMetric) -> NDArray[np.float64]:
    """Weights of the columns in the linear form of a ratio: (columns,)."""
    weights = np.zeros(len(moments.columns))
    mean = moments.total(metric.denominator) / moments.count
    if mean:
        weights[moments.columns.index(metric.numerator)] += 1 / mean
        weights[moments.columns.index(metric.denominator)] -= _ratio(moments, metric) / mean
    return weights


def _covariance(moments: Moments) -> NDArray[np.float64]:
    means = moments.sums / moments.count
    centred: NDArray[np.float64] = moments.products - moments.count * np.outer(means, means)
    return centred / (moments.count - 1)


def _variance(moments: Moments, weights: NDArray[np.float64]) -> float:
    return float(weights @ _covariance(moments) @ weights)


def _slope(pooled: Moments, metric: RatioMetric, covariate: RatioMetric) -> float:
    form, before = _linear(pooled, metric), _linear(pooled, covariate)
    variance = _variance(pooled, before)
    return float(form @ _covariance(pooled) @ before) / variance if variance > 0 else 0.0


def _sum_over_counts(arms: tuple[Moments, Moments], variances: list[float]) -> float:
    return sum(variance / arm.count for arm, variance in zip(arms, variances, strict=True))


def relative_variance(moments: Moments, metric: RatioMetric) -> float | None:
    """Variance of one visitor's part of a ratio over the ratio squared; None where nothing tells it."""
    if moments.count < 2 or not moments.total(metric.numerator) or not moments.total(metric.denominator):
        return None
    variance = _variance(moments, _linear(moments, metric)) / _ratio(moments, metric) ** 2
    return variance if variance > 0 else None


def has_enough(comparison: Comparison) -> bool:
    """Whether both arms have so many visitors and clicks that the intervals of a comparison mean something."""
    arms = (comparison.control, comparison.treatment)
    return all(arm.visitors >= MIN_VISITORS and arm.acts >= MIN_CLICKS for arm in arms)


def _equivalent_trials(share: float, variance: float, visitors: int, entries: float) -> float:
    """How many independent trials would give a share this variance: at least one, at most one for each entry.

    Visitors who are all alike, such as when nobody clicked, tell nothing of the variance: each is one trial.
    """
    spread = share * (1 - share)
    return visitors if variance <= 0 or spread <= 0 else max(1.0, min(entries, spread / variance))


def _gamma(value: float, count: float, confidence: float) -> Interval:
    """Interval of a ratio above 1 as of a Poisson count of `count` (Garwood, 1936), scaled to `value`."""
    tail = (1 - confidence) / 2
    low, high = gammaincinv(count, tail), gammaincinv(count + 1, 1 - tail)
    return Interval(value, value * float(low) / count, value * float(high) / count)


def _wilson(share: float, count: float, z: float) -> Interval:
    """Wilson's score interval of a share over `count` trials (Wilson, 1927)."""
    spread = z**2 / count
    centre = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return Interval(share, min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half)))
