"""Learning the second stage from what was shown: attributes, classes, rates, and weights on the features they give.

The features of what a user was shown are worked out as they stood then, from the items the user had taken before. So
that factors and classes are those of somebody who was not learned from, users are split in folds, and each fold gets
what was learned from the others (cross-fitting).
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.als.trainer import train
from recommender.interactions.checks import UserId
from recommender.interactions.log import Interactions, check_log
from recommender.model.factor_model import FactorModel
from recommender.second_stage.attributes import ItemAttributes
from recommender.second_stage.audiences import audience_leanings
from recommender.second_stage.beforehand import ATTRIBUTES_TOO, FACTORS_ALONE, KIND, prior_weights
from recommender.second_stage.classes import EverybodysRates, LatentClasses, fit_classes
from recommender.second_stage.exposures import Exposures
from recommender.second_stage.rates import ItemRates, liking_strengths
from recommender.second_stage.stage import SecondStage
from recommender.second_stage.weights import FittedWeights, fit_weights

MAX_EXAMPLES = 100_000
"""About so many pairs, those of a share of the users, teach weights; more would change little and take longer."""

FOLDS, FEW_ROWS = (5, 2), 20_000
"""Folds of a log of up to so many rows, and of a longer one. With few rows it matters how many a fold is denied."""

TYPICAL_USERS = 300
"""Users whose histories say how long the scores of a model typically are."""

MIN_EXAMPLES = 200
"""Pairs below which the order of the first stage is kept."""


@dataclass(frozen=True, slots=True)
class StageReport:
    """What learning did. pairs: exposures known; examples: those that weights were learned from; prior: which prior the
    data made likelier; seconds: duration.
    """

    pairs: int
    examples: int
    prior: str
    precision: float
    seconds: float


class StageTrainer:
    """Learns second stages of models of one log. Not for use by several threads at once."""

    def __init__(self, seed: int = 7) -> None:
        self.seed = seed
        self.report: StageReport | None = None
        self._models: tuple[FactorModel, ...] = ()
        self._units: tuple[float, ...] = ()
        self._classes: LatentClasses | None = None
        self._fold_classes: tuple[LatentClasses, ...] = ()
        self._strength: NDArray[np.float32] | None = None
        self._everybody: EverybodysRates | None = None
        self._leanings: NDArray[np.float64] | None = None
        self._items: tuple[Any, ...] = ()

    def fit(
        self,
        model: FactorModel,
        log: Interactions,
        exposures: Exposures,
        attributes: Mapping[Any, Iterable[str]],
    ) -> SecondStage:
        """A second stage for `model`, which was trained on `log`, everything learned anew.

        exposures: of items by the model's numbers. attributes: of items by id, see `ItemAttributes.of`.
        """
        self._items = ()
        return self.update(model, log, exposures, attributes)

    def update(
        self,
        model: FactorModel,
        log: Interactions,
        exposures: Exposures,
        attributes: Mapping[Any, Iterable[str]],
    ) -> SecondStage:
        """The same with the classes and folds of the last fit, where the model has the items it had then: rates and
        weights follow what is new at a fraction of the cost.
        """
        started = time.perf_counter()
        if not isinstance(exposures, Exposures):
            raise ValueError(
                f"exposures must be Exposures, got {type(exposures).__name__}; make them of what was shown: "
                "Exposures.from_rows(rows, model.index_of)"
            )
        check_log(log)
        described = ItemAttributes.of(attributes, model.item_ids)
        if self._items != model.item_ids or self._classes is None or self._strength is None:
            self._learn_parts(model, log, exposures, described)
        assert self._classes is not None
        assert self._strength is not None
        like = None if self._everybody is None else self._everybody.like
        rates = ItemRates(exposures, len(model), self._leanings, like)
        stage = SecondStage(
            described,
            self._classes,
            self._strength,
            rates.log_rates(),
            prior_weights(described, FACTORS_ALONE, 0.0),
            score_unit=typical_unit(model, log, exposures.user_ids),
        )
        features, chosen = self._examples(stage, rates, log, exposures)
        prior = "factors alone"
        if len(chosen) >= MIN_EXAMPLES and exposures.taken[chosen].any():
            prior, fitted = self._likelier(described, features, exposures, chosen)
            stage = replace(
                stage,
                weights=fitted.weights,
                examination=fitted.examination,
                examples=len(chosen),
                precision=fitted.precision,
            )
        seconds = time.perf_counter() - started
        self.report = StageReport(len(exposures), len(chosen), prior, stage.precision, seconds)
        return stage

    def _learn_parts(
        self, model: FactorModel, log: Interactions, exposures: Exposures, described: ItemAttributes
    ) -> None:
        same = self._items == model.item_ids
        self._classes, self._everybody = fit_classes(
            exposures, described, seed=self.seed, warm_start=self._classes if same else None
        )
        folds = FOLDS[0] if log.rows <= FEW_ROWS else FOLDS[1]
        fold = np.array([fold_of(user_id, folds) for user_id in exposures.user_ids], dtype=np.int8)
        self._fold_classes = tuple(
            LatentClasses.fit(exposures.of_users(fold != left_out), described, seed=self.seed)
            for left_out in range(folds)
        )
        expected = None if self._everybody is None else self._everybody.rates
        self._leanings = audience_leanings(exposures, self._classes, expected)
        taken = exposures.taken
        self._strength = liking_strengths(described, exposures.users[taken], exposures.items[taken])
        self._models = tuple(_without_fold(model, log, left_out, folds, self.seed) for left_out in range(folds))
        self._units = tuple(typical_unit(each, log, exposures.user_ids) for each in self._models)
        self._items = model.item_ids

    def _likelier(
        self, described: ItemAttributes, features: NDArray[np.float64], exposures: Exposures, chosen: NDArray[np.intp]
    ) -> tuple[str, FittedWeights]:
        """Weights under the prior that the data make likelier: factors alone, or attributes beside them."""
        priors = {
            "factors alone": prior_weights(described, FACTORS_ALONE, 0.0),
            "attributes": prior_weights(described, ATTRIBUTES_TOO, KIND),
        }
        fits = {
            name: fit_weights(
                features,
                exposures.taken[chosen],
                exposures.positions[chosen],
                exposures.contexts[chosen],
                prior,
                exposures.worths(chosen),
            )
            for name, prior in priors.items()
        }
        return max(fits.items(), key=lambda entry: entry[1].evidence)

    def _examples(
        self, stage: SecondStage, rates: ItemRates, log: Interactions, exposures: Exposures
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Features float64 (examples, features) of what was shown to users with a history, and its rows."""
        bounds = exposures.indptr()
        found: list[NDArray[np.float64]] = []
        chosen: list[NDArray[np.intp]] = []
        share = min(1.0, MAX_EXAMPLES / max(1, len(exposures)))
        stages = tuple(
            replace(stage, classes=classes, score_unit=unit)
            for classes, unit in zip(self._fold_classes, self._units, strict=True)
        )
        for user in range(len(bounds) - 1):
            user_id = exposures.user_ids[user]
            number = log.user_index(user_id)
            if number is None or bounds[user] == bounds[user + 1] or not _is_drawn(user_id, share):
                continue
            shown = np.arange(bounds[user], bounds[user + 1])
            own = fold_of(user_id, len(stages))
            for rows, features in _of_user(stages[own], self._models[own], log, number, exposures, shown):
                found.append(features)
                chosen.append(rows)
        if not chosen:
            return np.empty((0, len(stage.weights))), np.empty(0, np.intp)
        rows = np.concatenate(chosen)
        table = np.concatenate(found)
        table[:, -1] = rates.without(exposures.items[rows], exposures.taken[rows])
        return table, rows


def fold_of(user_id: UserId, folds: int) -> int:
    """The fold, from 0, that a user belongs to, for ever."""
    return zlib.crc32(str(user_id).encode()) % folds


def typical_unit(model: FactorModel, log: Interactions, user_ids: Sequence[UserId]) -> float:
    """What gives the scores of a typical history a mean square of 1 over all items; 0 where no user has one.

    The same users are asked whatever the model, so that features of models that learned from more or from fewer users
    are alike in size.
    """
    folding, norms = model.ranker.folding, []
    for user_id in user_ids[:: max(1, len(user_ids) // TYPICAL_USERS)]:
        number = log.user_index(user_id)
        if number is None:
            continue
        sequence = log.sequences(np.array([number], dtype=np.int32))
        if len(sequence.items):
            items, weights = _once(sequence.items, log.weights_of(sequence.rows))
            norms.append(folding.score_norm(folding.fold_in(items, weights)))
    typical = float(np.median(norms)) if norms else 0.0
    return len(model) ** 0.5 / typical if typical > 0 else 0.0


def _is_drawn(user_id: UserId, share: float) -> bool:
    """Whether a user is among the share whose exposures are examples; the same ones as long as the share stays."""
    return zlib.crc32(f"example {user_id}".encode()) < share * 2**32


def _without_fold(model: FactorModel, log: Interactions, left_out: int, folds: int, seed: int) -> FactorModel:
    """A model of the users of all folds but one, with the items of the whole log in the same order."""
    part = log.copy()
    for user_id in log.user_ids:
        if user_id is not None and fold_of(user_id, folds) == left_out:
            part.discard(user_id)
    return train(part, model.config, seed=seed) if part.rows else model


def _of_user(
    stage: SecondStage,
    model: FactorModel,
    log: Interactions,
    number: int,
    exposures: Exposures,
    shown: NDArray[np.intp],
) -> Iterable[tuple[NDArray[np.intp], NDArray[np.float64]]]:
    """What one user was shown, by the history that the user had then, and its features; without a history nothing."""
    sequence = log.sequences(np.array([number], dtype=np.int32))
    weights = log.weights_of(sequence.rows)
    if np.isnan(sequence.times).any():  # what came before is not known: all the rest of what the user took is
        for row in shown:
            others = sequence.items != exposures.items[row]
            if others.any():
                yield _features(stage, model, sequence.items[others], weights[others], exposures, row[None])
        return
    ages = np.searchsorted(sequence.times, exposures.times[shown], side="left")
    for length in np.unique(ages[ages > 0]).tolist():
        rows = shown[ages == length]
        rows = rows[~np.isin(exposures.items[rows], sequence.items[:length])]
        if len(rows):
            yield _features(stage, model, sequence.items[:length], weights[:length], exposures, rows)


def _features(
    stage: SecondStage,
    model: FactorModel,
    taken: NDArray[np.int32],
    weights: NDArray[np.float32],
    exposures: Exposures,
    rows: NDArray[np.intp],
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Features of some exposures by one history: items taken and their weights, oldest first, items perhaps twice."""
    items, values = _once(taken, weights)
    ranker = model.ranker
    user = ranker.folding.fold_in(items, values)
    candidates = np.ascontiguousarray(exposures.items[rows])
    totals = ranker.scores(user, items, values, candidates)
    norm = ranker.folding.score_norm(user)
    return rows, stage.features(stage.view(items, values), candidates, totals, user, model.item_factors, norm)


def _once(taken: NDArray[np.int32], weights: NDArray[np.float32]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Each item that was taken once, at the place of its newest row, with the sum of its weights."""
    newest = dict(zip(taken.tolist(), range(len(taken)), strict=True))
    items = np.array(sorted(newest, key=newest.__getitem__), dtype=np.int32)
    return items, np.bincount(taken, weights=weights)[items].astype(np.float32)
