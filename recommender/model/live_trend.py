"""The trend of the day kept up between trainings: what is taken now counts at once, without a fit."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from recommender.interactions.checks import ItemId, check_id, check_number, check_weight
from recommender.interactions.rows import check_horizon, latest_time, too_late
from recommender.model.factor_model import FactorModel
from recommender.transitions.transitions import Transitions

FRESH = 7.0
"""How many times as much the trend counts when it is a minute old as when it is as old as the training: on news, whose
models are hours old when they are replaced, weights of 10, 20 and 60 in place of 3 were level and an eighth better."""
LARGEST_EXPONENT = 500.0
"""Half-lives since the start of the units after which counts are put into new ones, long before numbers overflow."""


class LiveTrend:
    """Recent popularity of a model's items, from its training on, and models that have it as their trend.

    Counts fade with `half_life`; a newer click is worth more than 1 in units of the start, so that fading costs nothing
    (forward decay: Cormode, Shkapenyuk, Srivastava, Xu, 2009). Not safe between threads: one thread adds and refreshes,
    and hands the models out, which are safe to share. Begin a new one with every newly trained model.
    """

    def __init__(
        self,
        model: FactorModel,
        trained_at: float,
        half_life: float = 600.0,
        *,
        horizon: float | None = None,
        weight: float | None = None,
    ) -> None:
        """`trained_at`: the newest time in the log that the model learned, in seconds, for which its popularity holds;
        half_life: seconds after which a click counts half in the trend. horizon: the latest time that is believed, a
        day from now if not given, as in a log: one click far ahead would silence all others. weight: `trend_weight` of
        the models that are handed out; FRESH times that of the model if not given. Raises ValueError for a half-life or
        a weight that is not above zero, for a time after the horizon, and for a model whose `trend_weight` is zero, as
        nothing would follow.
        """
        if not model.config.trend_weight:
            raise ValueError("the model's trend_weight is 0, so that no trend counts; train with one, or see `tune`")
        self._model = model
        given = FRESH * model.config.trend_weight if weight is None else check_number(weight, "weight", 1e-9, 1e18)
        self._config = replace(model.config, trend_weight=given)
        self._horizon = check_horizon(horizon)
        self._start = self._checked_time(trained_at, "trained_at")
        self._half_life = check_number(half_life, "half_life", 1e-3, 1e18)
        self._index_of = dict(model.index_of)
        self._counts = np.maximum(model.popularity.astype(np.float64), 0.0)
        self._newest = self._start

    def add(self, item_id: ItemId, at: float, weight: float = 1.0) -> bool:
        """Count a click at a time in seconds; returns False for an item that the model does not know.

        Clicks may come in any order, and a weight below zero takes one back. Raises ValueError for an id, a time or a
        weight of the wrong kind, and for a time after the horizon.
        """
        amount, moment = check_weight(weight, "the weight"), self._checked_time(at, "the time")
        index = self._index_of.get(item_id)
        if index is None:
            check_id(item_id)
            return False
        self._rebase(moment)
        self._newest = max(self._newest, moment)
        self._counts[index] += amount * math.exp2((moment - self._start) / self._half_life)
        return True

    def refreshed(self) -> FactorModel:
        """The model with the trend as it is now, and with recent popularity for who has no history, in clicks of the
        newest time that was counted.

        Lays out the factors anew: milliseconds for tens of thousands of items, so refresh every minute and not with
        every request.
        """
        model = self._model
        faded = math.exp2((self._start - self._newest) / self._half_life)
        popularity = (np.maximum(self._counts, 0.0) * faded).astype(np.float32)
        following = model.transitions
        trend = Transitions.trend_of(popularity)
        transitions = Transitions(following.indptr, following.next_ids, following.next_weights, **trend)
        return FactorModel(model.item_ids, model.item_factors, popularity, self._config, transitions=transitions)

    def _checked_time(self, value: float, what: str) -> float:
        moment = check_number(value, what)
        horizon = latest_time(self._horizon)
        if moment > horizon:
            raise ValueError(too_late(what, moment, horizon))
        return moment

    def _rebase(self, moment: float) -> None:
        """Begin new units at `moment` when it lies so far ahead that numbers would grow too large."""
        if (moment - self._start) / self._half_life > LARGEST_EXPONENT:
            self._counts *= math.exp2(max(-1000.0, (self._start - moment) / self._half_life))
            self._start = moment
