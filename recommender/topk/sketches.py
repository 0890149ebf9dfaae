"""Sketches of what directions are besides the means of their clusters: leading coordinates in four bits each, and the
length of what these leave out.

Coordinate f is coded as the middle of one of sixteen steps around its mean, and what is left of a vector y after its
sketch has two parts: a, what rounding took from the coordinates, and z, the coordinates that have none. By
Cauchy-Schwarz they add to the product with a direction x, cut alike into h and t, at most

    |h| |a| + |t| |z|  <=  sqrt(w |h|^2 + |t|^2) * sqrt(|a|^2 / w + |z|^2)    for any w > 0,

so that one length says both of y. It is one more number of four bits, rounded upwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.topk.index import row_norms

Floats = NDArray[np.float64]

SPANS = np.array([2.2, 2.6, 3.2, 4.2, 6.0, 9.0])
"""Standard deviations to either side that the steps of a coordinate may cover: 2.6 where these are normal, more where
few items are far out, as those of real clicks are.
"""
LEVELS = 16
MIDDLE = (LEVELS - 1) / 2
COORDINATES_A_WORD = 16
"""Coordinates of a direction for each word of its sketch, which holds eight numbers."""
CACHED = 1 << 20
"""Bytes of sketches that stay in a second-level cache beside all else that a scan reads."""


def sketch_words(factors: int, items: int) -> int:
    """Words of a sketch: about half of the coordinates, of which the last has its place taken by the length, and a
    quarter less in catalogs whose sketches do not stay cached, where to read them is most of the work.
    """
    words = -(-factors // COORDINATES_A_WORD)
    if 4 * words * items > CACHED:
        words = -(-3 * words // 4)
    return max(1, words)


@dataclass(frozen=True, slots=True, eq=False)
class SketchCode:
    """How the vectors of a catalog are sketched.

    centres and steps float64 (head,): number q of coordinate f stands for centres[f] + (q - 7.5) * steps[f]. lengths
    float64 (3,): w above, the middle length and the step of lengths.
    """

    words: int
    centres: Floats
    steps: Floats
    lengths: Floats

    @classmethod
    def of(cls, turned: NDArray[np.float32], band: int) -> SketchCode:
        """Fit a code to vectors float32 (n, factors) in coordinates of falling energy, `band` of them at a time."""
        size, factors = turned.shape
        words = sketch_words(factors, size)
        head = min(8 * words - 1, factors)
        leading = turned[:, :head]
        centres = leading.mean(axis=0, dtype=np.float64) if size else np.zeros(head)
        spread = leading.std(axis=0, dtype=np.float64) if size else np.zeros(head)
        unit, flat = np.maximum(spread * (2 / LEVELS), 1e-9), np.array([1.0, 0.0, 0.0])
        some = leading[:: max(1, size // band)]
        losses = [np.square(cls(words, centres, unit * span, flat).lost(some)).sum(axis=0) for span in SPANS]
        steps = unit * SPANS[np.argmin(losses, axis=0)]
        unweighted = cls(words, centres, steps, flat)
        lost, held = np.empty(size), np.empty(size)
        for start in range(0, size, band):
            part = slice(start, start + band)
            lost[part] = row_norms(unweighted.lost(leading[part]))
            held[part] = row_norms(leading[part])
        weight = max(float(lost.sum()), 1e-6) / max(float(held.sum()), 1e-6)
        left = np.sqrt(lost**2 / weight + row_norms(turned[:, head:]) ** 2)
        shortest, longest = float(left.min(initial=np.inf)), float(left.max(initial=0.0))
        if not size:
            shortest = 0.0
        step = (longest - shortest) / (LEVELS - 1)
        return cls(words, centres, steps, np.array([weight, shortest + MIDDLE * step, step]))

    def numbers(self, turned: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Numbers uint8 (n, 8 * words) from 0 to 15 of vectors float32 (n, factors), with their lengths last."""
        head = len(self.centres)
        found = np.zeros((len(turned), 8 * self.words), dtype=np.uint8)
        found[:, :head] = self.coded(turned[:, :head])
        weight, middle, step = self.lengths
        if step > 0.0:
            lost = row_norms(self.lost(turned[:, :head]))
            left = np.sqrt(lost**2 / weight + row_norms(turned[:, head:]) ** 2)
            steps = (left - (middle - MIDDLE * step)) / step
            found[:, -1] = np.clip(np.ceil(steps - 1e-9), 0, LEVELS - 1)
        return found

    def coded(self, leading: NDArray[np.floating]) -> Floats:
        """Numbers float64 (n, head) of leading coordinates (n, head)."""
        return np.clip(np.floor((leading - self.centres) / self.steps) + LEVELS // 2, 0, LEVELS - 1)

    def lost(self, leading: NDArray[np.floating]) -> Floats:
        """What coding takes from leading coordinates, float64 (n, head)."""
        return leading - (self.centres + (self.coded(leading) - MIDDLE) * self.steps)


def pack_nibbles(numbers: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Words int32 (n, words) of numbers (n, 8 * words) from 0 to 15: the first half of them in the low halves of the
    bytes, the second half in the high ones.
    """
    half = numbers.shape[1] // 2
    return np.ascontiguousarray(numbers[:, :half] | numbers[:, half:] << 4).view(np.int32)
