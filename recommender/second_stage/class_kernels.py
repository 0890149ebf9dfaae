"""Compiled kernels of latent classes: which class a user is likely of, and what each class was shown and took."""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel


@kernel(fast=True)
def expect_classes(indptr, items, taken, rates, log_rates, log_prior, temperature, shares):
    """Write what each user is likely of: shares[u] = softmax(log_prior + l_u / temperature), with
    l_u[c] = sum over the items that u was shown of (taken * log rate[i, c] - rate[i, c]), a Poisson likelihood.

    indptr int64 (users + 1,), items int32 and taken bool (pairs,); rates and log_rates float32 (items, classes);
    log_prior float32 (classes,); shares float32 (users, classes).
    """
    classes = rates.shape[1]
    for user in range(indptr.shape[0] - 1):
        row = shares[user]
        row[:] = 0.0
        for place in range(indptr[user], indptr[user + 1]):
            item = items[place]
            for c in range(classes):
                row[c] -= rates[item, c]
            if taken[place]:
                for c in range(classes):
                    row[c] += log_rates[item, c]
        for c in range(classes):
            row[c] = log_prior[c] + row[c] / temperature
        largest = row.max()
        total = np.float32(0.0)
        for c in range(classes):
            row[c] = np.exp(row[c] - largest)
            total += row[c]
        for c in range(classes):
            row[c] /= total


@kernel(fast=True)
def count_by_class(indptr, items, taken, shares, shown, clicked):
    """Add up by item and class how often an item was shown and taken: each user counts for each class by its share.

    shown, clicked float32 (items, classes), zero at first; other arguments as in `expect_classes`.
    """
    classes = shares.shape[1]
    for user in range(indptr.shape[0] - 1):
        for place in range(indptr[user], indptr[user + 1]):
            item = items[place]
            for c in range(classes):
                shown[item, c] += shares[user, c]
            if taken[place]:
                for c in range(classes):
                    clicked[item, c] += shares[user, c]


@kernel(fast=True)
def add_leanings(indptr, items, shares, lift, leanings):
    """Add to leanings[i], for each user that item i was shown to, sum over classes c of shares[user, c] * lift[i, c].

    lift float32 (items, classes): rates relative to everybody's; leanings float64 (items,); other arguments as in
    `expect_classes`.
    """
    classes = lift.shape[1]
    for user in range(indptr.shape[0] - 1):
        for place in range(indptr[user], indptr[user + 1]):
            item = items[place]
            leaning = np.float32(0.0)
            for c in range(classes):
                leaning += shares[user, c] * lift[item, c]
            leanings[item] += leaning
