"""How item factors are packed into the words of an index: as halves of a float32, or as bytes.

Packed words are int32 (n, words); `scales` float32 (n,) is a number an item. What packing loses is part of the bound
of the scan, so that it costs a little time and never a result.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Packed = tuple[NDArray[np.int32], NDArray[np.float32]]

HALVES, BYTES = "halves", "mixed bytes"
FACTORS_A_WORD = {HALVES: 2, BYTES: 4}
WORDS_A_STEP = {HALVES: 8, BYTES: 1}
_PAIR = np.array([[1, 1], [1, -1]], dtype=np.float32)
HADAMARD = np.kron(_PAIR, np.kron(_PAIR, _PAIR)) * np.float32(8**-0.5)
"""Sylvester's matrix of order eight, which is orthogonal."""


def packed_words(layout: str, factors: int) -> int:
    """Words of one item, padded to whole steps of the scan."""
    step = FACTORS_A_WORD[layout] * WORDS_A_STEP[layout]
    return -(-factors // step) * WORDS_A_STEP[layout]


def pack_halves(factors: NDArray[np.float32]) -> Packed:
    """Factors 2w and 2w + 1 of float32 (n, 2 * words) in the low and high half of word w.

    The even one is rounded to its upper 16 bits, the odd one around what then stands in its lower 16. Scales are 1.
    """
    bits = factors.view(np.uint32).astype(np.int64)
    sign, magnitude = bits & 0x80000000, bits & 0x7FFFFFFF
    low = (sign[:, 0::2] | (magnitude[:, 0::2] + 0x8000)) >> 16
    high = sign[:, 1::2] | (np.maximum(magnitude[:, 1::2] + 0x8000 - low, 0) & 0x7FFF0000)
    return (high | low).astype(np.uint32).view(np.int32), np.ones(len(factors), dtype=np.float32)


def unpack_halves(words: NDArray[np.int32], scales: NDArray[np.float32]) -> NDArray[np.float64]:
    """The factors as the scan reads them, float64 (n, 2 * words)."""
    factors = np.empty((words.shape[0], 2 * words.shape[1]))
    factors[:, 0::2] = (words << 16).view(np.float32)
    factors[:, 1::2] = words.view(np.float32)
    return factors


def mix(factors: NDArray[np.float32]) -> None:
    """Turn rows (n, factors) in place: eight numbers that lie an eighth of a row apart become eight sums of all of them
    with changing signs. What is left of a row by eighths stays.

    Along its principal axes a row has few large numbers, which would leave few of the steps that bytes have to the
    others.
    """
    part = factors.shape[1] // 8
    eighths = factors[:, : 8 * part].reshape(len(factors), 8, part)
    eighths[:] = HADAMARD @ eighths


def pack_bytes(factors: NDArray[np.float32]) -> Packed:
    """Factors 4w to 4w + 3 of float32 (n, 4 * words) in the bytes of word w: scale * (byte - 128)."""
    largest = np.abs(factors).max(axis=1)
    scales = np.where(largest > 0, largest / np.float32(127), np.float32(1)).astype(np.float32)
    steps = np.rint(factors.astype(np.float64) / np.maximum(scales, np.float32(1e-38))[:, None])
    return (np.clip(steps, -127, 127) + 128).astype(np.uint8).view(np.int32), scales


def unpack_bytes(words: NDArray[np.int32], scales: NDArray[np.float32]) -> NDArray[np.float64]:
    """The factors as the scan reads them, float64 (n, 4 * words)."""
    return (words.view(np.uint8).astype(np.float64) - 128.0) * scales[:, None].astype(np.float64)
