"""What followed what in a log: counts of transitions between items that grow, shrink and fade with it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.config import ALSConfig
from recommender.interactions.log import Interactions
from recommender.interactions.rows import Sequences
from recommender.transitions.pair_kernels import count_pairs, rehash, select_largest
from recommender.transitions.transitions import Transitions

CHUNK = 100_000
"""Steps that are counted at a time, so that room is made for what they can add at most and not for the whole log."""
SMALLEST_GAIN = 1e-9
"""A gain below this share of a step of now is nothing: it faded, or is what rounding left of a withdrawn one."""
DAMPING_FLOOR = 5.0
"""Added to popularity before it damps, so that items seen once or twice are not lifted above all."""
LARGEST_EXPONENT = 900.0
RECENT = 100.0
"""Half-lives after which gains are counted anew at a refit."""


class TransitionCounts:
    """Gains of item -> item, kept by a trainer. `count` is exact both ways: what was added can be taken away again.

    Older steps fade with `trend_half_life`; gains are kept in units of a step at the time of the last `clear`, newer
    steps being worth more than 1 (forward decay: Cormode, Shkapenyuk, Srivastava, Xu, 2009), so that fading costs
    nothing.
    """

    def __init__(self, config: ALSConfig) -> None:
        self._config = config
        self.clear(0.0)

    def clear(self, now: float) -> None:
        """Forget everything; `now` is the time, in seconds, of a step that counts 1."""
        self._now = now
        self._used = 0
        self._source = np.empty(0, dtype=np.int32)
        self._target = np.empty(0, dtype=np.int32)
        self._gain = np.empty(0, dtype=np.float64)
        self._next_in_bucket = np.empty(0, dtype=np.int32)
        self._next_in_row = np.empty(0, dtype=np.int32)
        self._bucket_head = np.full(16, -1, dtype=np.int32)
        self._row_head = np.empty(0, dtype=np.int32)
        self._dirty = np.empty(0, dtype=np.bool_)
        self._counts = np.empty(0, dtype=np.int64)
        self._totals = np.empty(0, dtype=np.float64)
        self._ids = np.empty(0, dtype=np.int32)
        self._gains = np.empty(0, dtype=np.float64)

    def are_recent(self, now: float) -> bool:
        """Whether steps of `now` are near enough to that of the last `clear` for gains to keep their precision."""
        half_life = self._config.trend_half_life
        return not half_life or abs(now - self._now) < RECENT * half_life

    def __len__(self) -> int:
        """Pairs that are counted."""
        return self._used

    def count(self, sequences: Sequences, items: int, *, first_row: int = 0, sign: float = 1.0) -> None:
        """Add (or with sign -1 take away) the steps of these sequences that are rows of the log from `first_row` on.

        items: size of the catalog. Costs in proportion to the steps, amortised.
        """
        if not self._config.transition_weight:
            return
        self._make_rows(items)
        amounts = np.where(sequences.rows >= first_row, sign * self._weight_of_steps(sequences.times), 0.0)
        lengths = np.diff(sequences.indptr)
        amounts /= np.repeat(lengths**self._config.transition_activity_damping, lengths)
        window, decay = self._config.transition_window, self._config.transition_decay
        backward = self._config.transition_backward if self._config.transition_ordered else 1.0
        ends = sequences.indptr
        start = 0
        while start < len(ends) - 1:
            stop = max(start + 1, int(np.searchsorted(ends, ends[start] + CHUNK, side="right")) - 1)
            steps = slice(int(ends[start]), int(ends[stop]))
            before = np.arange(steps.stop - steps.start) - np.repeat(
                ends[start:stop] - steps.start, lengths[start:stop]
            )
            self._make_room(int(np.minimum(before, window)[amounts[steps] != 0].sum()) * (1 + (backward > 0)))
            self._used = count_pairs(
                ends[start : stop + 1] - ends[start], sequences.items[steps], amounts[steps], decay, window, backward,
                self._used, self._source, self._target, self._gain, self._bucket_head, self._next_in_bucket,
                self._row_head, self._next_in_row, self._dirty,
            )  # fmt: skip
            start = stop

    def count_new(self, sequences: Sequences, items: int, first_row: int) -> None:
        """Count the steps from row `first_row` on in the whole sequences of the users who took them.

        Where activity damps, their older steps are worth less than before; where a step comes late, those after it have
        another one before them: the old ones are taken away and all are counted anew.
        """
        if self._config.transition_activity_damping or not sequences.ends_with_rows_from(first_row):
            self.count(sequences.before(first_row), items, sign=-1.0)
            self.count(sequences, items)
        else:
            self.count(sequences, items, first_row=first_row)

    def transitions(self, popularity: NDArray[np.float32], now: float) -> Transitions:
        """The largest `transition_neighbours` of each item as a model uses them; popularity float32 (items,).

        A weight is gain / (all gains of its source + transition_shrinkage) / (popularity of its target + 5) **
        transition_damping, with gains as they have faded by `now`. Only items whose gains changed since the last call
        choose their neighbours anew.
        """
        items = len(popularity)
        trend = Transitions.trend_of(popularity) if self._config.trend_weight else {}
        if not self._config.transition_weight:
            return Transitions.empty(items, **trend)
        self._make_rows(items)
        unit = float(self._weight_of_steps(np.array([now]))[0])
        damping = (popularity.astype(np.float64) + DAMPING_FLOOR) ** self._config.transition_damping
        self._select(damping, SMALLEST_GAIN * unit)
        indptr = np.concatenate(([0], np.cumsum(self._counts)))
        totals = np.repeat(self._totals + self._config.transition_shrinkage * unit, self._counts)
        weights = self._gains / (totals * damping[self._ids])
        return Transitions(indptr, self._ids, weights.astype(np.float32), **trend)

    def choose_by(self, config: ALSConfig) -> None:
        """Let every item choose its neighbours anew as `config` says, whose shrinkage, damping and number of neighbours
        alone may differ: what was counted stays.
        """
        self._config = config
        self._dirty[:] = True

    def _weight_of_steps(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        half_life = self._config.trend_half_life
        if not half_life:
            return np.ones(len(times))
        exponents = np.where(np.isnan(times), 0.0, (times - self._now) / half_life)
        return np.exp2(np.clip(exponents, -LARGEST_EXPONENT, LARGEST_EXPONENT))

    def _make_rows(self, items: int) -> None:
        missing = items - len(self._row_head)
        if missing > 0:
            self._row_head = np.append(self._row_head, np.full(missing, -1, dtype=np.int32))
            self._dirty = np.append(self._dirty, np.zeros(missing, dtype=np.bool_))
            self._counts = np.append(self._counts, np.zeros(missing, dtype=np.int64))
            self._totals = np.append(self._totals, np.zeros(missing))

    def _make_room(self, more: int) -> None:
        needed = self._used + more
        if needed <= len(self._source):
            return
        size = max(needed, len(self._source) * 3 // 2)
        for name in ("_source", "_target", "_gain", "_next_in_bucket", "_next_in_row"):
            old = getattr(self, name)
            grown = np.empty(size, dtype=old.dtype)
            grown[: self._used] = old[: self._used]
            setattr(self, name, grown)
        if size > len(self._bucket_head):
            self._bucket_head = np.empty(1 << int(size - 1).bit_length(), dtype=np.int32)
            rehash(self._source, self._target, self._used, self._bucket_head, self._next_in_bucket)

    def _select(self, damping: NDArray[np.float64], smallest: float) -> None:
        """Choose the neighbours of the rows that changed, and put them among those of the others."""
        rows = np.flatnonzero(self._dirty).astype(np.int32)
        if not len(rows):
            return
        room = self._config.transition_neighbours
        counts, totals = np.full(len(rows), room, dtype=np.int64), np.empty(len(rows))
        ids, gains = np.empty(len(rows) * room, dtype=np.int32), np.empty(len(rows) * room)
        select_largest(
            rows, self._target, self._gain, self._row_head, self._next_in_row, damping, smallest, counts, totals, ids,
            gains,
        )  # fmt: skip
        kept = np.repeat(~self._dirty, self._counts)
        owner = np.repeat(np.arange(len(self._dirty)), self._counts)[kept]
        written = int(counts.sum())
        owners = np.concatenate((owner, np.repeat(rows, counts)))
        order = np.argsort(owners, kind="stable")
        self._ids = np.concatenate((self._ids[kept], ids[:written]))[order]
        self._gains = np.concatenate((self._gains[kept], gains[:written]))[order]
        self._counts[rows], self._totals[rows] = counts, totals
        self._dirty[:] = False


def count_log(counts: TransitionCounts, log: Interactions) -> None:
    """Count a whole log anew."""
    counts.clear(log.newest)
    counts.count(log.sequences(), log.items)
