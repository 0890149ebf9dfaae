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
from scipy.stats import t as student

LEAST_EFFECTIVE_SAMPLE = 100.0
"""Below this effective sample size an estimate says nothing: `OffPolicyEstimate.is_meaningful` is False."""

Floats = NDArray[np.float64]

_RANGES = {"logged": "(0, 1]", "target": "[0, 1]"}


@dataclass(frozen=True, slots=True)
class OffPolicyEstimate:
    """Estimated mean reward of the target policy, with a 95 % interval.

    effective_sample_size: (sum of weights)² / sum of squared weights, Kish's measure of how many rows really count.
    clipped_share: share of rows whose weight was cut down to `largest_weight`. rows: rows of the log.
    """

    value: float
    low: float
    high: float
    effective_sample_size: float
    clipped_share: float
    rows: int

    @property
    def is_meaningful(self) -> bool:
        """Whether enough rows count for the interval to be trusted."""
        return self.effective_sample_size >= LEAST_EFFECTIVE_SAMPLE


def ips(
    rewards: ArrayLike,
    logged: ArrayLike,
    target: ArrayLike,
    groups: Sequence[Hashable] | None = None,
    largest_weight: float = np.inf,
) -> OffPolicyEstimate:
    """Inverse propensity scoring: mean of w * r with w = target / logged. Unbiased when nothing is clipped.

    rewards, logged, target: (rows,); logged in (0, 1], target in [0, 1]. groups (rows,): whose rows are not independent
    of each other, such as the visitors; each row its own when None. Weights above `largest_weight` are cut down to it,
    which trades bias for variance. Raises ValueError, naming the row, for a propensity outside its range.
    """
    reward, weight, clipped = _weighted(rewards, logged, target, largest_weight)
    return _estimate(weight * reward, np.ones_like(weight), weight, clipped, groups)


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
    return _estimate(weight * reward, weight, weight, clipped, groups)


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
    return _estimate(expected_target + weight * (reward - expected), np.ones_like(weight), weight, clipped, groups)


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
        ("logged", shown, (shown <= 0.0) | (shown > 1.0)),
        ("target", wanted, (wanted < 0.0) | (wanted > 1.0)),
    ):
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise ValueError(
                f"{name} propensity of row {row} is {values[row]}; it must be a probability, and not 0 if logged"
            )
    if not largest_weight > 0.0:
        raise ValueError(f"largest_weight must be positive, got {largest_weight!r}")
    weight = wanted / shown
    return reward, np.minimum(weight, largest_weight), float((weight > largest_weight).mean())


def _column(values: ArrayLike, name: str) -> Floats:
    column = np.asarray(values, dtype=np.float64)
    if column.ndim != 1 or not np.isfinite(column).all():
        raise ValueError(f"{name} must be one column of finite numbers, got shape {column.shape}")
    return column


def _estimate(
    numerator: Floats,
    denominator: Floats,
    weight: Floats,
    clipped_share: float,
    groups: Sequence[Hashable] | None,
) -> OffPolicyEstimate:
    """The ratio of two means, with the delta method's interval over groups, from Student's t."""
    rows = len(numerator)
    if groups is not None:
        if len(groups) != rows:
            raise ValueError(f"groups must name a group for each of the {rows} rows, got {len(groups)}")
        numbers: dict[Hashable, int] = {}
        group = np.array([numbers.setdefault(name, len(numbers)) for name in groups])
        numerator = np.bincount(group, numerator).astype(np.float64)
        denominator = np.bincount(group, denominator).astype(np.float64)
    value = float(numerator.sum() / denominator.sum())
    low, high = _interval(value, numerator, denominator)
    squares = float((weight**2).sum())
    effective = float(weight.sum()) ** 2 / squares if squares else 0.0
    return OffPolicyEstimate(value, low, high, effective, clipped_share, rows)


def _interval(value: float, numerator: Floats, denominator: Floats) -> tuple[float, float]:
    count = len(numerator)
    if count < 2:
        return -np.inf, np.inf
    influence = (numerator - value * denominator) / denominator.mean()
    squares = influence**2
    if not squares.any():
        return value, value
    # Where a handful of groups makes up the variance, the variance is as uncertain as one of a handful. Satterthwaite's
    # degrees of freedom for a sum of squares, each with one of its own (Biometrics Bulletin 2, 1946).
    freedom = float(squares.sum()) ** 2 / float((squares**2).sum())
    half = float(student.ppf(0.975, freedom) * influence.std(ddof=1) / np.sqrt(count))
    if value > 0.0 and (numerator >= 0.0).all():
        # A few heavy weights skew the estimate to the right; on the scale of logarithms it is close to normal.
        factor = float(np.exp(half / value))
        return value / factor, value * factor
    return value - half, value + half
