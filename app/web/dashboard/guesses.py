"""How often a password may be guessed: a few wrong ones at once, then one every few seconds, for each address.

Only wrong ones count, and nobody is locked out for long: whoever logged in before has a cookie that gives their browser
a count of its own, so that guesses of others behind the same address do not hold them up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from cachetools import LRUCache

FREE_GUESSES = 10
"""Wrong passwords after which the next has to wait."""
SECONDS_A_GUESS = 6.0
"""Time that gives one guess back."""
_KEPT = 10_000


class GuessLimit:
    """Counts wrong guesses by who makes them: a bucket of `FREE_GUESSES` and one more, refilled all the time.

    clock: seconds that only go forward. Of more than 10,000 guessers the one longest unseen is forgotten.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._spent: LRUCache[str, tuple[float, float]] = LRUCache(_KEPT)
        self._lock = threading.Lock()

    def wait_s(self, who: str) -> float:
        """Seconds until `who` may guess again; 0 for now."""
        with self._lock:
            return max(0.0, (self._now_spent(who) - FREE_GUESSES) * SECONDS_A_GUESS)

    def note_wrong(self, who: str) -> None:
        """Count a wrong guess."""
        with self._lock:
            self._spent[who] = (self._now_spent(who) + 1.0, self._clock())

    def _now_spent(self, who: str) -> float:
        spent, at = self._spent.get(who, (0.0, 0.0))
        return max(0.0, spent - (self._clock() - at) / SECONDS_A_GUESS)
