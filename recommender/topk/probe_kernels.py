"""Compiled steps before a scan of directions: a target is packed, and the items are chosen that are looked at first.

Arguments as in `direction_kernels`.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.topk.approximate_kernels import pack_user
from recommender.topk.packed_products import GROUP, clear_lowest, count_bits, dot_group, lowest_bit
from recommender.topk.score_kernels import LANES

NEAR = 64
"""Groups among whose items probes are chosen."""
FINE = 16
"""Fine steps of a target's row within a coarse one."""
KEY = np.float32(1 << 20)
"""Products with means as whole numbers, whose largest is found sixteen at a time."""
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


@kernel(fast=False, makes_arrays=False)
def pack_remainder(factors, step, words, fine):
    """Pack what `pack_user` lost of factors float32 (n,), packed into words int32, in steps of 1 / FINE of its own into
    fine, alike; returns the sum of the bytes and what is lost yet.
    """
    coarse, bytes_ = words.view(np.int8), fine.view(np.int8)
    total, square = np.int64(0), 0.0
    for f in range(factors.shape[0]):
        left = np.float64(factors[f]) - step * np.float64(coarse[f])
        byte = np.floor(left * (FINE / step) + 0.5)
        left -= byte * (step / FINE)
        square += left * left
        total += np.int64(byte)
        bytes_[f] = np.int8(np.int32(byte))
    for f in range(factors.shape[0], bytes_.shape[0]):
        bytes_[f] = np.int8(0)
    return total, np.sqrt(square)


@kernel(fast=False, makes_arrays=False)
def pack_sketch(factors, words):
    """Pack what the numbers of a sketch are to be multiplied by, float32 (n,), which is written to; words int32 (n /
    4,). Returns step, offset and error: a product stands for step * (product - offset) of the numbers less 7.5, off by
    at most error times their length.
    """
    take_out_overlaps(factors)
    step, total, error = pack_user(factors, words)
    bytes_, lowest = words.view(np.int8), np.int32(0)
    for f in range(0, factors.shape[0] // 2, 4):
        lowest += np.int32(bytes_[f])
    return step / 16.0, 7.5 * (17.0 * total - lowest), error * (1.0 + SIXTEENTH)


@kernel(fast=False)
def pack_target(
    target, item_factors, norms, vectors, scales, centres, steps, lengths, means, sketch, row, offsets, numbers
):
    """Pack the direction of an item into sketch and row, and write its products with the means of clusters into
    offsets, and into numbers step, offset and slack of the sketch and of the coarse row, step and offset of the likely
    sketch, and step, offset and slack of the row.

    A product of a row stands for step * (product - offset), off by at most slack, FINE times that of the coarse row
    with that of the fine one; one of a sketch, with the product of the cluster added, for no more than that and slack.
    A likely sketch leaves out lengths, and slack, for what is likely rather than possible.
    """
    factors, slots, head = scales.shape[0], 4 * sketch.shape[1], centres.shape[0]
    turned, scaled = np.empty(factors), np.zeros(max(factors, slots), dtype=np.float32)
    for f in range(factors):
        turned[f] = 0.0
    for g in range(factors):
        share = np.float64(item_factors[target, g]) / norms[target]
        for f in range(factors):
            turned[f] += share * vectors[g, f]
    for f in range(factors):
        scaled[f] = turned[f] * scales[f]
    margin = (factors + 24) * 1.0e-6  # rounding to float32 and of the turn, and the sums here
    step, total, error = pack_user(scaled[:factors], row[0])
    numbers[3], numbers[4] = step, 128.0 * total
    numbers[5] = (lengths[5] + error * lengths[4]) * (1.0 + 1.0e-6) + margin
    of_fine, error = pack_remainder(scaled[:factors], step, row[0], row[1])
    numbers[8], numbers[9] = step / FINE, 128.0 * (FINE * np.float64(total) + of_fine)
    numbers[10] = (lengths[5] + error * lengths[4]) * (1.0 + 1.0e-6) + margin
    for c in range(offsets.shape[0]):
        offsets[c] = np.float32(0.0)
    for f in range(factors):
        coordinate = np.float32(turned[f])
        for c in range(offsets.shape[0]):
            offsets[c] += coordinate * means[f, c]
    square, rest, centre = 0.0, 0.0, 0.0
    for f in range(head):
        square += turned[f] * turned[f]
        centre += turned[f] * centres[f]
    for f in range(head, factors):
        rest += turned[f] * turned[f]
    reach = np.sqrt(lengths[0] * square + rest)
    for part in range(2):
        for f in range(slots):
            scaled[f] = turned[f] * steps[f] if f < head else 0.0
        scaled[slots - 1] = reach * lengths[2] if part == 0 else 0.0
        step, offset, error = pack_sketch(scaled[:slots], sketch[part])
        numbers[6 * part], numbers[6 * part + 1] = step, offset
        if part == 0:
            numbers[2] = centre + (reach * lengths[1] + error * lengths[3]) * (1.0 + 1.0e-6) + margin


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
def choose_probes(sketch, sketches, starts, offsets, step, offset, wanted, keys, products, reaching):
    """Write the places of items into reaching int32, those of largest products with a likely sketch, of this step and
    offset, in the NEAR groups of nearest mean; returns how many, 2 * wanted at most. keys int32 (clusters,) and
    products int32 (NEAR * GROUP,) are room.
    """
    near, chosen, lowest = np.int64(0), reaching[NEAR:], np.int32(-(1 << 31))
    for c in range(keys.shape[0]):
        keys[c] = np.int32(offsets[c] * KEY)
    while near < NEAR:
        best = lowest
        for c in range(keys.shape[0]):
            best = max(best, keys[c])
        if best == lowest:
            break
        cluster = np.int64(0)
        while keys[cluster] != best:
            cluster += 1
        keys[cluster] = lowest
        shift = np.int32(min(max(np.float64(offsets[cluster]) / step, -1.0e9), 1.0e9))
        for group in range(starts[cluster], min(starts[cluster + 1], starts[cluster] + NEAR - near)):
            reaching[near] = group
            own = products[near * GROUP : (near + 1) * GROUP]
            dot_group(sketch, sketches, group, own)
            for lane in range(GROUP):
                own[lane] += shift
            near += 1
    limit, found = limit_of_best(products[: near * GROUP], offset, min(wanted, near * GROUP)), np.int64(0)
    for n in range(near * GROUP):
        chosen[found] = n
        found += products[n] >= limit
    found = min(found, 2 * wanted)
    for n in range(found):
        chosen[n] = reaching[chosen[n] // GROUP] * GROUP + chosen[n] % GROUP
    for n in range(found):
        reaching[n] = chosen[n]
    return found


@kernel(fast=False, makes_arrays=False)
def most_reaching():
    """Places that `reaching` has room for."""
    return max(RUN * LANES, NEAR * (GROUP + 1)) + STRIDE
