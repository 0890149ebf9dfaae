"""The compiled shares of an attribute of which an item has several values, such as the genres of a film."""

from __future__ import annotations

import math

import numpy as np

from recommender.kernel import kernel

DECIDED = ((1.0, 0.5), (1.0 / 8.0, 0.25), (1.0 / 64.0, 0.25))
"""Parts of the learned strength, and how likely a user is of each before they chose anything."""


@kernel(fast=False, hold_gil=True)
def decided_shares(rows, weights, codes, presence, strength, shares, lifts):
    """Write how often a user's choices have each value, as shares that add up to 1, and how much more often than all
    items do, the lifts log(p_v / presence_v), 0 where all items or none have the value.

    Of a user who chose n items, n_v with the value, p_v = (n_v + s presence_v) / (n + s), where s is unknown: a part of
    `strength` out of DECIDED, each as likely as the user's choices make it,

        B(s presence_v + n_v, s (1 - presence_v) + n - n_v) / B(s presence_v, s (1 - presence_v))

    (the beta-binomial distribution). So most users stay near everybody's shares, as they do by the learned strength,
    and one who chose eight comedies in a row does not.

    rows int64 and weights float64 (n,): the items chosen. codes int64 (items, slots): places of an item's values, the
    rest filled with the number of values. presence, shares and lifts float64 (values,).
    """
    values = presence.shape[0]
    held, chosen, every = np.zeros(values), 0.0, 0.0
    for n in range(rows.shape[0]):
        chosen += weights[n]
        for slot in range(codes.shape[1]):
            if codes[rows[n], slot] < values:
                held[codes[rows[n], slot]] += weights[n]
    likely, share = np.empty(len(DECIDED)), np.empty(len(DECIDED))
    for v in range(values):
        shares[v], lifts[v] = presence[v], 0.0
        if 0.0 < presence[v] < 1.0:
            most = -np.inf
            for part in range(len(DECIDED)):
                s = DECIDED[part][0] * strength
                a, b = s * presence[v], s * (1.0 - presence[v])
                of_values = math.lgamma(a + held[v]) - math.lgamma(a)
                of_others = math.lgamma(b + chosen - held[v]) - math.lgamma(b)
                of_all = math.lgamma(s + chosen) - math.lgamma(s)
                likely[part] = math.log(DECIDED[part][1]) + of_values + of_others - of_all
                share[part] = (held[v] + a) / (chosen + s)
                most = max(most, likely[part])
            total, found = 0.0, 0.0
            for part in range(len(DECIDED)):
                weight = math.exp(likely[part] - most)
                total, found = total + weight, found + weight * share[part]
            shares[v] = found / total
            lifts[v] = math.log(shares[v] / presence[v])
        every += shares[v]
    for v in range(values):
        shares[v] = shares[v] / every if every > 0.0 else 0.0
