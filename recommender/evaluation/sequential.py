"""An interval that may be looked at after every observation: it covers the mean at all times at once."""

from __future__ import annotations

from math import inf, log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from recommender.evaluation.intervals import LARGEST_VALUE, Interval, typical_size

MINIMUM_OBSERVATIONS = 20
"""Below this a variance is a guess, and so would be an interval that is made of it: it is without end."""


def confidence_sequence(values: ArrayLike, confidence: float = 0.95, tuned_for: int = 200) -> Interval:
    """Mean of independent observations with an interval that stays valid however often and whenever one looks.

    values (observations,), such as one difference a visitor. With probability `confidence` the true mean lies in the
    interval at every look, so one may stop at the first look that leaves 0 out. It is narrowest, compared with an
    interval for one look, at `tuned_for` observations; there it is about 1.5 times as wide. The normal mixture of
    Robbins in the asymptotic form of Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central limit theory
    and asymptotic confidence sequences" (Annals of Statistics 2024), equation (2.3):

        mean ± s * sqrt(2 (n rho² + 1) / (n² rho²) * log(sqrt(n rho² + 1) / alpha))

    where s² is the variance of the observations so far and of one more that nobody has seen yet, as far from the mean
    as the observations are from 0 (root mean square; 1 where all are 0): its part fades with their number, and however
    well they agree, the interval has a width. Fewer than MINIMUM_OBSERVATIONS give an interval without end. Raises
    ValueError for no observations, values that are not finite or beyond LARGEST_VALUE, a confidence outside (0, 1), or
    a `tuned_for` below 1.
    """
    observed = np.asarray(values, dtype=np.float64)
    if observed.ndim != 1 or len(observed) == 0 or not (np.abs(observed) <= LARGEST_VALUE).all():
        raise ValueError(
            f"values must be one column of finite numbers of at most {LARGEST_VALUE:g}, at least 1; "
            f"got shape {observed.shape}"
        )
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must be between 0 and 1, exclusive; got {confidence!r}")
    if tuned_for < 1:
        raise ValueError(f"tuned_for must be at least 1 observation, got {tuned_for!r}")
    count, mean = len(observed), float(observed.mean())
    if count < MINIMUM_OBSERVATIONS:
        return Interval(mean, -inf, inf)
    alpha = 1.0 - confidence
    rho_squared = (-2.0 * log(alpha) + log(1.0 - 2.0 * log(alpha))) / tuned_for
    grown = count * rho_squared + 1.0
    variance = float(observed.var(ddof=1)) + typical_size(observed) ** 2 / count
    half = sqrt(variance) * sqrt(2.0 * grown / (count**2 * rho_squared) * log(sqrt(grown) / alpha))
    return Interval(mean, mean - half, mean + half)
