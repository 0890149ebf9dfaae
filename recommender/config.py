"""The settings of training and fold-in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ALSConfig:
    """Settings of an ALS model; they travel with it. ValueError, naming the setting, for a value out of range."""

    factors: int = 64
    """Length of the vectors."""
    regularization: float = 10.0
    """Added to the diagonal of every least-squares system; larger is smoother. On little data it is lowered to a fifth
    of the (estimated) largest singular value of the confidences, above which nothing is learned; `model.config` tells
    what was used."""
    alpha: float = 1.0
    """Confidence in one unit of weight; an unseen pair has confidence 1 that the item is not wanted."""
    iterations: int = 12
    """Sweeps of a cold fit; one sweep solves all users, then all items."""
    refit_iterations: int = 5
    """Sweeps of a warm-started fit."""
    recency_boost: float = 20.0
    """How much more the newest item of a history counts at fold-in: weights are multiplied by 1 + boost * decay**age.
    0: off.
    """
    recency_decay: float = 0.7
    """How fast that fades, from 0 to 1; age counts the items of the history that are newer."""
    threads: int = 0
    """Threads of a full fit; 0 is one a core."""

    def __post_init__(self) -> None:
        for name in ("factors", "iterations", "refit_iterations"):
            _check(name, getattr(self, name), whole=True, least=1)
        _check("threads", self.threads, whole=True, least=0)
        for name, least in (("regularization", 1e-9), ("alpha", 1e-9), ("recency_boost", 0)):
            _check(name, getattr(self, name), least=least)
        _check("recency_decay", self.recency_decay, least=0, most=1)


def _check(name: str, value: Any, *, whole: bool = False, least: float, most: float = math.inf) -> None:
    kind = int if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kind) or not least <= value <= most or not math.isfinite(value):
        bounds = f"at least {least}" if most == math.inf else f"between {least} and {most}"
        raise ValueError(f"{name} must be a {'whole number' if whole else 'finite number'} {bounds}, got {value!r}")
