"""How good a ranking is by the tastes that decide the clicks, which no model sees: 0 is popularity, 1 an oracle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.values.interval import Z_95, Interval
from recommender import Recommender
from seed_data.population import Population

K = 10
JUDGES = 400
HISTORY = 5
FIRST_JUDGE = 9_000_000
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Judge:
    """A visitor nobody trained on: what they have opened, and their true interest in every item, (items,)."""

    history: tuple[str, ...]
    interest: NDArray[np.float64]


def judges(population: Population, count: int = JUDGES, day: float = 14.0, seed: int = 7) -> list[Judge]:
    """Visitors who were shown random items until they had opened five; the same arguments give the same ones."""
    ids = [item.item_id for item in population.items]
    found = []
    for number in range(count):
        rng = np.random.default_rng((seed, 17, number))
        interest = population.visitor(FIRST_JUDGE + number).affinity(None, day)
        opened: list[int] = []
        while len(opened) < HISTORY:
            shown = rng.choice(len(ids), min(_SHOWN, len(ids)), replace=False)
            opened += [row for row in shown[rng.random(len(shown)) < interest[shown]].tolist() if row not in opened]
        found.append(Judge(tuple(ids[row] for row in opened[:HISTORY]), interest))
    return found


@dataclass(frozen=True, slots=True)
class Quality:
    """One model before the judges.

    model: mean true chance of a click on its ten best; popular, oracle and learnable: the same of the ten most popular,
    of the ten that suit best, and of what the best of all learners would show (`benchmarks.site.ceiling`; None where it
    was not asked). ndcg: NDCG@10 with true interest as gain. captured, captured_of_learnable: share of the way from
    popularity to the oracle, and to the best of all learners. coverage: share of the catalog that anybody was shown.
    gini: inequality of exposure, 0 even, 1 all on one.
    """

    model: Interval
    popular: Interval
    oracle: Interval
    ndcg: Interval
    captured: Interval
    coverage: float
    gini: float
    judges: int
    learnable: Interval | None = None
    captured_of_learnable: Interval | None = None

    def plain(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def measure_quality(
    model: Recommender | None,
    popular: Sequence[str],
    population: Population,
    panel: Sequence[Judge],
    learnable_rows: Sequence[Sequence[int]] | None = None,
) -> Quality:
    """Rank ten items for every judge, their history left out; without a model everybody gets what is popular.

    learnable_rows: the ten of each judge by `ceiling_rows`.
    """
    index = population.index
    order = [index[item_id] for item_id in popular]
    histories = [{index[item_id] for item_id in judge.history} for judge in panel]
    popular_rows = [[row for row in order if row not in history][:K] for history in histories]
    ranked = popular_rows if model is None else _ranked(model, panel, index)
    # As on the site, what is popular follows where a model has too little to say.
    ranked = [
        rows + [row for row in rest if row not in rows][: K - len(rows)]
        for rows, rest in zip(ranked, popular_rows, strict=True)
    ]
    best_rows = [_best(judge.interest, history) for judge, history in zip(panel, histories, strict=True)]
    shown, plain, ideal = (_interest(panel, rows) for rows in (ranked, popular_rows, best_rows))
    ndcg = np.array([_ndcg(*case) for case in zip(panel, ranked, best_rows, strict=True)])
    learnable = None if learnable_rows is None else _interest(panel, learnable_rows)
    exposure = np.bincount(np.concatenate(ranked).astype(np.int64), minlength=len(index))
    return Quality(
        model=_mean(shown),
        popular=_mean(plain),
        oracle=_mean(ideal),
        ndcg=_mean(ndcg),
        captured=_ratio(shown - plain, ideal - plain),
        coverage=round(float((exposure > 0).mean()), 4),
        gini=round(gini(exposure), 4),
        judges=len(panel),
        learnable=None if learnable is None else _mean(learnable),
        captured_of_learnable=None if learnable is None else _ratio(shown - plain, learnable - plain),
    )


def gini(exposure: NDArray[Any]) -> float:
    """Gini coefficient of how often each item was shown."""
    ordered = np.sort(exposure.astype(np.float64))
    total = ordered.sum()
    if not total:
        return 0.0
    ranks = np.arange(1, len(ordered) + 1)
    return float((2 * (ranks * ordered).sum() / total - (len(ordered) + 1)) / len(ordered))


def _ranked(model: Recommender, panel: Sequence[Judge], index: dict[str, int]) -> list[list[int]]:
    found = model.recommend_many([judge.history for judge in panel], k=K)
    return [[index[str(hit.item_id)] for hit in hits] for hits in found]


def _best(interest: NDArray[np.float64], history: set[int]) -> list[int]:
    return [row for row in np.argsort(-interest, kind="stable")[: K + len(history)].tolist() if row not in history][:K]


def _interest(panel: Sequence[Judge], rows: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    return np.array([judge.interest[list(row)].mean() for judge, row in zip(panel, rows, strict=True)])


def _ndcg(judge: Judge, rows: Sequence[int], best: Sequence[int]) -> float:
    discounts = 1.0 / np.log2(np.arange(2, K + 2))
    gains = judge.interest[list(rows)] @ discounts[: len(rows)]
    return float(gains / (judge.interest[list(best)] @ discounts[: len(best)]))


def _mean(values: NDArray[np.float64]) -> Interval:
    half = Z_95 * float(values.std(ddof=1)) / math.sqrt(len(values))
    mean = float(values.mean())
    return Interval(round(mean, 5), round(mean - half, 5), round(mean + half, 5))


def _ratio(gained: NDArray[np.float64], possible: NDArray[np.float64]) -> Interval:
    """Ratio of means with the delta method's interval."""
    ratio = float(gained.mean() / possible.mean())
    residuals = gained - ratio * possible
    half = Z_95 * float(residuals.std(ddof=1)) / math.sqrt(len(gained)) / float(possible.mean())
    return Interval(round(ratio, 4), round(ratio - half, 4), round(ratio + half, 4))
