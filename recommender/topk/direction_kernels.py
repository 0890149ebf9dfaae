"""Compiled scan for the items of nearest direction: sketches of all items, rows of bytes of some, exact cosines of few.

Where all rows are equally long, no bound on length ends a scan (`scan_kernels`), so every item is looked at, and what
matters is how little is read of it. Items lie beside those of their cluster, and a sketch says in what a direction
differs from the mean of the cluster: in coordinates of falling energy its leading ones in four bits each, and a length
for all that these leave out. What it says of a product, that with the mean added, is no less than that of the
directions, see `sketches`. Items whose sketch reaches the k-th best cosine are scored by all their coordinates, as
bytes, and those that still reach it, up to the largest possible error, wait on a short list for their exact cosines.
Before all others come probes, items whose own sketches say most among those of the clusters of nearest mean, so that
few others reach the k-th best.

In a row coordinate f of every item is a byte times scales[f], so that the scales can be taken into the target, and what
rounding lost is at most half a byte times each of the target's coordinates then.

Arguments: targets int32 (n,), items; item_factors float32 (items, factors) in catalog order, norms float64 (items,)
theirs; vectors float64 (factors, factors), whose columns are the coordinates; scales float64 (factors,); centres and
steps float64 (head,) of a `SketchCode`, lengths float64 (6,) its three, the largest length of the numbers of a sketch
less 7.5, that of the bytes of a row, and that of what rounding took from one; means float32 (factors, clusters) in
these coordinates; sketches int32 (blocks, words, LANES) of numbers from 0 to 15, and rows int32 (LANES * blocks,
row_words), bytes 128 higher than they are; order int32 (LANES * blocks,), catalog indices, -1 for padding; cells int32
(LANES * blocks / GROUP,), the cluster of each group of items, and starts int32 (clusters + 1,), the first group of each
cluster. sketch int32 (2, 2 * words), one for bounds and a likely one, row int32 (2, row_words), coarse and fine,
offsets float32 (clusters,) and numbers float64 (11,) are what `pack_target` makes of a target. limits int32
(clusters,), marks uint64 (RUN,) and products int32 (NEAR * GROUP,) are room, as are reaching int32 for places in order,
see `most_reaching`, and places int32 and upper_bounds float64 (ROOM,) for the short list; lower_bounds float64 (k,),
largest first, say that at least n + 1 items have a cosine of lower_bounds[n] or more.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.topk.packed_products import GROUP, dot_row, fetch_row, mark_block
from recommender.topk.probe_kernels import FINE, NEAR, RUN, choose_probes, most_reaching, pack_target, write_marked
from recommender.topk.score_kernels import LANES, exact_score, insert_ranked, is_hidden
from recommender.topk.shortlist_kernels import ROOM

PROBES = 48
"""Items that are looked at before all others, or more of them where long lists are asked for."""
AHEAD = 16
"""Rows that are asked for before one is looked at: they lie anywhere, and come from the third-level cache."""


@kernel(fast=False, makes_arrays=False)
def byte_limit(low, step, offset, slack):
    """The least product of bytes, int32, that can stand for a cosine of low or more."""
    limit = np.floor((low - slack) / step + offset) - 1.0
    return np.int32(min(max(limit, -2.0e9), 2.0e9))


@kernel(fast=False, makes_arrays=False)
def raise_bounds(bound, lower_bounds):
    """Put another lower bound, larger than the last, into its place among lower_bounds, of which the last drops out."""
    n = lower_bounds.shape[0] - 1
    while n > 0 and lower_bounds[n - 1] < bound:
        lower_bounds[n] = lower_bounds[n - 1]
        n -= 1
    lower_bounds[n] = bound


@kernel(fast=False, makes_arrays=False)
def note_rows(
    target, item_factors, norms, rows, order, row, numbers, hidden, reaching, found, noted, count, places,
    upper_bounds, lower_bounds, top_ids, top_scores,
):  # fmt: skip
    """Put those items at the first `found` places of reaching on the short list whose rows still reach the k-th best;
    returns how many are on it, and the count.
    """
    k, coarse, fine = top_ids.shape[0], row[0], row[1]
    step, offset, slack = numbers[8], numbers[9], numbers[10]
    limit = byte_limit(lower_bounds[k - 1], numbers[3], numbers[4], numbers[5])
    for n in range(found):
        place = np.int64(reaching[n])
        fetch_row(rows, np.int64(reaching[n + AHEAD if n + AHEAD < found else n]))
        product = dot_row(coarse, rows, place)
        if product < limit:
            continue
        score = step * (np.float64(product) * FINE + np.float64(dot_row(fine, rows, place)) - offset)
        if score + slack < lower_bounds[k - 1]:
            continue
        item = order[place]
        if item < 0 or item == target or is_hidden(item, hidden) or is_listed(item, count, top_ids):
            continue
        if noted == ROOM:
            count = settle_cosines(
                target, item_factors, norms, order, places, upper_bounds, noted, lower_bounds, count, top_ids,
                top_scores,
            )  # fmt: skip
            noted = np.int64(0)
        places[noted], upper_bounds[noted] = place, score + slack
        noted += 1
        if score - slack > lower_bounds[k - 1]:
            raise_bounds(score - slack, lower_bounds)
            limit = byte_limit(lower_bounds[k - 1], numbers[3], numbers[4], numbers[5])
    return noted, count


@kernel(fast=False, makes_arrays=False)
def is_listed(item, count, top_ids):
    """Whether an item is among the first `count` of top_ids."""
    place = np.int64(0)
    while place < count and top_ids[place] != item:
        place += 1
    return place < count


@kernel(fast=False, makes_arrays=False)
def scan_directions(
    target, item_factors, norms, sketches, rows, order, cells, sketch, row, offsets, numbers, hidden, first, last,
    count, limits, marks, products, reaching, places, upper_bounds, lower_bounds, top_ids, top_scores,
):  # fmt: skip
    """Scan blocks first to last, of which items in the top lists may be a part, `count` of them; returns the count."""
    k, noted, turn, low, bounds = top_ids.shape[0], np.int64(0), first, np.nan, sketch[0]
    while turn < last:
        stop = min(turn + RUN, last)
        if low != lower_bounds[k - 1]:
            low = lower_bounds[k - 1]
            for c in range(offsets.shape[0]):
                limits[c] = byte_limit(low - np.float64(offsets[c]), numbers[0], numbers[1], numbers[2])
        marked, found = np.int64(0), np.int64(0)
        for b in range(turn, stop):  # written whether there are any or not: nobody could foretell the answer
            flags = mark_block(bounds, sketches, b, cells, limits)
            marks[marked], products[marked] = flags, b
            marked += flags != 0
        for n in range(marked):
            found = write_marked(marks[n], np.int64(products[n]) * LANES, reaching, found)
        turn = stop
        noted, count = note_rows(
            target, item_factors, norms, rows, order, row, numbers, hidden, reaching, found, noted, count, places,
            upper_bounds, lower_bounds, top_ids, top_scores,
        )  # fmt: skip
    return settle_cosines(
        target, item_factors, norms, order, places, upper_bounds, noted, lower_bounds, count, top_ids, top_scores
    )


@kernel(fast=False, makes_arrays=False)
def settle_cosines(
    target, item_factors, norms, order, places, upper_bounds, noted, lower_bounds, count, top_ids, top_scores
):
    """Give the items on the short list their cosines where these still matter; returns the new count. Afterwards
    lower_bounds are at least the best cosines.
    """
    k, row = top_ids.shape[0], item_factors[target]
    row_norm = np.sqrt(exact_score(row, row))
    for n in range(noted):  # all are asked for at once, since each may have to come from memory
        if upper_bounds[n] >= lower_bounds[k - 1]:
            fetch_row(item_factors, np.int64(order[places[n]]))
    for n in range(noted):
        if upper_bounds[n] < lower_bounds[k - 1] or (count == k and upper_bounds[n] < top_scores[k - 1]):
            continue
        item = order[places[n]]
        score = exact_score(row, item_factors[item]) / (row_norm * norms[item])
        if count < k or score > top_scores[k - 1] or (score == top_scores[k - 1] and item < top_ids[k - 1]):
            count = insert_ranked(item, score, count, top_ids, top_scores)
    for n in range(count):
        lower_bounds[n] = max(lower_bounds[n], top_scores[n])
    return count


@kernel(fast=False)
def begin_scan(
    target, item_factors, norms, vectors, scales, centres, steps, lengths, means, sketches, rows, order, starts, sketch,
    row, offsets, numbers, hidden, limits, products, reaching, places, upper_bounds, lower_bounds, top_ids, top_scores,
):  # fmt: skip
    """Pack a target of norm > 0 and look at its probes; returns the count."""
    pack_target(
        target, item_factors, norms, vectors, scales, centres, steps, lengths, means, sketch, row, offsets, numbers
    )
    for n in range(lower_bounds.shape[0]):  # loops, since assigning slices takes seconds to compile
        lower_bounds[n] = -np.inf
    wanted = max(PROBES, 2 * top_ids.shape[0])
    found = choose_probes(
        sketch[1], sketches, starts, offsets, numbers[6], numbers[7], wanted, limits, products, reaching
    )
    noted, count = note_rows(
        target, item_factors, norms, rows, order, row, numbers, hidden, reaching, found, np.int64(0), np.int64(0),
        places, upper_bounds, lower_bounds, top_ids, top_scores,
    )  # fmt: skip
    return settle_cosines(
        target, item_factors, norms, order, places, upper_bounds, noted, lower_bounds, count, top_ids, top_scores
    )


@kernel(fast=False, hold_gil=True)
def nearest_to(
    target, item_factors, norms, vectors, scales, centres, steps, lengths, means, sketches, rows, order, cells, starts,
    hidden, top_ids, top_scores,
):  # fmt: skip
    """Write the k items of largest cosine to a target, without itself and those in hidden, which is ascending, best
    first, ties in catalog order; none for a target of norm zero, and none of them. Returns the count.

    Cosine is exact_score(row, y) / (|row| * |y|). top_ids and top_scores are (k,).
    """
    if norms[target] == 0.0:
        return np.int64(0)
    sketch, row, numbers = (
        np.empty((2, 2 * sketches.shape[1]), np.int32),
        np.empty((2, rows.shape[1]), np.int32),
        np.empty(11),
    )
    offsets, limits = np.empty(means.shape[1], np.float32), np.empty(means.shape[1], np.int32)
    marks = np.empty(RUN, np.uint64)
    products, reaching = np.empty(NEAR * GROUP, np.int32), np.empty(most_reaching(), np.int32)
    places, upper_bounds, lower_bounds = np.empty(ROOM, np.int32), np.empty(ROOM), np.empty(top_ids.shape[0])
    count = begin_scan(
        target, item_factors, norms, vectors, scales, centres, steps, lengths, means, sketches, rows, order, starts,
        sketch, row, offsets, numbers, hidden, limits, products, reaching, places, upper_bounds, lower_bounds, top_ids,
        top_scores,
    )  # fmt: skip
    return scan_directions(
        target, item_factors, norms, sketches, rows, order, cells, sketch, row, offsets, numbers, hidden, np.int64(0),
        sketches.shape[0], count, limits, marks, products, reaching, places, upper_bounds, lower_bounds, top_ids,
        top_scores,
    )  # fmt: skip


@kernel(fast=False)
def nearest_directions(
    targets, item_factors, norms, vectors, scales, centres, steps, lengths, means, sketches, rows, order, cells, starts,
    hidden, tile, top_ids, top_scores, counts,
):  # fmt: skip
    """`nearest_to` each of targets int32 (n,): the same answers, `tile` blocks at a time, so that these stay cached.
    top_ids and top_scores are (n, k), counts int64 (n,).
    """
    size, k, blocks, clusters = targets.shape[0], top_ids.shape[1], sketches.shape[0], means.shape[1]
    packed, packed_rows = (
        np.empty((size, 2, 2 * sketches.shape[1]), np.int32),
        np.empty((size, 2, rows.shape[1]), np.int32),
    )
    offsets, numbers, lower_bounds = np.empty((size, clusters), np.float32), np.empty((size, 11)), np.empty((size, k))
    limits, products, marks = np.empty(clusters, np.int32), np.empty(NEAR * GROUP, np.int32), np.empty(RUN, np.uint64)
    reaching, places, upper_bounds = np.empty(most_reaching(), np.int32), np.empty(ROOM, np.int32), np.empty(ROOM)
    for n in range(size):
        counts[n] = 0
        if norms[targets[n]] > 0.0:
            counts[n] = begin_scan(
                targets[n], item_factors, norms, vectors, scales, centres, steps, lengths, means, sketches, rows, order,
                starts, packed[n], packed_rows[n], offsets[n], numbers[n], hidden, limits, products, reaching, places,
                upper_bounds, lower_bounds[n], top_ids[n], top_scores[n],
            )  # fmt: skip
    for first in range(0, blocks, tile):
        for n in range(size):
            if norms[targets[n]] > 0.0:
                counts[n] = scan_directions(
                    targets[n], item_factors, norms, sketches, rows, order, cells, packed[n], packed_rows[n],
                    offsets[n], numbers[n], hidden, first, min(first + tile, blocks), counts[n], limits, marks,
                    products, reaching, places, upper_bounds, lower_bounds[n], top_ids[n], top_scores[n],
                )  # fmt: skip
