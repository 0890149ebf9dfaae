"""Weights of the second stage: a logistic regression, shrunken towards what is known beforehand by as much as the data
ask for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.als.blas import one_blas_thread

Floats = NDArray[np.float64]

PLACES = (1, 2, 3, 4, 6, 8, 12, 24)
"""Positions up to which entries share one effect; what stands further down has the last one."""

MIN_SPREAD = 1e-3
"""Standard deviation of a feature below which it counts as a constant."""

_NEWTON_STEPS = 2
_ROUNDS = 4
_FIRST_PRECISION = 30.0
_NUISANCE_RIDGE = 1.0
_LOWEST, _HIGHEST = 1e-3, 1e7  # of the precision


@dataclass(frozen=True, slots=True, eq=False)
class FittedWeights:
    """weights float64 (features,), by feature as it comes. precision: of the prior, by standard deviations of features;
    larger is shrunken more. evidence: log of the marginal likelihood, for a choice between priors. examination float64
    (places,): odds of a click at each of PLACES relative to the first. deviations: standard errors of weights, 0 of
    those that would be below 0.
    """

    weights: Floats
    precision: float
    evidence: float
    examination: Floats
    deviations: Floats


def fit_weights(
    features: Floats,
    taken: NDArray[np.bool_],
    positions: NDArray[np.int32],
    contexts: NDArray[np.int32],
    prior: Floats,
    worths: Floats | None = None,
) -> FittedWeights:
    """Fit log odds of taken = weights · features + effect of the place + effect of the context.

    features float64 (n, features), prior float64 (features,): the weights that they are shrunken towards; worths
    float64 (n,): what each example counts, 1 when left out. The precision of the prior is the one that makes the data
    likeliest (MacKay 1992, empirical Bayes over the Laplace approximation).

    No weight is below 0. All features speak for an item, and where lists were filled by them, what is on a list without
    one of them was chosen for something else: to the data it seems to speak against (Berkson 1946). Features that come
    out below 0 are left out, and the others fitted anew.
    """
    counted = np.ones(len(taken)) if worths is None else worths
    free = np.ones(features.shape[1], dtype=np.bool_)
    with one_blas_thread():  # more threads cost more than they bring beside other work
        while True:
            fitted = _fit(features[:, free], taken, positions, contexts, prior[free], counted)
            if (fitted.weights >= 0).all():
                break
            free[free] = fitted.weights >= 0
    weights, deviations = np.zeros((2, len(free)))
    weights[free], deviations[free] = fitted.weights, fitted.deviations
    return replace(fitted, weights=weights, deviations=deviations)


def _fit(
    features: Floats,
    taken: NDArray[np.bool_],
    positions: NDArray[np.int32],
    contexts: NDArray[np.int32],
    prior: Floats,
    worths: Floats,
) -> FittedWeights:
    mean = np.average(features, axis=0, weights=worths)
    spread: Floats = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=worths))
    spread[spread < MIN_SPREAD] = 1.0  # a feature that hardly varies tells nothing, and keeps its prior weight
    places = place_of(positions)
    width = features.shape[1]
    nuisance = [np.ones((len(features), 1)), _indicators(places, len(PLACES)), _indicators(contexts, None)]
    table = np.hstack([(features - mean) / spread, *nuisance])
    turned = np.ascontiguousarray(table.T)
    center = np.zeros(table.shape[1])
    center[:width] = prior * spread
    fitted = center.copy()
    rate = float(np.clip(np.average(taken, weights=worths), 1e-6, 1 - 1e-6))
    fitted[width] = math.log(rate / (1 - rate))
    precision = _FIRST_PRECISION
    targets = taken.astype(np.float64)
    evidence = 0.0
    covariance: NDArray[np.floating] = np.eye(width)
    for _ in range(_ROUNDS):
        ridge = np.full(table.shape[1], _NUISANCE_RIDGE)
        ridge[:width], ridge[width] = precision, 0.0
        for _ in range(_NEWTON_STEPS):
            chances = _chances(table @ fitted)
            gradient = turned @ (worths * (chances - targets)) + ridge * (fitted - center)
            curvature = (turned * (worths * chances * (1 - chances))) @ table + np.diag(ridge + 1e-9)
            fitted = fitted - np.linalg.solve(curvature, gradient)
        off = fitted[:width] - center[:width]
        covariance = np.linalg.inv(curvature)[:width, :width]
        evidence = _evidence(table @ fitted, targets, worths, curvature, ridge, fitted - center)
        determined = width - precision * float(np.trace(covariance))
        precision = float(np.clip(determined / max(float(off @ off), 1e-12), _LOWEST, _HIGHEST))
    effects = fitted[width + 1 : width + 1 + len(PLACES)]
    return FittedWeights(
        weights=fitted[:width] / spread,
        precision=precision,
        evidence=evidence,
        examination=np.exp(effects - effects[0]),
        deviations=np.sqrt(np.diag(covariance)) / spread,
    )


def place_of(positions: NDArray[np.int32]) -> NDArray[np.intp]:
    """Index into PLACES of each position, counted from 1."""
    return np.minimum(np.searchsorted(PLACES, positions), len(PLACES) - 1)


def _chances(odds: Floats) -> Floats:
    chances: Floats = 1.0 / (1.0 + np.exp(-np.clip(odds, -30, 30)))
    return chances


def _indicators(groups: NDArray[np.integer], count: int | None) -> Floats:
    """One column a group."""
    size = int(groups.max(initial=-1)) + 1 if count is None else count
    return np.eye(size)[groups]


def _evidence(odds: Floats, targets: Floats, worths: Floats, curvature: Floats, ridge: Floats, off: Floats) -> float:
    likelihood = float((worths * (targets * odds - np.logaddexp(0, odds))).sum())
    penalty = 0.5 * float((ridge * off**2).sum())
    scale = 0.5 * float(np.log(ridge[ridge > 0]).sum()) - 0.5 * float(np.linalg.slogdet(curvature)[1])
    return likelihood - penalty + scale
