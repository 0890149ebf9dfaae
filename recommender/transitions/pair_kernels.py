"""Compiled kernels of the counts of transitions: a growing table of (source, target) pairs, and its largest entries.

Entry e is the pair source[e] -> target[e], int32, with gain[e], float64. It is found through its bucket (a chain from
bucket_head by next_in_bucket, int32, -1 at the end; the number of buckets is a power of two) and listed with its source
(a chain from row_head by next_in_row).
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel


@kernel(fast=False)
def bucket_of(source, target, buckets):
    """The bucket of a pair: multiplicative hashing of both numbers, upper bits folded into the lower ones.

    The sum of the products of int32 numbers stays below 2**63, compiled or not.
    """
    mixed = np.int64(source) * 2654435761 + np.int64(target) * 1597334677
    return ((mixed >> 31) ^ (mixed >> 7) ^ mixed) & (buckets - 1)


@kernel(fast=False)
def rehash(source, target, used, bucket_head, next_in_bucket):
    """Chain the first `used` entries into emptied buckets."""
    bucket_head[:] = -1
    for entry in range(used):
        bucket = bucket_of(source[entry], target[entry], bucket_head.shape[0])
        next_in_bucket[entry] = bucket_head[bucket]
        bucket_head[bucket] = entry


@kernel(fast=False)
def add_gain(a, b, amount, used, source, target, gain, bucket_head, next_in_bucket, row_head, next_in_row):
    """Add to the gain of a -> b, which becomes an entry when it is none yet; returns the number of entries."""
    bucket = bucket_of(a, b, bucket_head.shape[0])
    entry = bucket_head[bucket]
    while entry >= 0 and not (source[entry] == a and target[entry] == b):
        entry = next_in_bucket[entry]
    if entry >= 0:
        gain[entry] += amount
        return used
    source[used], target[used], gain[used] = a, b, amount
    next_in_bucket[used] = bucket_head[bucket]
    bucket_head[bucket] = used
    next_in_row[used] = row_head[a]
    row_head[a] = used
    return used + 1


@kernel(fast=False)
def count_pairs(
    indptr, items, amounts, decay, window, both_ways, used, source, target, gain, bucket_head, next_in_bucket, row_head,
    next_in_row, touched,
):  # fmt: skip
    """Count, for every step of every sequence, what led to it; returns the number of entries.

    items int32 holds the sequences, oldest step first, sequence s at indptr[s]:indptr[s + 1]. Step p, when amounts[p]
    is not 0, adds amounts[p] * decay**(d - 1) to x -> items[p] for the d-th nearest other item x before it, d up to
    `window`, each item at its nearest place; at most 4 * window steps are looked back on. When `both_ways`, the
    same is added to items[p] -> x. touched bool (items,) marks the sources. There must be room for `window` entries a
    step, twice as many when both ways.
    """
    nearest = np.empty(window, dtype=np.int32)
    for s in range(indptr.shape[0] - 1):
        for p in range(indptr[s] + 1, indptr[s + 1]):
            amount = amounts[p]
            if amount == 0.0:
                continue
            b = items[p]
            found = 0
            for q in range(p - 1, max(indptr[s], p - 4 * window) - 1, -1):
                a = items[q]
                known = a == b
                for n in range(found):
                    known = known or nearest[n] == a
                if known:
                    continue
                nearest[found] = a
                found += 1
                used = add_gain(
                    a, b, amount, used, source, target, gain, bucket_head, next_in_bucket, row_head, next_in_row
                )
                touched[a] = True
                if both_ways:
                    used = add_gain(
                        b, a, amount, used, source, target, gain, bucket_head, next_in_bucket, row_head, next_in_row
                    )
                    touched[b] = True
                if found == window:
                    break
                amount *= decay
    return used


@kernel(fast=False)
def select_largest(rows, target, gain, row_head, next_in_row, damping, smallest, counts, totals, ids, gains):
    """Write the largest entries of each source in `rows`, one row after the other, ascending in target.

    An entry counts by gain / damping[target], ties by the smaller target; gains below `smallest` are nothing. counts
    int64 (rows,) holds the room for each row and becomes what was written; totals float64 (rows,) becomes the sum of
    all gains of the row. ids int32 and gains float64 must have room for the sum of counts.
    """
    written = 0
    for r in range(rows.shape[0]):
        length = 0
        entry = row_head[rows[r]]
        while entry >= 0:
            length += gain[entry] >= smallest
            entry = next_in_row[entry]
        row_ids, row_gains = np.empty(length, dtype=np.int32), np.empty(length)
        length, totals[r] = 0, 0.0
        entry = row_head[rows[r]]
        while entry >= 0:
            if gain[entry] >= smallest:
                row_ids[length], row_gains[length] = target[entry], gain[entry]
                length += 1
            entry = next_in_row[entry]
        by_id = np.argsort(row_ids)
        row_ids, row_gains = row_ids[by_id], row_gains[by_id]
        for n in range(length):
            totals[r] += row_gains[n]
        if length > counts[r]:
            kept = np.argsort(-row_gains / damping[row_ids], kind="mergesort")[: counts[r]]
            kept = np.sort(kept)
            row_ids, row_gains, length = row_ids[kept], row_gains[kept], counts[r]
        ids[written : written + length], gains[written : written + length] = row_ids, row_gains
        counts[r] = length
        written += length
