"""Which arm a visitor is in: a hash of the id, the same on every machine and for ever.

The hash is version 2 of GrowthBook's bucketing, so that any of its SDKs would put a visitor into the same bucket:
fnv1a-32 of the decimal digits of fnv1a-32(seed + value), modulo 10000, over 10000.
"""

from __future__ import annotations

_HOLDOUT_SEED = "jury"  # the word of version 0.1: with another, other visitors would be held out
_FNV_OFFSET = 0x811C9DC5
_FNV_PRIME = 0x01000193
_BUCKETS = 10_000


def assign_arm(visitor_id: str, experiment: str, control_share: float) -> str:
    """'control' for a share of `control_share` of all visitors, 'treatment' for the others; sticky by construction."""
    return "control" if bucket(experiment, visitor_id) < control_share else "treatment"


def is_holdout(visitor_id: str, holdout_share: float) -> bool:
    """Whether the visitor belongs to the share that judges models; independent of the arm."""
    return bucket(_HOLDOUT_SEED, visitor_id) < holdout_share


def bucket(seed: str, value: str) -> float:
    """A number in [0, 1), in steps of 1/10000, evenly spread over values; another `seed` spreads them anew."""
    return _fnv1a_32(str(_fnv1a_32(seed + value))) % _BUCKETS / _BUCKETS


def _fnv1a_32(text: str) -> int:
    hashed = _FNV_OFFSET
    for byte in text.encode("utf-8"):
        hashed = (hashed ^ byte) * _FNV_PRIME & 0xFFFFFFFF
    return hashed
