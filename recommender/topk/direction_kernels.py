"""Compiled scan for the items of nearest direction: sketches of all items, rows of bytes of some, exact cosines of few.

Where all rows are equally long, no bound on length ends a scan (`scan_kernels`), so every item is looked at, and what
matters is how little is read of it. In coordinates of falling energy the sketch of a direction is its leading
coordinates in four bits each, and a length for all that these leave out: what it says of a product is no less than
that of the directions, see `sketches`. Items whose sketch reaches the k-th best cosine are scored by all their
coordinates, as bytes, and those that still reach it, up to the largest possible error, wait on a short list for their
exact cosines. Before all others come the blocks whose mean sketch is nearest to the target's, so that few items reach
the k-th best.

In a row coordinate f of every item is a byte times scales[f], so that the scales can be taken into the target, and what
rounding lost is at most half a byte times each of the target's coordinates then.

Arguments: targets int32 (n,), items; item_factors float32 (items, factors) in catalog order, norms float64 (items,)
theirs; vectors float64 (factors, factors), whose columns are the coordinates; scales float64 (factors,); centres and
steps float64 (head,) of a `SketchCode`, lengths float64 (5,) its three, and the largest length of the numbers of a
sketch less 7.5, and of the bytes of a row; sketches int32 (blocks + ceil(blocks / LANES), words, LANES) of numbers from
0 to 15, after those of the items the mean one of each block, and rows int32 (LANES * blocks, row_words), bytes 128
higher than they are; order int32 (LANES * blocks,), catalog indices, -1 for padding. sketch int32 (2 * words,), row
int32 (row_words,) and numbers float64 (6,) are what `pack_target` makes of a target, places int32 and upper_bounds
float64 (ROOM,) room for the short list, and lower_bounds float64 (k,), largest first, say that at least n + 1 items
have a cosine of lower_bounds[n] or more.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.topk.approximate_kernels import pack_user
from recommender.topk.packed_products import (
    clear_lowest,
    count_bits,
    dot_block,
    dot_row,
    fetch_row,
    lowest_bit,
    mark_block,
)
from recommender.topk.score_kernels import LANES, exact_score, insert_ranked, is_hidden
from recommender.topk.shortlist_kernels import ROOM

PROBES = 8
"""Blocks that are looked at before all others."""
RUN = 128
"""Blocks whose sketches are compared before any row is looked at, so that neither waits for the other."""
FEW = 4
"""The same among probes, of which the nearest make the bounds for the others."""
STRIDE = 4
"""Flags that are written at a time."""
AHEAD = 16
"""Rows that are asked for before one is looked at: they lie anywhere, and come from the third-level cache."""


@kernel(fast=False)
def pack_target(target, item_factors, norms, vectors, scales, centres, steps, lengths, sketch, row, numbers):
    """Pack the direction of an item into sketch and row, and write step, offset and slack of either into numbers: a
    product of a row stands for step * (product - offset), off by at most slack, one of a sketch for no more than that
    and slack.
    """
    factors, slots, head = scales.shape[0], 4 * sketch.shape[0], centres.shape[0]
    turned, scaled = np.empty(factors), np.zeros(max(factors, slots), dtype=np.float32)
    for f in range(factors):
        turned[f] = 0.0
    for g in range(factors):
        share = np.float64(item_factors[target, g]) / norms[target]
        for f in range(factors):
            turned[f] += share * vectors[g, f]
    lost = 0.0
    for f in range(factors):
        scaled[f] = turned[f] * scales[f]
        lost += abs(np.float64(scaled[f]))
    step, total, error = pack_user(scaled[:factors], row)
    margin = (factors + 24) * 1.0e-6  # rounding to float32 and of the turn, and the sums here
    numbers[3], numbers[4] = step, 128.0 * total
    numbers[5] = (0.5 * lost + error * lengths[4]) * (1.0 + 1.0e-6) + margin
    square, rest, centre = 0.0, 0.0, 0.0
    for f in range(scaled.shape[0]):
        scaled[f] = 0.0
    for f in range(head):
        scaled[f] = turned[f] * steps[f]
        square += turned[f] * turned[f]
        centre += turned[f] * centres[f]
    for f in range(head, factors):
        rest += turned[f] * turned[f]
    reach = np.sqrt(lengths[0] * square + rest)
    scaled[slots - 1] = reach * lengths[2]
    step, total, error = pack_user(scaled[:slots], sketch)
    numbers[0], numbers[1] = step, 7.5 * total
    numbers[2] = centre + (reach * lengths[1] + error * lengths[3]) * (1.0 + 1.0e-6) + margin


@kernel(fast=False, makes_arrays=False)
def byte_limit(low, step, offset, slack):
    """The least product of bytes, int32, that can stand for a cosine of low or more."""
    limit = np.floor((low - slack) / step + offset) - 1.0
    return np.int32(min(max(limit, -2.0e9), 2.0e9))


@kernel(fast=False)
def choose_probes(sketch, sketches, blocks, probes):
    """Write the blocks of nearest mean into probes int32 (n,), nearest first; n is at most the number of blocks."""
    size, found = probes.shape[0], np.int64(0)
    products, best = np.empty(LANES, np.int32), np.empty(size, np.int32)
    for first in range(0, blocks, LANES):
        dot_block(sketch, sketches, blocks + first // LANES, products)
        for lane in range(min(LANES, blocks - first)):
            product = products[lane]
            if found == size and product <= best[size - 1]:
                continue
            place = found if found < size else size - 1
            while place > 0 and best[place - 1] < product:
                best[place], probes[place] = best[place - 1], probes[place - 1]
                place -= 1
            best[place], probes[place] = product, first + lane
            found = min(found + 1, size)


@kernel(fast=False, makes_arrays=False)
def write_marked(flags, first, reaching, found):
    """Write first + l for each bit l of flags into reaching int32 from `found` on; returns how many there are then.

    The first bits are written whether they are there or not, since to ask takes longer where nobody can foretell the
    answer: reaching needs STRIDE places more.
    """
    after = found + count_bits(flags)
    while True:
        for n in range(STRIDE):
            reaching[found + n] = first + lowest_bit(flags)
            flags = clear_lowest(flags)
        found += STRIDE
        if found >= after:
            return after


@kernel(fast=False, makes_arrays=False)
def raise_bounds(bound, lower_bounds):
    """Put another lower bound, larger than the last, into its place among lower_bounds, of which the last drops out."""
    n = lower_bounds.shape[0] - 1
    while n > 0 and lower_bounds[n - 1] < bound:
        lower_bounds[n] = lower_bounds[n - 1]
        n -= 1
    lower_bounds[n] = bound


@kernel(fast=False)
def scan_directions(
    target, item_factors, norms, sketches, rows, order, sketch, row, numbers, probes, hidden, first, last, count,
    places, upper_bounds, lower_bounds, top_ids, top_scores,
):  # fmt: skip
    """Scan the probes, nearest first, where first < 0, else blocks first to last but the probes, which are ascending
    then; `count` items are in the top lists already. Returns the count.
    """
    k, probing = top_ids.shape[0], first < 0
    run = FEW if probing else RUN
    step, offset, slack = numbers[3], numbers[4], numbers[5]
    reaching = np.empty(RUN * LANES + STRIDE, np.int32)
    noted, turn, last = np.int64(0), max(first, 0), probes.shape[0] if probing else last
    while turn < last:
        stop = min(turn + run, last)
        limit = byte_limit(lower_bounds[k - 1], numbers[0], numbers[1], numbers[2])
        row_limit = byte_limit(lower_bounds[k - 1], step, offset, slack)
        found = np.int64(0)
        for t in range(turn, stop):
            b = np.int64(probes[t]) if probing else t
            found = write_marked(mark_block(sketch, sketches, b, limit), b * LANES, reaching, found)
        turn = stop
        for n in range(found):
            place = np.int64(reaching[n])
            fetch_row(rows, np.int64(reaching[n + AHEAD if n + AHEAD < found else n]))
            product = dot_row(row, rows, place)
            if product < row_limit:
                continue
            item = order[place]
            if item < 0 or is_hidden(item, hidden) or (not probing and is_hidden(place // LANES, probes)):
                continue
            if noted == ROOM:
                count = settle_cosines(
                    target, item_factors, norms, order, places, upper_bounds, noted, lower_bounds, count, top_ids,
                    top_scores,
                )  # fmt: skip
                noted = np.int64(0)
            score = step * (np.float64(product) - offset)
            places[noted], upper_bounds[noted] = place, score + slack
            noted += 1
            if score - slack > lower_bounds[k - 1]:
                raise_bounds(score - slack, lower_bounds)
                row_limit = byte_limit(lower_bounds[k - 1], step, offset, slack)
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
    target, item_factors, norms, vectors, scales, centres, steps, lengths, sketches, rows, order,
    sketch, row, numbers, probes, hidden, places, upper_bounds, lower_bounds, top_ids, top_scores,
):  # fmt: skip
    """Pack a target of norm > 0 and scan its probes, which are ascending then; returns the count."""
    pack_target(target, item_factors, norms, vectors, scales, centres, steps, lengths, sketch, row, numbers)
    choose_probes(sketch, sketches, order.shape[0] // LANES, probes)
    for n in range(lower_bounds.shape[0]):  # loops, since assigning slices and sorting take seconds to compile
        lower_bounds[n] = -np.inf
    count = scan_directions(
        target, item_factors, norms, sketches, rows, order, sketch, row, numbers, probes, hidden, np.int64(-1),
        np.int64(0), np.int64(0), places, upper_bounds, lower_bounds, top_ids, top_scores,
    )  # fmt: skip
    for n in range(probes.shape[0]):
        block, place = probes[n], n
        while place > 0 and probes[place - 1] > block:
            probes[place] = probes[place - 1]
            place -= 1
        probes[place] = block
    return count


@kernel(fast=False, hold_gil=True)
def nearest_to(
    target, item_factors, norms, vectors, scales, centres, steps, lengths, sketches, rows, order,
    hidden, top_ids, top_scores,
):  # fmt: skip
    """Write the k items of largest cosine to a target that are not in hidden, which is ascending, best first, ties in
    catalog order; none for a target of norm zero, and none of them. Returns the count.

    Cosine is exact_score(row, y) / (|row| * |y|). top_ids and top_scores are (k,).
    """
    if norms[target] == 0.0:
        return np.int64(0)
    blocks = order.shape[0] // LANES
    sketch, row, numbers = np.empty(2 * sketches.shape[1], np.int32), np.empty(rows.shape[1], np.int32), np.empty(6)
    probes, places = np.empty(min(PROBES, blocks), np.int32), np.empty(ROOM, np.int32)
    upper_bounds, lower_bounds = np.empty(ROOM), np.empty(top_ids.shape[0])
    count = begin_scan(
        target, item_factors, norms, vectors, scales, centres, steps, lengths, sketches, rows, order,
        sketch, row, numbers, probes, hidden, places, upper_bounds, lower_bounds, top_ids, top_scores,
    )  # fmt: skip
    return scan_directions(
        target, item_factors, norms, sketches, rows, order, sketch, row, numbers, probes, hidden, np.int64(0), blocks,
        count, places, upper_bounds, lower_bounds, top_ids, top_scores,
    )  # fmt: skip


@kernel(fast=False)
def nearest_directions(
    targets, item_factors, norms, vectors, scales, centres, steps, lengths, sketches, rows, order,
    tile, top_ids, top_scores, counts,
):  # fmt: skip
    """`nearest_to` each of targets int32 (n,), which hides itself: the same answers, `tile` blocks at a time, so that
    these stay cached. top_ids and top_scores are (n, k), counts int64 (n,).
    """
    size, k, blocks = targets.shape[0], top_ids.shape[1], order.shape[0] // LANES
    packed, packed_rows = np.empty((size, 2 * sketches.shape[1]), np.int32), np.empty((size, rows.shape[1]), np.int32)
    numbers, lower_bounds = np.empty((size, 6)), np.empty((size, k))
    probes = np.empty((size, min(PROBES, blocks)), np.int32)
    places, upper_bounds = np.empty(ROOM, np.int32), np.empty(ROOM)
    for n in range(size):
        counts[n] = 0
        if norms[targets[n]] > 0.0:
            counts[n] = begin_scan(
                targets[n], item_factors, norms, vectors, scales, centres, steps, lengths, sketches,
                rows, order, packed[n], packed_rows[n], numbers[n], probes[n], targets[n : n + 1],
                places, upper_bounds, lower_bounds[n], top_ids[n], top_scores[n],
            )  # fmt: skip
    for first in range(0, blocks, tile):
        for n in range(size):
            if norms[targets[n]] > 0.0:
                counts[n] = scan_directions(
                    targets[n], item_factors, norms, sketches, rows, order, packed[n], packed_rows[n], numbers[n],
                    probes[n], targets[n : n + 1], first, min(first + tile, blocks), counts[n], places,
                    upper_bounds, lower_bounds[n], top_ids[n], top_scores[n],
                )  # fmt: skip
