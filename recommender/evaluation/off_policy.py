"""What another policy would have been worth, from a log that says how likely each shown item was to be shown.

A log row is one entry of one slate: its reward (clicked or not), the probability with which the logging policy showed
that item there, and the probability with which the target policy would have. Estimators after Dudík, Langford, Li,
"Doubly Robust Policy Evaluation and Learning" (ICML 2011), and Swaminathan, Joachims, "The Self-Normalized Estimator
for Counterfactual Learning" (NeurIPS 2015).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit  # quantiles; scipy.stats gives the same and takes long to import

from recommender.evaluation.intervals import LARGEST_VALUE, NOTHING, freedom_of, number_groups

MINIMUM_EFFECTIVE_SAMPLE = 100.0
MINIMUM_REWARDED = 10
"""Below this effective sample size, or with fewer groups that were rewarded for what the target policy would show, an
estimate says nothing: `OffPolicyEstimate.is_meaningful` is False. Ten rewards tell a rate to about a third."""
MINIMUM_LOGGED = 1e-30
"""Least propensity of what was logged: what is less likely is never seen."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OffPolicyEstimate:
    """Estimated mean reward of the target policy, with a 95 % interval.

    effective_sample_size: (sum of weights)² / sum of squared weights, Kish's measure of how many groups really count,
    each with the sum of the weights of its rows. rewarded: groups with a reward for something that the target policy
    would show. clipped_share: share of rows whose weight was cut down to `largest_weight`. rows: rows of the log.
    """

    value: float
    low: float
    high: float
    effective_sample_size: float
    rewarded: int
    clipped_share: float
    rows: int

    @property
    def is_meaningful(self) -> bool:
        """Whether enough groups count, and enough of them were rewarded, for the interval to be trusted."""
        return self.effective_sample_size >= MINIMUM_EFFECTIVE_SAMPLE and self.rewarded >= MINIMUM_REWARDED


def ips(
    rewards: ArrayLike,
    logged: ArrayLike,
    target: ArrayLike,
    groups: Sequence[Hashable] | None = None,
    largest_weight: float = np.inf,
) -> OffPolicyEstimate:
    """Inverse propensity scoring: mean of w * r with w = target / logged. Unbiased when nothing is clipped.

    rewards, logged, target: (rows,); logged from MINIMUM_LOGGED to 1, target in [0, 1]. groups (rows,): whose rows are
    not independent of each other, such as the visitors; each row its own when None. Weights above `largest_weight` are
    cut down to it, which trades bias for variance. Raises ValueError, naming the row, for a propensity outside its
    range.
    """
    reward, weight, clipped = _weighted(rewards, logged, target, largest_weight)
    return _estimate(weight * reward, np.ones_like(weight), reward, weight, clipped, groups)


def snips(
    rewards: ArrayLike,
    logged: ArrayLike,
    target: ArrayLike,
    groups: Sequence[Hashable] | None = None,
    largest_weight: float = np.inf,
) -> OffPolicyEstimate:
    """Self-normalised inverse propensity scoring: sum of w * r over sum of w. A little biased, far less noisy.

    Arguments and errors as for `ips`; ValueError also when the target policy shows nothing of the log.
    """
    reward, weight, clipped = _weighted(rewards, logged, target, largest_weight)
    if weight.sum() == 0.0:
        raise ValueError("the target policy shows nothing that the log has: every target propensity is 0")
    return _estimate(weight * reward, weight, reward, weight, clipped, groups)


def doubly_robust(
    rewards: ArrayLike,
    logged: ArrayLike,
    target: ArrayLike,
    predicted: ArrayLike,
    predicted_target: ArrayLike,
    groups: Sequence[Hashable] | None = None,
    largest_weight: float = np.inf,
) -> OffPolicyEstimate:
    """Doubly robust: mean of q_target + w * (r - q): right when either the propensities or the predictions are.

    predicted (rows,): expected reward of the item shown. predicted_target (rows,): expected reward of the target policy
    in that row's situation, the sum of target propensity times prediction over all items. They must not be fitted on
    these rewards. Other arguments and errors as for `ips`.
    """
    reward, weight, clipped = _weighted(rewards, logged, target, largest_weight)
    expected, expected_target = _column(predicted, "predicted"), _column(predicted_target, "predicted_target")
    if not len(expected) == len(expected_target) == len(reward):
        raise ValueError(f"predicted and predicted_target must have {len(reward)} rows, as the rewards do")
    numerator = expected_target + weight * (reward - expected)
    return _estimate(numerator, np.ones_like(weight), reward, weight, clipped, groups)


def _weighted(
    rewards: ArrayLike, logged: ArrayLike, target: ArrayLike, largest_weight: float
) -> tuple[Floats, Floats, float]:
    reward, shown, wanted = _column(rewards, "rewards"), _column(logged, "logged"), _column(target, "target")
    if not len(reward) == len(shown) == len(wanted) or len(reward) == 0:
        raise ValueError(
            f"rewards, logged and target must have the same number of rows, at least 1; "
            f"got {len(reward)}, {len(shown)} and {len(wanted)}"
        )
    for name, values, wrong in (
        ("logged", shown, (shown < MINIMUM_LOGGED) | (shown > 1.0)),
        ("target", wanted, (wanted < 0.0) | (wanted > 1.0)),
    ):
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise ValueError(
                f"{name} propensity of row {row} is {values[row]}; it must be a probability, and not 0 if logged "
                f"(at least {MINIMUM_LOGGED:g})"
            )
    if not largest_weight > 0.0:
        raise ValueError(f"largest_weight must be positive, got {largest_weight!r}")
    weight = wanted / shown
    return reward, np.minimum(weight, largest_weight), float((weight > largest_weight).mean())


def _column(values: ArrayLike, name: str) -> Floats:
    column = np.asarray(values, dtype=np.float64)
    if column.ndim != 1 or not (np.abs(column) <= LARGEST_VALUE).all():
        raise ValueError(
            f"{name} must be one column of finite numbers of at most {LARGEST_VALUE:g}, got shape {column.shape}"
        )
    return column


def _estimate(
    numerator: Floats,
    denominator: Floats,
    reward: Floats,
    weight: Floats,
    clipped_share: float,
    groups: Sequence[Hashable] | None,
) -> OffPolicyEstimate:
    """The ratio of two means, with the delta method's interval over groups, from Student's t."""
    rows = len(numerator)
    group = number_groups(groups, rows, "rows")

    def total(values: Floats) -> Floats:
        return np.bincount(group, values).astype(np.float64)

    weights = total(weight)
    squares = float((weights**2).sum())
    effective = float(weights.sum()) ** 2 / squares if squares else 0.0
    rewarded = int((total((weight * reward != 0.0).astype(np.float64)) > 0.0).sum())
    numerators, denominators = total(numerator), total(denominator)
    value = float(numerators.sum() / denominators.sum())
    low, high = _interval(value, numerators, denominators)
    if low == high:
        low, high = _without_variance(value, reward, effective, float(weight.sum() / denominator.sum()))
    return OffPolicyEstimate(value, low, high, effective, rewarded, clipped_share, rows)


def _interval(value: float, numerator: Floats, denominator: Floats) -> tuple[float, float]:
    count = len(numerator)
    if count < 2:
        return -np.inf, np.inf
    influence = (numerator - value * denominator) / denominator.mean()
    squares = influence**2
    size = float(np.abs(numerator).max() + np.abs(value * denominator).max()) / float(denominator.mean())
    if np.sqrt(squares.sum()) <= NOTHING * size:
        return value, value
    # Where a handful of groups makes up the variance, the variance is as uncertain as one of a handful; see `widening`.
    freedom = freedom_of(squares)
    half = float(stdtrit(freedom, 0.975) * influence.std(ddof=1) / np.sqrt(count))
    if value > 0.0 and (numerator >= 0.0).all():
        # A few heavy weights skew the estimate to the right; on the scale of logarithms it is close to normal.
        factor = float(np.exp(half / value))
        return value / factor, value * factor
    return value - half, value + half


def _without_variance(value: float, rewards: Floats, effective: float, scale: float) -> tuple[float, float]:
    """Wilson's interval for a log whose groups all agree, such as one without a click.

    What is known is how many groups agree: `effective` of them, of rewards between the smallest and the largest (0 and
    1 at least). scale: what a reward counts in the value on average. Wilson, JASA 22 (1927).
    """
    if effective == 0.0:
        return -np.inf, np.inf
    lowest, highest = min(0.0, float(rewards.min())), max(1.0, float(rewards.max()))
    share = min(1.0, max(0.0, (value / scale - lowest) / (highest - lowest)))
    square = float(ndtri(0.975)) ** 2
    middle = (share + square / (2.0 * effective)) / (1.0 + square / effective)
    half = np.sqrt(square * (share * (1.0 - share) / effective + square / (4.0 * effective**2)))
    half = float(half) / (1.0 + square / effective)
    low, high = (scale * (lowest + (highest - lowest) * bound) for bound in (middle - half, middle + half))
    return min(low, value), max(high, value)
