"""Compiled steps before a scan of directions: a target is packed, and the items are chosen that are looked at first.

Arguments as in `direction_kernels`.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.topk.approximate_kernels import pack_user
from recommender.topk.packed_products import clear_lowest, count_bits, dot_block, lowest_bit, mark_block
from recommender.topk.score_kernels import LANES

NEAR = 32
"""Blocks among whose items probes are chosen."""
RUN = 128
"""Blocks whose sketches are compared before any row is looked at, so that neither waits for the other."""
STRIDE = 4
"""Flags that are written at a time."""
SIXTEENTH = np.float32(1 / 16)


@kernel(fast=False, makes_arrays=False)
def take_out_overlaps(factors):
    """Turn what each number of a sketch is to be multiplied by, float32 (8 * words,), those of low halves first, into
    what `dot_block` has to be given, sixteen times as large in the end.

    Of the eight numbers of a word, from the lowest up, number n counts 16 u_n + u_(n+1) there: u_n is its factor less
    a sixteenth of u_(n+1).
    """
    half = factors.shape[0] // 2
    for byte in range(half - 1, -1, -1):
        if byte % 4 != 3:
            factors[half + byte] -= factors[byte + 1] * SIXTEENTH
        factors[byte] -= factors[half + byte] * SIXTEENTH


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
    take_out_overlaps(scaled[:slots])
    step, total, error = pack_user(scaled[:slots], sketch)
    bytes_, lowest = sketch.view(np.int8), np.int32(0)
    for f in range(0, slots // 2, 4):
        lowest += np.int32(bytes_[f])
    numbers[0], numbers[1] = step / 16.0, 7.5 * (17.0 * total - lowest)
    numbers[2] = centre + (reach * lengths[1] + error * (1.0 + SIXTEENTH) * lengths[3]) * (1.0 + 1.0e-6) + margin


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
def limit_of_best(products, offset, wanted):
    """What at least `wanted` of products int32 (n,) reach, and about as many: up to twice as many unless more are
    equal, and all of them where so few stand for a cosine above -1: those above the offset are above 0.
    """
    largest = products[0]
    for n in range(products.shape[0]):
        largest = max(largest, products[n])
    high = np.int64(largest) + 1
    low = np.int64(offset) - abs(high - np.int64(offset)) - 1
    while high - low > 1:
        middle = (low + high) // 2
        count, limit = 0, np.int32(middle)
        for n in range(products.shape[0]):
            count += products[n] >= limit
        if count < wanted:
            high = middle
            continue
        low = middle
        if count <= 2 * wanted:
            break
    return np.int32(low)


@kernel(fast=False, makes_arrays=False)
def choose_probes(sketch, sketches, blocks, offset, wanted, products, reaching):
    """Write the places of items into reaching int32, those of largest products of their sketches among NEAR blocks of
    nearest mean or some more; returns how many, 2 * wanted at most. products int32 is room for means and for items.
    """
    means = -(-blocks // LANES)
    for group in range(means):
        dot_block(sketch, sketches, blocks + group, products[group * LANES : (group + 1) * LANES])
    limit, near = limit_of_best(products[:blocks], offset, min(NEAR, blocks)), np.int64(0)
    for group in range(means):
        near = write_marked(mark_block(sketch, sketches, blocks + group, limit), group * LANES, reaching, near)
    while near > 0 and reaching[near - 1] >= blocks:
        near -= 1
    near = min(near, np.int64(2 * NEAR))
    for n in range(near):
        dot_block(sketch, sketches, np.int64(reaching[n]), products[n * LANES : (n + 1) * LANES])
    limit, found = limit_of_best(products[: near * LANES], offset, min(wanted, near * LANES)), np.int64(0)
    chosen = reaching[2 * NEAR :]
    for n in range(near):
        b = np.int64(reaching[n])
        found = write_marked(mark_block(sketch, sketches, b, limit), b * LANES, chosen, found)
    found = min(found, 2 * wanted)
    for n in range(found):
        reaching[n] = chosen[n]
    return found


@kernel(fast=False, makes_arrays=False)
def most_reaching(blocks):
    """Places that `reaching` has room for."""
    return max(RUN * LANES, -(-blocks // LANES) * LANES, 2 * NEAR * (LANES + 1)) + STRIDE
