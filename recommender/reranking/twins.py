"""NumPy twins of the kernels of balanced rows: same names, arguments and results, written to be read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

from recommender.reranking.calibration_kernels import MIXED_IN
from recommender.reranking.decided_kernels import DECIDED

Floats = NDArray[np.float64]
Ids = NDArray[np.int32]
Places = NDArray[np.int64]


def shares_and_lifts(
    rows: Places, weights: Floats, codes: Ids, worths: Floats, trait_of: Places, base: Floats, strengths: Floats,
    shares: Floats, lifts: Floats,
) -> None:  # fmt: skip
    """See `row_kernels.shares_and_lifts`."""
    counts = weights @ dense(codes[rows], worths[rows], len(base))
    totals = np.bincount(trait_of, counts, minlength=len(strengths))
    shares[:] = (counts + strengths[trait_of] * base) / (totals + strengths)[trait_of]
    lifts[:] = 0.0
    known = base > 0
    lifts[known] = np.log(shares[known] / base[known])


def decided_shares(
    rows: Places, weights: Floats, codes: Places, presence: Floats, strength: float, shares: Floats, lifts: Floats
) -> None:
    """See `decided_kernels.decided_shares`."""
    held = weights @ dense(codes[rows], np.ones(codes[rows].shape), len(presence))
    chosen, known = weights.sum(), (presence > 0) & (presence < 1)
    parts, likely = np.array(DECIDED).T[:, :, None]
    a, b = parts * strength * presence[known], parts * strength * (1 - presence[known])
    evidence = likely * np.exp(betaln(a + held[known], b + chosen - held[known]) - betaln(a, b))
    share = (held[known] + a) / (chosen + a + b)
    shares[:], lifts[:] = presence, 0.0
    shares[known] = (evidence * share).sum(axis=0) / evidence.sum(axis=0)
    lifts[known] = np.log(shares[known] / presence[known])
    shares /= shares.sum() or 1.0


def fill_row(
    rows: Places, scores: Floats, costs: Floats, all_codes: Ids, all_worths: Floats, pulls: Floats, shares: Floats,
    lifts: Floats, affinity: float, calibration: float, largest_share: float, asked: NDArray[np.bool_], distinct: int,
    wanted: Floats, chosen: Places,
) -> None:  # fmt: skip
    """See `row_kernels.fill_row`."""
    codes, worths = all_codes[rows], all_worths[rows]
    low, high = scores.min(), scores.max()
    scaled = (scores - low) / (high - low) if high > low else np.ones(len(scores))
    wanted[:] = scaled + affinity * (dense(codes, pulls[rows], len(shares)) @ lifts)
    value_of = np.where(codes[:, 0] >= 0, codes[:, 0], len(asked) - 1).astype(np.int64)
    most = np.maximum(np.append(shares[: len(asked) - 1], 0.0), largest_share)
    largest = np.maximum(1, np.floor(np.where(asked, 1.0, most) * len(chosen) + 1e-9)).astype(np.int64)
    weights = np.full(len(shares), calibration)
    choose_calibrated(wanted - costs, codes, worths, shares, weights, value_of, largest, distinct, chosen)


def choose_calibrated(
    worth: Floats, codes: Ids, members: Floats, wanted: Floats, weights: Floats, value_of: Places, largest: Places,
    distinct: int, chosen: Places,
) -> None:  # fmt: skip
    """See `calibration_kernels.choose_calibrated`."""
    shares = dense(codes, members, len(wanted))
    count, entries, size = np.zeros(len(wanted)), np.zeros(len(largest), dtype=np.int64), len(chosen)
    known = wanted > 0
    for place in range(size):
        had = count[known] * ((1.0 - MIXED_IN) / (place + 1)) + MIXED_IN * wanted[known]
        gains = weights[known] * wanted[known] * np.log1p((1.0 - MIXED_IN) / (place + 1) / had)
        gain = worth + shares[:, known] @ gains
        if len(largest):
            open_values = entries < largest
            if size - place <= distinct - np.count_nonzero(entries):
                open_values &= entries == 0
            allowed = open_values[value_of] & (worth > -np.inf)
            if allowed.any():
                gain[~allowed] = -np.inf
        best = int(gain.argmax())
        chosen[place] = best
        worth[best] = -np.inf
        count += shares[best]
        if len(largest):
            entries[value_of[best]] += 1


def dense(codes: Ids | Places, members: Floats, values: int) -> Floats:
    """What each of n items has of each value, float64 (n, values)."""
    found = np.zeros((len(codes), values + 1))
    np.add.at(found, (np.arange(len(codes))[:, None], codes), members)  # none is the last column, which is left out
    return found[:, :-1]
