"""The hidden truth about what the site would show: how much of the possible lift it has captured.

Only the population knows what its visitors like, so only a benchmark may look. The site's list is what its champion
ranks for a visitor's recorded history; popularity scores 0 and an oracle that knows every taste scores 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.flywheel import Flywheel
from app.models.current import load_current
from app.store.interactions import visitor_interactions
from app.visitors.history import history_of
from benchmarks.bulk import simulated_id
from seed_data.population import Population


@dataclass(frozen=True, slots=True)
class Truth:
    """Mean NDCG@k against hidden affinities, of the site's champion and of popularity; the oracle's is 1.

    captured: the share of what lies between popularity and the oracle. visitors: how many had a history.
    version: of the champion, None where nothing is published.
    """

    version: int | None
    visitors: int
    ndcg: float
    popularity: float

    @property
    def captured(self) -> float:
        """(site − popularity) / (1 − popularity): 0 for popularity, 1 for an oracle, below 0 for something worse."""
        return (self.ndcg - self.popularity) / (1 - self.popularity) if self.popularity < 1 else 0.0


def hidden_truth(
    flywheel: Flywheel,
    population: Population,
    visitors: Iterable[int],
    *,
    seed: int = 7,
    day: float = 14.0,
    k: int = 10,
) -> Truth:
    """Score what each of `visitors` (numbers, as in `run_visits`) would see next; those without a history are left out.

    Items of the history are shown by nobody, the oracle included. Nothing is logged.
    """
    settings = flywheel.settings
    found = load_current(settings.models_folder)
    everything = [item.item_id for item in flywheel.catalog.items]
    place = {item_id: index for index, item_id in enumerate(everything)}
    popular = [choice.item_id for choice in flywheel.serve.recommend_for((), len(everything)).ranked]
    learned, baseline = [], []
    for number in visitors:
        rows = visitor_interactions(flywheel.store.reader(), simulated_id(seed, number))
        history = history_of(rows, settings.kind_weights(), settings.history_length).weights
        if not history:
            continue
        affinity = population.visitor(number).affinity(everything, day)
        by_popularity = [item_id for item_id in popular if item_id not in history][:k]
        shown = by_popularity if found is None else [str(hit.item_id) for hit in found[1].recommend(history, k=k)]
        best = np.sort(np.delete(affinity, [place[item_id] for item_id in history]))[::-1][:k]
        learned.append(_gain(affinity[[place[item_id] for item_id in shown]]) / _gain(best))
        baseline.append(_gain(affinity[[place[item_id] for item_id in by_popularity]]) / _gain(best))
    return Truth(None if found is None else found[0].version, len(learned), _mean(learned), _mean(baseline))


def _gain(affinities: NDArray[np.float64]) -> float:
    """Discounted gain of a list, best position first (Järvelin and Kekäläinen, 2002)."""
    return float((affinities / np.log2(np.arange(2, len(affinities) + 2))).sum())


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0
