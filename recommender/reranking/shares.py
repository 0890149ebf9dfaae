"""What shares of its choices a user gives to the values of an attribute, shrunk towards those of the catalog.

Choices of a user among the values v of one attribute are taken as draws from shares that differ from user to user,
Dirichlet(strength * base): base (values,) are the shares of everybody, and the smaller the strength, the more a single
choice says of the next. The shares after the choices n_v are (n_v + strength * base_v) / (n + strength). The strength
of each attribute is learned from many users by maximum likelihood of the Dirichlet-multinomial (Minka, "Estimating a
Dirichlet distribution", 2000), so that an attribute which users hardly differ in moves nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from recommender.interactions.checks import check_number

Floats = NDArray[np.float64]

WEAKEST, STRONGEST = 0.1, 1_000.0
"""Bounds of a learned strength: below, one choice would be taken for a whole taste; above, nothing is learned of it."""

PRIOR_SPREAD = 1.0
"""Standard deviation of the logarithm of a strength around its prior: a factor of e either way is likely."""


def fit_strength(counts: Floats, base: Floats, prior: float) -> float:
    """The strength that explains `counts` (users, values) best, with a log-normal prior around `prior`.

    Users with fewer than two choices say nothing of it. Values that base gives no share are left out. Without such
    users the answer is the prior. Raises ValueError when shapes do not fit or the prior is outside its bounds.
    """
    from scipy.optimize import minimize_scalar  # takes as long to import as numba, and few who import us learn shares

    prior = check_number(prior, "prior", WEAKEST, STRONGEST)
    if counts.ndim != 2 or counts.shape[1] != len(base):
        raise ValueError(f"counts must have shape (users, {len(base)}), a column a value; got {counts.shape}")
    known = base > 0
    chosen = counts[:, known][counts[:, known].sum(axis=1) >= 2]
    if not len(chosen):
        return prior
    shares, totals = base[known] / base[known].sum(), chosen.sum(axis=1)

    def loss(log_strength: float) -> float:
        strength = np.exp(log_strength)
        wanted = strength * shares
        of_totals = gammaln(strength) - gammaln(totals + strength)
        of_values = (gammaln(chosen + wanted) - gammaln(wanted)).sum(axis=1)
        return float(0.5 * ((log_strength - np.log(prior)) / PRIOR_SPREAD) ** 2 - (of_totals + of_values).sum())

    bounds = (np.log(WEAKEST), np.log(STRONGEST))
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))
