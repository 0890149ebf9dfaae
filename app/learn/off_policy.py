"""What a model's shelf would have been worth, from what was clicked on the shelves that other models filled.

The target policy is the model's ranking with the site's exploration, on the slates that were logged: same visitors,
same histories, same places. Its worth is clicks for each entry shown. A log knows nothing of what it never shows, such
as the champion's best item at another place: the share of the target that it covers is the mean weight, and below
MIN_SUPPORT, or with too few entries that count, an estimate is not meaningful and is not shown to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.catalog.traits import item_traits
from app.learn.candidate import Candidate
from app.models.balance import CANDIDATES, learned_row
from app.settings import Settings
from app.store import Store
from app.store.interactions import interactions_of
from app.store.items import all_items
from app.store.measures.logged import LoggedShelf, newest_shelves
from app.store.passes import views_of
from app.values.origin import LIVE_ORIGINS
from app.visitors.history import history_of, rows_before
from app.visitors.passes import REMEMBERED_S, passes_of
from recommender import FactorModel, PopularityModel, Recommendation, SlatePolicy
from recommender.evaluation import OffPolicyEstimate, doubly_robust, ips, snips
from recommender.reranking.balanced_row import BalancedRow, Taste
from recommender.reranking.traits import ItemTraits

NEWEST = 1000
"""Slates that an estimate looks at, newest first: a second of work for each model."""

LARGEST_WEIGHT = 100.0
"""Weights above this are cut down: one click on a wild card would otherwise outweigh a thousand shelves."""

MIN_SUPPORT = 0.8
"""Share of what the model would show that the log must have been able to show: a choice, not a measured border. In 40
simulated logs of 300 visitors with about half of the top places moved, 95 % intervals of IPS held the truth in 58 %."""

MIN_SHELVES = 50
"""With fewer slates nothing is estimated."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Situation:
    """A logged shelf, the history that it was ranked by (item to weight, newest last), what was hidden, and how often
    items had been on screen. start: the history that the visit began with, which wild cards follow.
    """

    shelf: LoggedShelf
    history: Mapping[str | int, float]
    hidden: frozenset[str]
    start: Mapping[str | int, float]
    passes: Mapping[str | int, int] = field(default_factory=dict)


def with_estimates(candidate: Candidate, store: Store, settings: Settings) -> Candidate:
    """The candidate with estimates of its own worth and popularity's, by origin of the visitors."""
    found: dict[str, dict[str, Any]] = {}
    row = learned_row(ItemTraits(*item_traits(all_items(store.reader()))), settings, store)
    policy = SlatePolicy(settings.exploration_share, settings.exploration_first_place - 1)
    for origin in LIVE_ORIGINS:
        situations = read_situations(store, settings, [origin])
        for name, model in (("candidate", candidate.model), ("popularity", candidate.popularity)):
            estimated = estimate(
                model, situations, policy, settings.exploration_pool, row if name == "candidate" else None
            )
            if estimated is not None:
                found.setdefault(origin, {})[name] = estimated
    return replace(candidate, off_policy=found)


def read_situations(store: Store, settings: Settings, origins: Sequence[str], newest: int = NEWEST) -> list[Situation]:
    """The newest logged shelves, each with its visitor's history as of then."""
    conn = store.reader()
    shelves = newest_shelves(conn, origins, newest)
    of_visitor = interactions_of(conn, {shelf.visitor_id for shelf in shelves})
    situations = []
    for shelf in shelves:
        past = rows_before(of_visitor[shelf.visitor_id], shelf.served_at)
        history = history_of(past, settings.kind_weights(), settings.history_length)
        if history.weights:
            seen = views_of(conn, shelf.visitor_id, shelf.served_at - REMEMBERED_S, shelf.served_at)
            passes = dict[str | int, int](passes_of(seen).counts.items())
            weights = dict[str | int, float](history.weights.items())
            start = dict[str | int, float](history.at_start(shelf.served_at).items())
            situations.append(Situation(shelf, weights, history.opinions.hidden, start, passes))
    return situations


def estimate(
    model: FactorModel | PopularityModel,
    situations: Sequence[Situation],
    policy: SlatePolicy,
    pool_size: int,
    row: BalancedRow | None = None,
) -> dict[str, Any] | None:
    """IPS, SNIPS and doubly robust estimates of clicks for each entry, and the log's own; None for too small a log.

    row: how the site would balance what the model ranks; None leaves the model's order.
    support: the mean weight, an estimate of the share of the target that the log could have shown, at most 1.
    The predictions of the doubly robust one are click rates by position of the other half of the visitors, so that no
    click predicts itself.
    """
    if len(situations) < MIN_SHELVES:
        return None
    rewards, logged, target, positions, visitors = [], [], [], [], []
    k = max(CANDIDATES, max(len(situation.shelf.items) for situation in situations) + pool_size)
    rankings = model.recommend_many([situation.history for situation in situations], k=k)
    begun = model.recommend_many([situation.start for situation in situations], k=k)
    for situation, hits, first_hits in zip(situations, rankings, begun, strict=True):
        shelf = situation.shelf
        kept = [hit for hit in hits if hit.item_id not in situation.hidden]
        ranking = [hit.item_id for hit in kept] if row is None else _balanced(row, kept, situation)
        best = [hit.item_id for hit in first_hits if hit.item_id not in situation.hidden]
        pool = [item_id for item_id in best[len(shelf.items) :][:pool_size] if item_id not in situation.history]
        chances = target_chances(ranking, shelf.items, policy, pool)
        for position, (chance, shown) in enumerate(zip(chances, shelf.propensities, strict=True), start=1):
            rewards.append(float(position in shelf.clicked))
            logged.append(shown)
            target.append(chance)
            positions.append(position)
            visitors.append(shelf.visitor_id)
    if not any(target):
        return None
    predicted = _rates_of_the_others(np.array(rewards), np.array(positions), visitors)
    weighted = (rewards, logged, target)
    found = {
        "ips": ips(*weighted, visitors, LARGEST_WEIGHT),
        "snips": snips(*weighted, visitors, LARGEST_WEIGHT),
        # Every policy fills the position, so its expected prediction there is the prediction itself.
        "doubly_robust": doubly_robust(*weighted, predicted, predicted, visitors, LARGEST_WEIGHT),
        "logged": ips(rewards, logged, logged, visitors),
    }
    support = min(1.0, float(np.mean(np.divide(target, logged))))
    return {
        "shelves": len(situations),
        "support": support,
        **{name: _as_json(value, name == "logged" or support >= MIN_SUPPORT) for name, value in found.items()},
    }


def _balanced(row: BalancedRow, hits: Sequence[Recommendation], situation: Situation) -> list[str | int]:
    """The model's best in the order in which the site would show them."""
    known = [hit for hit in hits if hit.item_id in row.traits.row_of]
    taste = Taste(situation.history, situation.hidden, situation.passes)
    ids, scores = [hit.item_id for hit in known], [hit.score for hit in known]
    found = row.arrange(ids, scores, len(situation.shelf.items), taste)
    return [ids[place] for place in found.order]


def target_chances(
    ranking: Sequence[str | int], shown: Sequence[str], policy: SlatePolicy, pool: Sequence[str | int]
) -> list[float]:
    """For each shown entry, the chance with which `policy` on this ranking would have shown it at that place, where the
    other places show what they rank. pool: what it would have drawn from, of which no ranked item is drawn.
    """
    k = min(len(shown), len(ranking))
    items, e = set(pool), policy.explore_share
    explorable = items.difference(ranking[:k])
    chances = []
    for place, item_id in enumerate(shown):
        explores = policy.first_slot <= place < k and place - policy.first_slot < len(items)
        if place < k and ranking[place] == item_id:
            chances.append(1.0 - e * len(explorable) / len(items) if explores else 1.0)
        else:
            chances.append(e / len(items) if explores and item_id in explorable else 0.0)
    return chances


def _rates_of_the_others(rewards: Floats, positions: NDArray[np.int64], visitors: Sequence[str]) -> Floats:
    """For each row, the click rate at its position among the visitors of the other half; halves by turns."""
    numbers: dict[str, int] = {}
    half = np.array([numbers.setdefault(visitor, len(numbers)) % 2 for visitor in visitors])
    predicted = np.zeros(len(rewards))
    for own in (0, 1):
        other = half != own
        clicks = np.bincount(positions[other], rewards[other], minlength=int(positions.max()) + 1)
        shown = np.bincount(positions[other], minlength=int(positions.max()) + 1)
        predicted[~other] = (clicks / np.maximum(shown, 1))[positions[~other]]
    return predicted


def _as_json(value: OffPolicyEstimate, is_supported: bool) -> dict[str, Any]:
    figures = {name: number if isfinite(number) else None for name, number in asdict(value).items()}
    return {**figures, "is_meaningful": value.is_meaningful and is_supported}
