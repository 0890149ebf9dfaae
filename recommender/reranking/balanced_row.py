"""A row for one user from the best of a model: what they turn to, in the shares in which they turn to it.

The model's candidates are scored anew by what their attributes say of the user's taste, those like what the user turned
down and those passed over again and again step back, and a calibrated list is made of them:

    score_i = r_i + affinity * sum over attributes of log(share / base)
              - rejection * D_i^2 / (D_i + C_i) + affinity * log(patience / (patience + passes_i))

r_i is the model's score, scaled to 0 ... 1 over the candidates. Of an attribute of which items have several values, the
sum goes over the values of the item, and shares are how often they were chosen; see `decided_kernels`. D_i and C_i
count what the user turned down and chose among what is like candidate i, each by its likeness squared: one refusal amid
many choices weighs little. Likeness is what items have in common, by how much users differ in the attribute and by how
few items have the value: that two films are of the decade of most says next to nothing. See `BalancedRow._alike`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from math import ceil

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId
from recommender.reranking.bounds import RowBounds, choices_that_ask
from recommender.reranking.decided_kernels import DECIDED, decided_shares
from recommender.reranking.row_kernels import fill_row, shares_and_lifts
from recommender.reranking.shares import Floats
from recommender.reranking.traits import ItemTraits

STRONGEST_CHOICE = 2.0
"""A choice counts once, a strong one (liked, used) at most so much: shares are of items, not of how loved they are."""

_BEHIND_ALL = 1e6
_NOTHING, _NOBODY = np.empty(0), np.empty(0, dtype=bool)


@dataclass(frozen=True, slots=True)
class RowRules:
    """How far a row is balanced.

    affinity: what a nat of lift in taste is worth, where the model's scores go from 0 to 1. calibration: what a nat of
    divergence from the user's shares costs. rejection: what one refusal costs what is quite alike. patience: after so
    many passes in vain an item is half as likely to be chosen. most_passes: so many passes put an item behind all
    others. largest_share: most of a row that one value of the first attribute takes, and of its first entries, unless
    the user asked for it, or has chosen so much of it that this is certain: that somebody who turns to it no more often
    would have, has a chance of at most `certain`. distinct, entries_per_value: a row has so many values of the first
    attribute, a short one a further value for each so many entries.
    """

    affinity: float = 0.5
    calibration: float = 0.2
    rejection: float = 3.0
    patience: float = 4.0
    most_passes: int = 5
    largest_share: float = 0.6
    certain: float = 0.05
    distinct: int = 3
    entries_per_value: int = 4


@dataclass(frozen=True, slots=True)
class Taste:
    """What a user did, as far as a row needs it. chosen: item to weight. rejected: items turned down. passes: how often
    an item was on screen without being chosen. asked: values of the first attribute that the user asked for, which may
    take any share of a row.
    """

    chosen: Mapping[ItemId, float]
    rejected: Collection[ItemId] = ()
    passes: Mapping[ItemId, int] | None = None
    asked: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A balanced row, and what the balance changed.

    order: int64, places of all candidates, the row first, then the others in their own order. lifted: by item of the
    row that the model alone would not have put there, the attribute and value that carried it, or None where variety
    did.
    stepped_back: items that would be in the row but for having been like what was turned down; tired: those that would
    be but for having been passed over so often.
    """

    order: NDArray[np.int64]
    lifted: Mapping[ItemId, tuple[str, str] | None]
    bounds: RowBounds
    stepped_back: tuple[ItemId, ...] = ()
    tired: tuple[ItemId, ...] = ()


class BalancedRow:
    """Makes rows for users of one catalog. strengths: of each attribute of `traits`, as `fit_strength` learns them.
    parts: of the affinity that each attribute has, 1 for all of it.
    """

    def __init__(
        self, traits: ItemTraits, strengths: Sequence[float], rules: RowRules, parts: Sequence[float] | None = None
    ) -> None:
        parts = [1.0] * len(traits.traits) if parts is None else parts
        for name, given in (("strengths", strengths), ("parts", parts)):
            if len(given) != len(traits.traits):
                raise ValueError(f"{name} must be {len(traits.traits)}, one for each attribute; got {len(given)}")
        self.traits, self.rules, self.strengths = traits, rules, tuple(strengths)
        self.parts = tuple(parts)
        self._parts = np.array(parts, dtype=np.float64)[traits.trait_of]
        self._usual_largest = np.full(len(traits.traits[0].values) + 1, float(rules.largest_share))
        self._strengths = np.array(strengths, dtype=np.float64)
        # The standard deviation of a share follows 1 / sqrt(1 + strength). Of several values of an item the strength is
        # that of decided users: who turns down three horror films means the genre, not what else these have in common.
        decided = [DECIDED[1][0] if trait.has_several else 1.0 for trait in traits.traits]
        differing = 1.0 / np.sqrt(1.0 + np.array(strengths) * np.array(decided))
        telling = [part * (1.0 - trait.presence) for part, trait in zip(differing, traits.traits, strict=True)]
        usual = sum(float(trait.base @ told) for trait, told in zip(traits.traits, telling, strict=True))
        self._telling = [told / max(usual, 1e-12) for told in telling]

    def with_rules(self, rules: RowRules) -> BalancedRow:
        """The same by other rules."""
        return BalancedRow(self.traits, self.strengths, rules, self.parts)

    def arrange(
        self, item_ids: Sequence[ItemId], scores: Sequence[float] | Floats, k: int, taste: Taste
    ) -> Arrangement:
        """The row of `k` for a user from candidates, best first by the model, with its scores; deterministic.

        Raises KeyError for a candidate that is no item of the traits.
        """
        traits, rules = self.traits, self.rules
        bounds = self._bounds(taste, k)
        if not item_ids:
            return Arrangement(np.empty(0, np.int64), {}, bounds)
        rows = traits.rows_of_all(item_ids)
        costs, refused, tired = self._costs(rows, item_ids, taste)
        shares, lifts = self._shares_and_lifts(taste.chosen)
        wanted, order, size = np.empty(len(rows)), np.empty_like(rows), min(k, len(rows))
        fill_row(
            rows,
            np.asarray(scores, dtype=np.float64),
            costs,
            traits.codes,
            traits.worths,
            traits.pulls,
            shares,
            lifts,
            rules.affinity,
            rules.calibration,
            bounds.largest,
            bounds.distinct,
            wanted,
            size,
            order,
        )
        row: list[int] = order[:size].tolist()
        lifted = {item_ids[place]: self._carrier(int(rows[place]), lifts) for place in row if place >= k}
        missing: list[int] = []
        if len(costs) and (refused.any() or tired.any()):
            missing = [place for place in np.argsort(-wanted, kind="stable")[:k].tolist() if place not in row]
        return Arrangement(
            order,
            lifted,
            bounds,
            tuple(item_ids[place] for place in missing if refused[place] > 0 and not tired[place]),
            tuple(item_ids[place] for place in missing if tired[place]),
        )

    def _shares_and_lifts(self, chosen: Mapping[ItemId, float]) -> tuple[Floats, Floats]:
        """The shares that a user gives to the values of all attributes, and the lifts, each (values,)."""
        traits = self.traits
        known = {item_id: weight for item_id, weight in chosen.items() if item_id in traits.row_of and weight > 0}
        weights = np.minimum(np.fromiter(known.values(), np.float64, len(known)), STRONGEST_CHOICE)
        rows, shares, lifts = traits.rows(known), np.empty(len(traits.base)), np.empty(len(traits.base))
        shares_and_lifts(
            rows, weights, traits.codes, traits.worths, traits.trait_of, traits.base, self._strengths, shares, lifts
        )
        for trait, start, strength in zip(traits.traits, traits.starts, self.strengths, strict=True):
            if trait.has_several:
                own = slice(start, start + len(trait.values))
                decided_shares(rows, weights, trait.codes, trait.presence, strength, shares[own], lifts[own])
        lifts *= self._parts
        return shares, lifts

    def _bounds(self, taste: Taste, k: int) -> RowBounds:
        """The bounds of a row of `k` for a user."""
        rules, largest = self.rules, self._usual_largest
        asked = [number for number, value in enumerate(self.traits.traits[0].values) if value in taste.asked]
        turned_to = self._turned_to(taste.chosen)
        if asked or turned_to is not None:
            largest = largest.copy()
            if turned_to is not None:
                largest[turned_to[0]] = turned_to[1]
            largest[asked] = 1.0
        distinct = 1 if asked else min(rules.distinct, ceil(k / rules.entries_per_value))
        return RowBounds(largest, distinct, self.traits.first_values)

    def _turned_to(self, chosen: Mapping[ItemId, float]) -> tuple[int, float] | None:
        """The value of the first attribute that the user is certain to turn to more often than a row has it otherwise,
        and its share of their choices; None without one.
        """
        rules = self.rules
        if choices_that_ask(len(chosen), rules.largest_share, rules.certain) > len(chosen):
            return None
        values = self.traits.first_values([item_id for item_id, weight in chosen.items() if weight > 0])
        of_value = Counter(values[values < len(self._usual_largest) - 1].tolist())
        if not of_value:
            return None
        ((value, count),) = of_value.most_common(1)
        choices = of_value.total()
        if count < choices_that_ask(choices, rules.largest_share, rules.certain):
            return None
        return value, max(rules.largest_share, count / (choices + 1.0))

    def _costs(
        self, rows: NDArray[np.int64], item_ids: Sequence[ItemId], taste: Taste
    ) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """What each candidate is behind by, what refusals cost it, and whether it was passed over too often, each
        (candidates,); empty for a user who neither turned anything down nor passed anything over, as most are.
        """
        if not taste.rejected and not taste.passes:
            return _NOTHING, _NOTHING, _NOBODY
        refused, (tired, faded) = self._refusals(rows, taste), self._fading(item_ids, taste)
        return refused - faded + _BEHIND_ALL * tired, refused, tired

    def _refusals(self, rows: NDArray[np.int64], taste: Taste) -> Floats:
        """What refusals of what is like each candidate cost it, (candidates,)."""
        rejected = self.traits.rows(taste.rejected)
        if not len(rejected):
            return np.zeros(len(rows))
        members = [trait.members(rows) for trait in self.traits.traits]
        chosen = self.traits.rows(item_id for item_id, weight in taste.chosen.items() if weight > 0)
        against = (self._alike(members, rejected) ** 2).sum(axis=1)
        in_favour = (self._alike(members, chosen) ** 2).sum(axis=1)
        cost: Floats = self.rules.rejection * against**2 / np.maximum(against + in_favour, 1e-12)
        return cost

    def _alike(self, members: Sequence[Floats], others: NDArray[np.int64]) -> Floats:
        """How alike candidates and other items are, (candidates, others) from 0; two of the same values have 1 on
        average, more where these are rare. Of several values those in common count, by the cosine.
        """
        alike = np.zeros((len(members[0]), len(others)))
        for told, mine, trait in zip(self._telling, members, self.traits.traits, strict=True):
            theirs = trait.members(others)
            norms = np.outer(np.linalg.norm(mine, axis=1), np.linalg.norm(theirs, axis=1))
            alike += (mine * told) @ theirs.T / np.maximum(norms, 1e-12)
        return alike

    def _fading(self, item_ids: Sequence[ItemId], taste: Taste) -> tuple[NDArray[np.bool_], Floats]:
        """Which candidates were passed over too often, (candidates,), and what passes cost each."""
        if not taste.passes:
            return np.zeros(len(item_ids), dtype=bool), np.zeros(len(item_ids))
        passes = np.array(list(map(taste.passes.get, item_ids, repeat(0))), dtype=np.float64)
        patience = self.rules.patience
        return passes >= self.rules.most_passes, self.rules.affinity * np.log(patience / (patience + passes))

    def _carrier(self, row: int, lifts: Floats) -> tuple[str, str] | None:
        """The attribute and value that lift an item most; None where none does."""
        found, most, traits = None, 0.0, self.traits
        for value, pull in zip(traits.codes[row].tolist(), traits.pulls[row].tolist(), strict=True):
            if value >= 0 and lifts[value] * pull > most:
                most, trait = float(lifts[value] * pull), int(traits.trait_of[value])
                found = traits.traits[trait].name, traits.traits[trait].values[value - traits.starts[trait]]
        return found
