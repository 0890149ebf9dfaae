"""NumPy twins of the kernels of the second stage: same names, arguments and results, written to be read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ids = NDArray[np.int32]


def expect_classes(
    indptr: NDArray[np.int64],
    items: Ids,
    taken: NDArray[np.bool_],
    rates: Singles,
    log_rates: Singles,
    log_prior: Singles,
    temperature: float,
    shares: Singles,
) -> None:
    """See `class_kernels.expect_classes`."""
    for user in range(len(indptr) - 1):
        shown = items[indptr[user] : indptr[user + 1]]
        took = shown[taken[indptr[user] : indptr[user + 1]]]
        likelihood = log_rates[took].sum(axis=0) - rates[shown].sum(axis=0)
        shares[user] = softmax((log_prior + likelihood / temperature).astype(np.float64))


def count_by_class(
    indptr: NDArray[np.int64], items: Ids, taken: NDArray[np.bool_], shares: Singles, shown: Singles, clicked: Singles
) -> None:
    """See `class_kernels.count_by_class`."""
    by_pair = shares[np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))]
    np.add.at(shown, items, by_pair)
    np.add.at(clicked, items[taken], by_pair[taken])


def add_leanings(indptr: NDArray[np.int64], items: Ids, shares: Singles, lift: Singles, leanings: Floats) -> None:
    """See `class_kernels.add_leanings`."""
    by_pair = shares[np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))]
    np.add.at(leanings, items, (by_pair * lift[items]).sum(axis=1))


def attribute_affinities(
    history: Ids, values: Ids, kind_of: Ids, shares: Singles, strength: Singles, affinities: Singles
) -> None:
    """See `feature_kernels.attribute_affinities`."""
    found = values[history]
    counts = np.bincount(found[found >= 0], minlength=len(affinities))
    m = strength[kind_of].astype(np.float64)
    affinities[:] = np.log((counts / shares + m) / (len(history) + m)) if len(history) else 0.0


def class_posterior(history: Ids, log_lift: Singles, log_prior: Singles, runs: int, posterior: Singles) -> None:
    """See `feature_kernels.class_posterior`."""
    scores = log_prior + log_lift[history].sum(axis=0)
    posterior[:] = np.concatenate([softmax(run.astype(np.float64)) for run in scores.reshape(runs, -1)]) / runs


def unit_of_scores(score_unit: float, items: int, score_norm: float) -> float:
    """See `feature_kernels.unit_of_scores`."""
    return score_unit or (items**0.5 / score_norm if score_norm else 0.0)


def stage_features(
    candidates: Ids,
    totals: Floats,
    user: Singles,
    item_factors: Singles,
    score_unit: float,
    affinities: Singles,
    values: Ids,
    kind_of: Ids,
    posterior: Singles,
    lift: Singles,
    log_rates: Singles,
    found: Floats,
) -> None:
    """See `feature_kernels.stage_features`."""
    plain = item_factors[candidates, : len(user)].astype(np.float64) @ user.astype(np.float64)
    found[:] = 0.0
    found[:, 0] = plain * score_unit
    found[:, 1] = (totals - plain) * score_unit
    for row, item in enumerate(candidates):
        attributes = values[item][values[item] >= 0]
        kinds = kind_of[attributes]
        for kind in set(kinds.tolist()):
            found[row, 2 + kind] = affinities[attributes[kinds == kind]].mean()
    if len(posterior):
        found[:, -2] = np.log(lift[candidates] @ posterior)
    found[:, -1] = log_rates[candidates]


def score_amounts(
    candidates: Ids,
    by_history: Floats,
    values: Ids,
    kind_of: Ids,
    weights: Floats,
    affinities: Singles,
    effects: Singles,
    posterior: Singles,
    lift: Singles,
    log_rates: Singles,
    first: int,
    amounts: Floats,
    sources: Ids,
) -> None:
    """See `feature_kernels.score_amounts`."""
    h, likings = by_history.shape[1], effects @ posterior
    amounts[:], sources[:] = 0.0, -1
    amounts[:, :h], sources[:, :h] = by_history, np.arange(h)
    for row, item in enumerate(candidates):
        slots = np.flatnonzero(values[item] >= 0)
        own = values[item][slots]
        sizes = np.bincount(kind_of[own])[kind_of[own]] if len(own) else own
        amounts[row, h + slots] = weights[2 + kind_of[own]] * affinities[own] / sizes + weights[-2] * likings[own]
        sources[row, h + slots] = first + own
        if len(posterior):
            amounts[row, -2] = weights[-2] * (np.log(lift[item] @ posterior) - likings[own].sum())
            sources[row, -2] = first - 2
    amounts[:, -1], sources[:, -1] = weights[-1] * log_rates[candidates], first - 1
