"""Intervals that hold at every look: a confidence sequence, so that reading the page every minute is no sin.

The mixture of Robbins as an asymptotic confidence sequence: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas,
“Time-uniform central limit theory and asymptotic confidence sequences”, Annals of Statistics 52 (2024), eq. 9 of
arXiv 2103.06476. Over all n at once, with probability 1 − α in the limit,

    |estimate − truth| ≤ σ · √( 2 (nρ² + 1) / (n²ρ²) · log( √(nρ² + 1) / α ) ).

With τ² = ρ²σ² it is the mixture sequential test of Johari, Koomen, Pekelis and Walsh, “Always valid inference”,
Operations Research 70 (2022), turned into an interval.
"""

from __future__ import annotations

import math

from scipy.special import lambertw


def tuning(expected_count: int, alpha: float) -> float:
    """The ρ with which the interval is narrowest at `expected_count` visitors: nρ² + 1 = −W₋₁(−α² / e), exactly."""
    grown = -float(lambertw(-(alpha**2) / math.e, k=-1).real) - 1
    return math.sqrt(grown / expected_count)


def half_width(standard_error: float, count: int, expected_count: int, alpha: float) -> float:
    """Half the width of the interval at `count` visitors.

    standard_error: of the estimate, so that σ = standard_error · √count. expected_count is fixed before the first look.
    """
    grown = count * tuning(expected_count, alpha) ** 2
    return standard_error * math.sqrt(2 * (grown + 1) / grown * math.log(math.sqrt(grown + 1) / alpha))


def p_value(estimate: float, standard_error: float, count: int, expected_count: int, alpha: float) -> float:
    """The smallest level at which the interval leaves 0 out, for the ρ of `alpha`; at most 1."""
    if standard_error == 0:
        return 1.0
    grown = count * tuning(expected_count, alpha) ** 2
    z_squared = (estimate / standard_error) ** 2
    return min(1.0, math.sqrt(grown + 1) * math.exp(-z_squared * grown / (2 * (grown + 1))))
