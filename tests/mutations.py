"""Bytes that were sound, with something wrong in them."""

from __future__ import annotations

import random
from collections.abc import Sequence

_CUTS = (0, 0, 1, 3, 12, 40)
"""Lengths of the parts that are taken out, doubled, moved or replaced."""


def mutated(raw: bytes, rng: random.Random, tokens: Sequence[bytes]) -> bytes:
    """`raw` with one to five changes: a bit, a token put in or over, a part taken out, doubled or moved."""
    found = bytearray(raw)
    for _ in range(rng.randint(1, 5)):
        at = rng.randint(0, len(found))
        end = min(len(found), at + rng.choice(_CUTS))
        kind = rng.randrange(6)
        if kind == 0 and at < len(found):
            found[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            found[at:at] = rng.choice(tokens)
        elif kind == 2:
            found[at:end] = rng.choice(tokens)
        elif kind == 3:
            del found[at:end]
        elif kind == 4:
            found[at:at] = found[at:end]
        else:
            part = found[at:end]
            del found[at:end]
            to = rng.randint(0, len(found))
            found[to:to] = part
    return bytes(found)
