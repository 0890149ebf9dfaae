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


@kernel(fast=False, patient=True)
def count_pairs(
    indptr, items, amounts, decay, window, backward, used, source, target, gain, bucket_head, next_in_bucket, row_head,
    next_in_row, touched,
):  # fmt: skip
    """Count, for every step of every sequence, what led to it; returns the number of entries.

    items int32 holds the sequences, oldest step first, sequence s at indptr[s]:indptr[s + 1]. Step p, when amounts[p]
    is not 0, adds amounts[p] * decay**(d - 1) to x -> items[p] for the d-th nearest other item x before it, d up to
    `window`, each item at its nearest place; at most 4 * window steps are looked back on. `backward` (float, 0 or more)
    times as much is added to items[p] -> x. touched bool (items,) marks the sources. There must be room for `window`
    entries a step, twice as many where backward is not 0.
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
                if backward > 0.0:
                    back = amount * backward
                    used = add_gain(
                        b, a, back, used, source, target, gain, bucket_head, next_in_bucket, row_head, next_in_row
                    )
                    touched[b] = True
                if found == window:
                    break
                amount *= decay
    return used


@kernel(fast=False)
def sort_pairs(ids, gains):
    """Sort two arrays by ids, ascending, each id once: a heap sort, since NumPy's takes seconds to compile."""
    length = ids.shape[0]
    for step in range(length // 2 + length):
        if step < length // 2:
            root, size = length // 2 - 1 - step, length
        else:
            size = length - 1 - (step - length // 2)
            ids[0], ids[size] = ids[size], ids[0]
            gains[0], gains[size] = gains[size], gains[0]
            root = 0
        item, gain = ids[root], gains[root]
        child = 2 * root + 1
        while child < size:
            if child + 1 < size and ids[child + 1] > ids[child]:
                child += 1
            if ids[child] <= item:
                break
            ids[root], gains[root] = ids[child], gains[child]
            root, child = child, 2 * child + 1
        ids[root], gains[root] = item, gain


@kernel(fast=False)
def keep_largest(ids, gains, damping, best, ratios):
    """Move the pairs of largest gain / damping[id] to the front of ids and gains, in their order, ties to the earlier;
    best int32 and ratios float64 (kept,) are room for as many as are kept.
    """
    kept, found = best.shape[0], 0
    for n in range(ids.shape[0]):
        ratio = gains[n] / damping[ids[n]]
        if found == kept and not ratio > ratios[kept - 1]:
            continue
        place = found if found < kept else kept - 1
        while place > 0 and ratios[place - 1] < ratio:
            best[place], ratios[place] = best[place - 1], ratios[place - 1]
            place -= 1
        best[place], ratios[place] = n, ratio
        found = min(found + 1, kept)
    sort_pairs(best, ratios)
    for place in range(found):
        ids[place], gains[place] = ids[best[place]], gains[best[place]]


@kernel(fast=False, patient=True)
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
        sort_pairs(row_ids, row_gains)
        for n in range(length):
            totals[r] += row_gains[n]
        if length > counts[r]:
            length = counts[r]
            keep_largest(row_ids, row_gains, damping, np.empty(length, dtype=np.int32), np.empty(length))
        for n in range(length):
            ids[written + n], gains[written + n] = row_ids[n], row_gains[n]
        counts[r] = length
        written += length
