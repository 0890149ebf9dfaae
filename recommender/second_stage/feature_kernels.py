"""Compiled kernels of the second stage: likings of a history by attribute and by class, and features of candidates."""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.topk.score_kernels import exact_score


@kernel(fast=False, hold_gil=True)
def attribute_affinities(history, values, kind_of, shares, strength, affinities):
    """Write log((n_a / share_a + m) / (n + m)): how much more often a history has attribute a than the catalog does,
    shrunken by m items that are like the catalog.

    n_a: items of the history with attribute a, n: all of them. history int32 (n,); values int32 (items, slots), kind_of
    int32 and shares float32 (attributes,), see `ItemAttributes`; strength float32 (kinds,): m of each kind;
    affinities float32 (attributes,).
    """
    n = history.shape[0]
    for a in range(affinities.shape[0]):
        affinities[a] = 0.0
    for place in range(n):
        for slot in range(values.shape[1]):
            a = values[history[place], slot]
            if a >= 0:
                affinities[a] += 1.0
    for a in range(affinities.shape[0]):
        m = strength[kind_of[a]]
        affinities[a] = np.log((affinities[a] / shares[a] + m) / (n + m)) if n > 0 else 0.0


@kernel(fast=False, hold_gil=True)
def class_posterior(history, log_lift, log_prior, runs, posterior):
    """Write how likely each class is after a history: within each run, softmax(log_prior + sum over j of log_lift[j]),
    divided by the number of runs, so that all add up to one.

    history int32 (n,); log_lift float32 (items, classes): log of what a class takes of an item relative to everybody;
    log_prior, posterior float32 (classes,); the classes of a run are neighbours, the same number in each.
    """
    classes = log_prior.shape[0]
    for c in range(classes):
        posterior[c] = log_prior[c]
    for place in range(history.shape[0]):
        for c in range(classes):
            posterior[c] += log_lift[history[place], c]
    size = classes // runs
    for run in range(runs):
        start = run * size
        largest = posterior[start]
        for c in range(start, start + size):
            largest = max(largest, posterior[c])
        total = 0.0
        for c in range(start, start + size):
            posterior[c] = np.exp(posterior[c] - largest)
            total += posterior[c]
        for c in range(start, start + size):
            posterior[c] /= total * runs


@kernel(fast=False, hold_gil=True)
def stage_features(
    candidates, totals, user, item_factors, score_unit, affinities, values, kind_of, posterior, lift, log_rates, found
):
    """Write the features of each candidate, one row each: factors, transitions, one a kind of attribute, classes, rate.

    factors: user · item_factors[i] * score_unit; transitions: (total - user · item_factors[i]) * score_unit; a kind:
    mean of affinities over the item's attributes of the kind; classes: log(posterior · lift[i]); rate: log_rates[i].
    candidates int32, totals float64 (n,); user float32 (factors,); item_factors float32 (items, factors); lift float32
    (items, classes), posterior float32 (classes,); log_rates float32 (items,); found float64 (n, kinds + 4).
    """
    last = found.shape[1] - 1
    for row in range(candidates.shape[0]):
        item = candidates[row]
        plain = exact_score(user, item_factors[item])
        for f in range(found.shape[1]):
            found[row, f] = 0.0
        found[row, 0] = plain * score_unit
        found[row, 1] = (totals[row] - plain) * score_unit
        for slot in range(values.shape[1]):
            a = values[item, slot]
            if a >= 0:
                size = 0
                for other in range(values.shape[1]):
                    if values[item, other] >= 0 and kind_of[values[item, other]] == kind_of[a]:
                        size += 1
                found[row, 2 + kind_of[a]] += np.float64(affinities[a]) / size
        if posterior.shape[0] > 0:
            found[row, last - 1] = np.log(exact_score(posterior, lift[item]))
        found[row, last] = log_rates[item]


@kernel(fast=False, hold_gil=True)
def attribute_shares(candidates, values, kind_of, weights, affinities, likings, posterior, lift, shares, by_classes):
    """Write what adds to the score of each candidate by each of its attributes, and by classes beyond them.

    An attribute a of a kind of which the candidate has size: weights[kind] * affinity_a / size + class weight *
    liking_a; classes: class weight * (log(posterior · lift[i]) - sum of liking_a), 0 without any. weights float64
    (kinds + 4,) as of `stage_features`; likings float32 (attributes,): what the classes of the history make of each, to
    first order; shares float64 (n, slots), 0 where there is no attribute, and by_classes float64 (n,); other arguments
    as there.
    """
    by_class = weights[weights.shape[0] - 2]
    for row in range(candidates.shape[0]):
        item = candidates[row]
        explained = 0.0
        for slot in range(values.shape[1]):
            a = values[item, slot]
            shares[row, slot] = 0.0
            if a >= 0:
                size = 0
                for other in range(values.shape[1]):
                    if values[item, other] >= 0 and kind_of[values[item, other]] == kind_of[a]:
                        size += 1
                liking = np.float64(likings[a])
                explained += liking
                shares[row, slot] = weights[2 + kind_of[a]] * np.float64(affinities[a]) / size + by_class * liking
        by_classes[row] = 0.0
        if posterior.shape[0] > 0:
            mixed = np.float32(0.0)
            for c in range(posterior.shape[0]):
                mixed += posterior[c] * lift[item, c]
            by_classes[row] = by_class * (np.log(np.float64(mixed)) - explained)
