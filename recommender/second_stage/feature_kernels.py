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
    lacking = np.empty(strength.shape[0])  # of what no item of the history has, all of a kind are alike
    for kind in range(strength.shape[0]):
        lacking[kind] = np.log(strength[kind] / (n + strength[kind])) if n > 0 else 0.0
    for a in range(affinities.shape[0]):
        affinities[a] = 0.0
    for place in range(n):
        for slot in range(values.shape[1]):
            a = values[history[place], slot]
            if a >= 0:
                affinities[a] += 1.0
    for a in range(affinities.shape[0]):
        if affinities[a] > 0.0:
            m = strength[kind_of[a]]
            affinities[a] = np.log((affinities[a] / shares[a] + m) / (n + m))
        else:
            affinities[a] = lacking[kind_of[a]]


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
def unit_of_scores(score_unit, items, score_norm):
    """What the scores of a history by the first stage are multiplied by: score_unit, or where that is 0 what gives them
    a mean square of 1 over all items. score_norm: the length of the vector of all scores.

    With one unit for all, a history of items that little is known of has small scores, and they count for little.
    """
    if score_unit > 0.0:
        return score_unit
    return np.sqrt(np.float64(items)) / score_norm if score_norm > 0.0 else 0.0


@kernel(fast=False, hold_gil=True)
def stage_features(
    candidates, totals, user, item_factors, score_unit, affinities, values, kind_of, posterior, lift, log_rates, found
):
    """Write the features of each candidate, one row each: factors, transitions, one a kind of attribute, classes, rate.

    factors: user · item_factors[i] * score_unit; transitions: (total - user · item_factors[i]) * score_unit; a kind:
    mean of affinities over the item's attributes of the kind; classes: log(posterior · lift[i]); rate: log_rates[i].
    candidates int32, totals float64 (n,); user float32 (factors,); item_factors float32 (items, factors), or wider,
    where what is beyond is left out; lift float32 (items, classes), posterior float32 (classes,); log_rates float32
    (items,); found float64 (n, kinds + 4).
    """
    last = found.shape[1] - 1
    sizes = np.empty(found.shape[1], dtype=np.int64)  # attributes of a candidate by kind
    for row in range(candidates.shape[0]):
        item = candidates[row]
        plain = exact_score(user, item_factors[item])
        for f in range(found.shape[1]):
            found[row, f], sizes[f] = 0.0, 0
        found[row, 0] = plain * score_unit
        found[row, 1] = (totals[row] - plain) * score_unit
        for slot in range(values.shape[1]):
            if values[item, slot] >= 0:
                sizes[kind_of[values[item, slot]]] += 1
        for slot in range(values.shape[1]):
            a = values[item, slot]
            if a >= 0:
                found[row, 2 + kind_of[a]] += np.float64(affinities[a]) / sizes[kind_of[a]]
        if posterior.shape[0] > 0:
            found[row, last - 1] = np.log(exact_score(posterior, lift[item]))
        found[row, last] = log_rates[item]


@kernel(fast=False, hold_gil=True)
def score_amounts(
    candidates, by_history, values, kind_of, weights, affinities, effects, posterior, lift, log_rates, first, amounts,
    sources,
):  # fmt: skip
    """Write what adds to the score of each candidate: the items of the history, its own attributes, classes beyond
    them, and its rate, one after the other.

    An attribute a of a kind of which the candidate has size: weights[kind] * affinity_a / size + class weight *
    liking_a; classes: class weight * (log(posterior · lift[i]) - sum of liking_a), 0 without any. by_history float64
    (n, h): what the history adds; weights float64 (kinds + 4,) as of `stage_features`; effects float32 (attributes,
    classes): what each class makes of each attribute, and liking_a = posterior · effects[a], what the classes of the
    history make of it to first order; other arguments as there. amounts float64 and sources
    int32 (n, h + slots + 2): sources are 0 to h - 1 for by_history, first - 2 for classes, first - 1 for the rate,
    first + a for attribute a, and -1 where there is none.
    """
    by_class, h = weights[weights.shape[0] - 2], by_history.shape[1]
    slots = values.shape[1]
    for row in range(candidates.shape[0]):
        item = candidates[row]
        for place in range(h):
            amounts[row, place], sources[row, place] = by_history[row, place], place
        explained = 0.0
        for slot in range(slots):
            a = values[item, slot]
            amounts[row, h + slot], sources[row, h + slot] = 0.0, -1
            if a >= 0:
                size = 0
                for other in range(slots):
                    if values[item, other] >= 0 and kind_of[values[item, other]] == kind_of[a]:
                        size += 1
                liking = exact_score(posterior, effects[a])
                explained += liking
                own = weights[2 + kind_of[a]] * np.float64(affinities[a]) / size
                amounts[row, h + slot], sources[row, h + slot] = own + by_class * liking, first + a
        amounts[row, h + slots], sources[row, h + slots] = 0.0, -1
        if posterior.shape[0] > 0:
            mixed = np.float32(0.0)
            for c in range(posterior.shape[0]):
                mixed += posterior[c] * lift[item, c]
            amounts[row, h + slots] = by_class * (np.log(np.float64(mixed)) - explained)
            sources[row, h + slots] = first - 2
        amounts[row, h + slots + 1] = weights[weights.shape[0] - 1] * log_rates[item]
        sources[row, h + slots + 1] = first - 1
