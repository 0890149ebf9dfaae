"""The second stage of the site's models: learned from what slates showed, with every refit and every update."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np

from app.catalog.attributes import stage_attributes
from app.store import Store
from app.store.exposures import exposures_since
from app.store.items import all_items
from app.store.slates import OWN_SHELVES
from app.visitors.contribution import ContributionRules
from recommender import Exposures, FactorModel, Interactions, SecondStage, StageTrainer

NEWEST_EVENTS = 1_000_000
"""Events that exposures are read from at a start: tastes and catalogs of longer ago tell little."""


class StageLearner:
    """Follows the exposures of one database and learns second stages from them.

    Only visitors who are trusted teach: whoever makes visitors must not be able to make an item look liked, or another
    passed over. Excluded and erased visitors are left out by a new learner after every change.
    """

    def __init__(self, rules: ContributionRules, seed: int) -> None:
        self._rules = rules
        self._trainer = StageTrainer(seed)
        self._stage: SecondStage | None = None
        self._seq = 0
        self._visitors: dict[str, int] = {}
        self._shelves: dict[str, int] = {}
        self._item_numbers: dict[str, int] = {}
        self._trusted = bytearray()
        self._users, self._items, self._contexts, self._positions = (array("i") for _ in range(4))
        self._clicked = array("b")
        self._times = array("d")

    @property
    def facts(self) -> dict[str, Any]:
        """What the last learning did, for the registry; empty before there is one."""
        report, stage = self._trainer.report, self._stage
        if report is None or stage is None:
            return {}
        weights = dict(zip(stage.feature_names, stage.weights.round(4).tolist(), strict=True))
        return asdict(report) | {"weights": weights, "examination": stage.examination.round(4).tolist()}

    def learn(self, store: Store, log: Interactions, model: FactorModel, anew: bool) -> SecondStage:
        """A second stage for `model`, learned from `log`. anew: classes and folds as well as weights and rates."""
        self._read(store)
        attributes = stage_attributes(all_items(store.reader()))
        learn = self._trainer.fit if anew else self._trainer.update
        self._stage = learn(model, log, self._exposures(model), attributes)
        return self._stage

    def merge(self, merged: Iterable[tuple[str, str]]) -> None:
        """Give what was shown to the first of each pair to the second: both were one person."""
        for gone, kept in merged:
            user = self._visitors.pop(gone, None)
            if user is None:
                continue
            into = self._visitors.get(kept)
            if into is None:
                self._visitors[kept] = user
                continue
            self._trusted[into] |= self._trusted[user]
            users = np.frombuffer(self._users, dtype=np.intc)
            users[users == user] = into
            self._visitors[f"\n{user}"] = user  # a number that nobody has: numbers stay those of the rows

    def _read(self, store: Store) -> None:
        for row in exposures_since(store.reader(), self._seq, NEWEST_EVENTS):
            user = self._visitors.setdefault(row.visitor_id, len(self._visitors))
            if user == len(self._trusted):
                self._trusted.append(0)
            if self._rules.trusts(row):
                self._trusted[user] = 1
            self._users.append(user)
            self._items.append(self._item_numbers.setdefault(row.item_id, len(self._item_numbers)))
            self._contexts.append(self._shelves.setdefault(row.shelf, len(self._shelves)))
            self._positions.append(row.position)
            self._clicked.append(row.clicked)
            self._times.append(row.at)
            self._seq = row.seq

    def _exposures(self, model: FactorModel) -> Exposures:
        """The exposures of trusted visitors to items that the model knows."""
        dense = np.array([model.index_of.get(item_id, -1) for item_id in self._item_numbers], dtype=np.int32)
        users, items = np.array(self._users, np.int32), np.array(self._items, np.int32)
        known = dense[items] if len(items) else items
        trusted = np.frombuffer(bytes(self._trusted), np.uint8).astype(np.bool_)
        kept = (known >= 0) & trusted[users] if len(users) else np.zeros(0, np.bool_)
        return Exposures.from_arrays(
            tuple(name for _, name in sorted((number, name) for name, number in self._visitors.items())),
            users[kept],
            known[kept],
            np.array(self._clicked, np.int8)[kept].astype(np.bool_),
            np.array(self._times)[kept],
            np.array(self._positions, np.int32)[kept],
            np.array(self._contexts, np.int32)[kept],
            [number for shelf, number in self._shelves.items() if shelf in OWN_SHELVES],
        )
