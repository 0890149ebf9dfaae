"""Team-draft interleaving: two rankings share one slate, and each shown item belongs to the one that picked it.

Radlinski, Kurup, Joachims, "How Does Clickthrough Data Reflect Retrieval Quality?" (CIKM 2008). In each round a fair
coin decides who picks first; each side picks the best of its ranking that is not on the slate yet. Clicks then vote: a
side that ranks better collects more of them, and since both sides stand equally high on average, place favours neither.

Where both sides want the same item, the coin alone would decide whose it is, which adds noise and no knowledge. Such an
item belongs to both, and a click on it is no vote. That is as fair: whose turn it is has no part in it.

A slate may have bounds, which two rows that keep them do not keep when they are mixed. Then each side picks the best of
its ranking that keeps the bounds at the next place, whoever put there what stands before it: the same rule for both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.interactions.checks import ItemId, check_count
from recommender.reranking.bounds import RowBounds
from recommender.reranking.bounds_kernels import most_entries

CHAMPION, CHALLENGER, BOTH = "champion", "challenger", "both"

LONGEST_INTERLEAVED = 24
"""Longest slate that is interleaved: its chances come from all outcomes of the coins, at worst 2^(k/2) of them."""


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """One drafted item, who picked it, and how likely the item was at this place, whoever picked it.

    team: ``champion``, ``challenger``, or ``both`` when the round began with both sides wanting it.
    """

    item_id: ItemId
    team: str
    propensity: float


def team_draft(
    champion: Sequence[ItemId],
    challenger: Sequence[ItemId],
    k: int,
    rng: np.random.Generator,
    bounds: RowBounds | None = None,
) -> list[DraftEntry]:
    """A slate of `k` items, or fewer when both rankings end before, drafted by both sides in turn.

    champion, challenger: items best first, none twice among those that can be drafted: without `bounds` the first k of
    each, else all. Bounds are kept while a ranking has items that keep them, the share of a value before the number of
    values. Propensities are exact: see `draft_chances`. Raises ValueError for a k outside 1 … LONGEST_INTERLEAVED and
    for an item that a ranking names twice.
    """
    sides = _Sides(champion, challenger, k, bounds)
    slate: list[tuple[ItemId, str]] = []
    taken = 0
    for coin in rng.random(k) < 0.5:
        agreed = True
        for team in (CHAMPION, CHALLENGER) if coin else (CHALLENGER, CHAMPION):
            wanted = {side: sides.pick(side, taken) for side in (CHAMPION, CHALLENGER)}
            agreed = agreed and wanted[CHAMPION] == wanted[CHALLENGER]
            pick = wanted[team]
            if pick and len(slate) < sides.size:
                taken |= pick
                slate.append((sides.item(pick), BOTH if agreed else team))
    chances = sides.chances()
    return [DraftEntry(item_id, team, chances[place][item_id]) for place, (item_id, team) in enumerate(slate)]


def draft_chances(
    champion: Sequence[ItemId], challenger: Sequence[ItemId], k: int, bounds: RowBounds | None = None
) -> list[Mapping[ItemId, float]]:
    """For each place of the slate that `team_draft` draws, the probability of every item that may stand there.

    All 2^(k/2) outcomes of the coins are followed, but outcomes with the same items on the slate so far go on as one:
    who picks first in a round changes what is shown only where both sides want the same item. Arguments and errors as
    for `team_draft`.
    """
    return _Sides(champion, challenger, k, bounds).chances()


class _Sides:
    """What each side picks when certain items are on the slate. Items are bits, and what is on the slate their sum."""

    def __init__(
        self, champion: Sequence[ItemId], challenger: Sequence[ItemId], k: int, bounds: RowBounds | None
    ) -> None:
        if check_count(k) > LONGEST_INTERLEAVED:
            raise ValueError(f"k = {k} is too long a slate to interleave; the most is {LONGEST_INTERLEAVED}")
        rankings = {CHAMPION: list(champion), CHALLENGER: list(challenger)}
        for name, ranking in rankings.items():
            if bounds is None:  # then neither side can get beyond its first k
                del ranking[k:]
            if len(set(ranking)) != len(ranking):
                raise ValueError(f"the {name}'s ranking must not name an item twice in its top {k}, got {ranking!r}")
        self._names = list(dict.fromkeys([*rankings[CHAMPION], *rankings[CHALLENGER]]))
        bit_of = {name: 1 << number for number, name in enumerate(self._names)}
        self._orders = {name: [bit_of[item_id] for item_id in ranking] for name, ranking in rankings.items()}
        self.size = min(k, len(self._names))
        self._of_value: dict[int, int] = {}
        if bounds is not None:
            values = bounds.values_of(self._names).tolist()
            self._value_of = dict(zip(bit_of.values(), values, strict=True))
            for bit, value in self._value_of.items():
                self._of_value[value] = self._of_value.get(value, 0) | bit
            self._most = {
                value: [int(most_entries(bounds.largest[value], place + 1, k)) for place in range(k)]
                for value in self._of_value
            }
            self._distinct = bounds.distinct

    def item(self, bit: int) -> ItemId:
        """The item that a bit stands for."""
        return self._names[bit.bit_length() - 1]

    def pick(self, side: str, taken: int) -> int:
        """What a side puts next on a slate with these items: a bit, 0 at the end of its ranking."""
        order = self._orders[side]
        if self._of_value and taken.bit_count() < self.size:
            place = taken.bit_count()
            counts = {value: (taken & items).bit_count() for value, items in self._of_value.items()}
            within = {value for value, count in counts.items() if count < self._most[value][place]}
            new = {value for value in within if not counts[value]}
            missing = self._distinct - sum(map(bool, counts.values()))
            for values in (new, within) if 0 < missing >= self.size - place else (within,):
                found = next((bit for bit in order if not bit & taken and self._value_of[bit] in values), 0)
                if found:
                    return found
        return next((bit for bit in order if not bit & taken), 0)

    def chances(self) -> list[Mapping[ItemId, float]]:
        """See `draft_chances`."""
        chances: list[dict[int, float]] = [{} for _ in range(self.size)]
        states = {0: 1.0}
        while states:
            following: dict[int, float] = {}
            for shown, chance in states.items():
                for sides in ((CHAMPION, CHALLENGER), (CHALLENGER, CHAMPION)):
                    taken = shown
                    for side in sides:
                        pick, place = self.pick(side, taken), taken.bit_count()
                        if pick and place < self.size:
                            chances[place][pick] = chances[place].get(pick, 0.0) + chance / 2
                            taken |= pick
                    if taken.bit_count() < self.size:
                        following[taken] = following.get(taken, 0.0) + chance / 2
            states = following
        return [{self.item(bit): chance for bit, chance in place.items()} for place in chances]
