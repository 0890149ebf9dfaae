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
Bools = NDArray[np.bool_]


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
    lifts: Floats, affinity: float, calibration: float, largest: Floats, distinct: int, wanted: Floats, size: int,
    order: Places,
) -> None:  # fmt: skip
    """See `row_kernels.fill_row`."""
    codes, worths = all_codes[rows], all_worths[rows]
    low, high = scores.min(), scores.max()
    scaled = (scores - low) / (high - low) if high > low else np.ones(len(scores))
    wanted[:] = scaled + affinity * (dense(codes, pulls[rows], len(shares)) @ lifts)
    value_of = np.where(codes[:, 0] >= 0, codes[:, 0], len(largest) - 1).astype(np.int64)
    weights = np.full(len(shares), calibration)
    worth = wanted - costs if len(costs) else wanted.copy()
    choose_calibrated(worth, codes, worths, shares, weights, value_of, largest, distinct, order[:size])
    order[size:] = np.setdiff1d(np.arange(len(rows)), order[:size])


def count_holders(rows: Places, codes: Ids, values: Places, counts: Places) -> None:
    """See `row_kernels.count_holders`."""
    counts[:] = (codes[rows, :, None] == values).any(axis=1).sum(axis=0)


def choose_calibrated(
    worth: Floats, codes: Ids, members: Floats, wanted: Floats, weights: Floats, value_of: Places, largest: Floats,
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
            open_values = entries < most_entries(largest, place + 1, size)
            missing = distinct - np.count_nonzero(entries)
            within = open_values & (entries == 0) if 0 < missing >= size - place else open_values
            for values in (within, open_values):
                allowed = values[value_of] & (worth > -np.inf)
                if allowed.any():
                    gain[~allowed] = -np.inf
                    break
        best = int(gain.argmax())
        chosen[place] = best
        worth[best] = -np.inf
        count += shares[best]
        if len(largest):
            entries[value_of[best]] += 1


def most_entries(share: Floats, length: int, size: int) -> Places:
    """See `bounds_kernels.most_entries`; for shares of any shape."""
    of_row, of_first = np.floor(share * size + 0.5 + 1e-9), np.floor(share * length + 1e-9) + 1
    return np.maximum(1, np.minimum(of_row, of_first)).astype(np.int64)


def find_exchanges(
    values: Places, slots: Places, movable: Bools, largest: Floats, distinct: int, counts: Places, exchanges: Places,
    room: Places,
) -> None:  # fmt: skip
    """See `bounds_kernels.find_exchanges`."""
    size = len(values)
    most = np.stack([most_entries(largest, length, size) for length in range(1, size + 1)])

    def first_entries(row: Places) -> Places:
        return np.cumsum(row[:, None] == np.arange(len(largest)), axis=0)

    def keeps(place: int, leaves: int, value: int) -> bool:
        after = values.copy()
        after[leaves], after[place] = values[place], value
        before, now = first_entries(values), first_entries(after)
        within = ((now <= most) | (now <= before)).all()
        return bool(within) and len(set(after.tolist())) >= min(distinct, len(set(values.tolist())))

    exchanges[:] = -1
    for n, place in enumerate(slots.tolist()):
        others = [other for other in np.flatnonzero(movable).tolist() if other != place]
        nearest = sorted(others, key=lambda other: (other < place, abs(other - place)))
        for value in np.flatnonzero(counts).tolist() if movable[place] else []:
            alike = [other for other in nearest if values[other] == value]
            exchanges[n, value] = next((at for at in (place, *alike, *others[::-1]) if keeps(place, at, value)), -1)
    room[:] = (exchanges >= 0) @ counts


def dense(codes: Ids | Places, members: Floats, values: int) -> Floats:
    """What each of n items has of each value, float64 (n, values)."""
    found = np.zeros((len(codes), values + 1))
    np.add.at(found, (np.arange(len(codes))[:, None], codes), members)  # none is the last column, which is left out
    return found[:, :-1]
