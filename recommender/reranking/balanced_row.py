"""A row for one user from the best of a model: what they turn to, in the shares in which they turn to it.

The model's candidates are scored anew by what their attributes say of the user's taste, those like what the user turned
down and those passed over again and again step back, and a calibrated list is made of them:

    score_i = r_i + affinity * sum over attributes of log(share / base)
              - rejection * D_i^2 / (D_i + C_i) + affinity * log(patience / (patience + passes_i))

r_i is the model's score, scaled to 0 ... 1 over the candidates. D_i and C_i count what the user turned down and chose
among what is like candidate i, each by its likeness squared: one refusal amid many choices weighs little. Likeness is
the share of attributes in common, by how much users differ in them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId
from recommender.reranking.calibration import Attribute, Bounds, calibrated
from recommender.reranking.shares import Floats, log_lift, smoothed_shares
from recommender.reranking.traits import ItemTraits

STRONGEST_CHOICE = 2.0
"""A choice counts once, a strong one (liked, used) at most so much: shares are of items, not of how loved they are."""

_BEHIND_ALL = 1e6


@dataclass(frozen=True, slots=True)
class RowRules:
    """How far a row is balanced.

    affinity: what a nat of lift in taste is worth, where the model's scores go from 0 to 1. calibration: what a nat of
    divergence from the user's shares costs. rejection: what one refusal costs what is quite alike. patience: after so
    many passes in vain an item is half as likely to be chosen. most_passes: so many passes put an item behind all
    others. largest_share: most of a row that one value of the first attribute takes, unless the user's own share of it
    is larger. entries_per_value: one further value of the first attribute for each so many entries of a row.
    """

    affinity: float = 0.5
    calibration: float = 0.2
    rejection: float = 3.0
    patience: float = 4.0
    most_passes: int = 5
    largest_share: float = 0.6
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

    order: places of all candidates, the row first, then the others in their own order. lifted: by item of the row that
    the model alone would not have put there, the attribute and value that carried it, or None where variety did.
    stepped_back: items that would be in the row but for having been like what was turned down; tired: those that would
    be but for having been passed over so often.
    """

    order: list[int]
    lifted: Mapping[ItemId, tuple[str, str] | None]
    stepped_back: tuple[ItemId, ...] = ()
    tired: tuple[ItemId, ...] = ()


class BalancedRow:
    """Makes rows for users of one catalog. strengths: of each attribute of `traits`, as `fit_strength` learns them."""

    def __init__(self, traits: ItemTraits, strengths: Sequence[float], rules: RowRules) -> None:
        if len(strengths) != len(traits.traits):
            raise ValueError(f"strengths must be {len(traits.traits)}, one for each attribute; got {len(strengths)}")
        self.traits, self.rules, self.strengths = traits, rules, tuple(strengths)
        # The standard deviation of a share follows 1 / sqrt(1 + strength).
        differing = 1.0 / np.sqrt(1.0 + np.array(strengths))
        self._likeness = differing / differing.sum()

    def shares(self, chosen: Mapping[ItemId, float]) -> list[Floats]:
        """By attribute, the shares (values,) that a user gives to its values."""
        known = {item_id: weight for item_id, weight in chosen.items() if item_id in self.traits.row_of and weight > 0}
        weights = np.minimum(np.fromiter(known.values(), np.float64, len(known)), STRONGEST_CHOICE)
        rows = self.traits.rows(known)
        return [
            smoothed_shares(trait.counts(rows, weights), trait.base, strength)
            for trait, strength in zip(self.traits.traits, self.strengths, strict=True)
        ]

    def arrange(self, item_ids: Sequence[ItemId], scores: Sequence[float], k: int, taste: Taste) -> Arrangement:
        """The row of `k` for a user from candidates, best first by the model, with its scores; deterministic.

        Raises KeyError for a candidate that is no item of the traits.
        """
        if not item_ids:
            return Arrangement([], {})
        rows = np.array([self.traits.row_of[item_id] for item_id in item_ids], dtype=np.int64)
        shares = self.shares(taste.chosen)
        members = [trait.members(rows) for trait in self.traits.traits]
        lifts = [log_lift(share, trait.base) for share, trait in zip(shares, self.traits.traits, strict=True)]
        lift = np.sum([one @ two for one, two in zip(members, lifts, strict=True)], axis=0)
        wanted = _scaled(np.asarray(scores, dtype=np.float64)) + self.rules.affinity * lift
        refused = self._refusals(rows, members, taste)
        tired, faded = self._fading(item_ids, taste)
        score = wanted - refused + faded
        score[tired] -= _BEHIND_ALL
        row = self._calibrated(score, members, shares, rows, k, taste.asked)
        shown = set(row)
        lifted = {item_ids[place]: self._carrier(int(rows[place]), lifts) for place in row if place >= k}
        missing = [place for place in np.argsort(-wanted, kind="stable")[:k].tolist() if place not in shown]
        return Arrangement(
            row + [place for place in range(len(item_ids)) if place not in shown],
            lifted,
            tuple(item_ids[place] for place in missing if refused[place] > 0 and not tired[place]),
            tuple(item_ids[place] for place in missing if tired[place]),
        )

    def _calibrated(
        self,
        score: Floats,
        members: Sequence[Floats],
        shares: Sequence[Floats],
        rows: NDArray[np.int64],
        k: int,
        asked: Collection[str],
    ) -> list[int]:
        attributes = [Attribute(own, share, self.rules.calibration) for own, share in zip(members, shares, strict=True)]
        first = self.traits.traits[0]
        most = np.maximum(np.append(shares[0], 0.0), self.rules.largest_share)
        most[[place for place, value in enumerate(first.values) if value in asked]] = 1.0
        largest = np.maximum(1, np.floor(most * k + 1e-9)).astype(np.int64)
        distinct = 1 if asked else ceil(k / self.rules.entries_per_value)
        bounds = Bounds(first.codes[rows, 0], largest, distinct)
        found: list[int] = calibrated(score, attributes, k, bounds).tolist()
        return found

    def _refusals(self, rows: NDArray[np.int64], members: Sequence[Floats], taste: Taste) -> Floats:
        """What refusals of what is like each candidate cost it, (candidates,)."""
        rejected = self.traits.rows(taste.rejected)
        if not len(rejected):
            return np.zeros(len(rows))
        chosen = self.traits.rows(item_id for item_id, weight in taste.chosen.items() if weight > 0)
        against = (self._alike(members, rejected) ** 2).sum(axis=1)
        in_favour = (self._alike(members, chosen) ** 2).sum(axis=1)
        cost: Floats = self.rules.rejection * against**2 / np.maximum(against + in_favour, 1e-12)
        return cost

    def _alike(self, members: Sequence[Floats], others: NDArray[np.int64]) -> Floats:
        """How alike candidates and other items are, (candidates, others) from 0 to 1."""
        alike = np.zeros((len(members[0]), len(others)))
        for weight, mine, trait in zip(self._likeness, members, self.traits.traits, strict=True):
            theirs = trait.members(others)
            norms = np.outer(np.linalg.norm(mine, axis=1), np.linalg.norm(theirs, axis=1))
            alike += weight * (mine @ theirs.T) / np.maximum(norms, 1e-12)
        return alike

    def _fading(self, item_ids: Sequence[ItemId], taste: Taste) -> tuple[NDArray[np.bool_], Floats]:
        """Which candidates were passed over too often, (candidates,), and what passes cost each."""
        if not taste.passes:
            return np.zeros(len(item_ids), dtype=bool), np.zeros(len(item_ids))
        passes = np.array([taste.passes.get(item_id, 0) for item_id in item_ids], dtype=np.float64)
        patience = self.rules.patience
        return passes >= self.rules.most_passes, self.rules.affinity * np.log(patience / (patience + passes))

    def _carrier(self, row: int, lifts: Sequence[Floats]) -> tuple[str, str] | None:
        """The attribute and value that lift an item most; None where none does."""
        found, most = None, 0.0
        for trait, lift in zip(self.traits.traits, lifts, strict=True):
            for code in trait.codes[row].tolist():
                if code < len(lift) and lift[code] * trait.worth[row] > most:
                    found, most = (trait.name, trait.values[code]), float(lift[code] * trait.worth[row])
        return found


def _scaled(scores: Floats) -> Floats:
    """Scores from 0 for the lowest to 1 for the highest; all 1 where they do not differ."""
    low, high = float(scores.min()), float(scores.max())
    scaled: Floats = (scores - low) / (high - low) if high > low else np.ones(len(scores))
    return scaled
