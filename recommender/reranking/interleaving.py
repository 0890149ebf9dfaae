"""Team-draft interleaving: two rankings share one slate, and each shown item belongs to the one that picked it.

Radlinski, Kurup, Joachims, "How Does Clickthrough Data Reflect Retrieval Quality?" (CIKM 2008). In each round a fair
coin decides who picks first; each side picks the best of its ranking that is not on the slate yet. Clicks then vote: a
side that ranks better collects more of them, and since both sides stand equally high on average, place favours neither.

Where both sides want the same item, the coin alone would decide whose it is, which adds noise and no knowledge. Such an
item belongs to both, and a click on it is no vote. That is as fair: whose turn it is has no part in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.interactions.checks import ItemId, check_count

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
    champion: Sequence[ItemId], challenger: Sequence[ItemId], k: int, rng: np.random.Generator
) -> list[DraftEntry]:
    """A slate of `k` items, or fewer when both rankings end before, drafted by both sides in turn.

    champion, challenger: items best first, none twice in its first k. Propensities are exact: see `draft_chances`.
    Raises ValueError for a k outside 1 … LONGEST_INTERLEAVED and for an item that a ranking names twice.
    """
    first, second = _rankings(champion, challenger, k)
    slate: list[tuple[ItemId, str]] = []
    shown: set[ItemId] = set()
    for coin in rng.random(k) < 0.5:
        sides = ((CHAMPION, first), (CHALLENGER, second))
        agreed = True
        for team, _ in sides if coin else reversed(sides):
            wanted = {name: next((item for item in order if item not in shown), None) for name, order in sides}
            agreed = agreed and wanted[CHAMPION] == wanted[CHALLENGER]
            pick = wanted[team]
            if pick is not None and len(slate) < k:
                shown.add(pick)
                slate.append((pick, BOTH if agreed else team))
    chances = draft_chances(champion, challenger, k)
    return [DraftEntry(item_id, team, chances[place][item_id]) for place, (item_id, team) in enumerate(slate)]


def draft_chances(champion: Sequence[ItemId], challenger: Sequence[ItemId], k: int) -> list[Mapping[ItemId, float]]:
    """For each place of the slate that `team_draft` draws, the probability of every item that may stand there.

    All 2^(k/2) outcomes of the coins are followed, but outcomes with the same items on the slate so far go on as one:
    who picks first in a round changes what is shown only where both sides want the same item. Arguments and errors as
    for `team_draft`.
    """
    first, second = _rankings(champion, challenger, k)
    names = list(dict.fromkeys([*first, *second]))
    bits = {name: 1 << number for number, name in enumerate(names)}
    orders = ([bits[name] for name in first], [bits[name] for name in second])
    chances: list[dict[int, float]] = [{} for _ in range(min(k, len(names)))]
    states = {0: 1.0}
    while states:
        following: dict[int, float] = {}
        for shown, chance in states.items():
            for sides in (orders, orders[::-1]):
                taken = shown
                for ranking in sides:
                    pick = next((bit for bit in ranking if not bit & taken), 0)
                    place = taken.bit_count()
                    if pick and place < len(chances):
                        chances[place][pick] = chances[place].get(pick, 0.0) + chance / 2
                        taken |= pick
                if taken.bit_count() < len(chances):
                    following[taken] = following.get(taken, 0.0) + chance / 2
        states = following
    return [{names[bit.bit_length() - 1]: chance for bit, chance in place.items()} for place in chances]


def _rankings(champion: Sequence[ItemId], challenger: Sequence[ItemId], k: int) -> tuple[list[ItemId], list[ItemId]]:
    """The part of each ranking that can be drafted: neither side can get beyond its first k."""
    if check_count(k) > LONGEST_INTERLEAVED:
        raise ValueError(f"k = {k} is too long a slate to interleave; the most is {LONGEST_INTERLEAVED}")
    rankings = list(champion[:k]), list(challenger[:k])
    for name, ranking in ((CHAMPION, rankings[0]), (CHALLENGER, rankings[1])):
        if len(set(ranking)) != len(ranking):
            raise ValueError(f"the {name}'s ranking must not name an item twice in its top {k}, got {ranking!r}")
    return rankings
