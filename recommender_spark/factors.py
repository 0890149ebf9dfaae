"""Factors by Spark's ALS, with its settings made of ours.

Both solve Hu, Koren, Volinsky (2008). What differs, and what is done about it:

Confidence. Ours in a pair of weight w is c = alpha * w * share, where the share is what `activity_shrinkage` leaves of
the user's rows, and 1 where there is none. Spark's is 1 + its alpha * rating,
so alpha 1 and ratings of c - 1 are the same equations. Spark cannot state a confidence below 1: such pairs get 1.

Regularization. Ours is the same number on every row (or grows with `regularization_exponent`); Spark multiplies its
regParam by the count n of the row (Zhou et al. 2008). No regParam makes both equal, so it is chosen such that a *pair*
is regularised alike on average: over pairs, the mean of ours is <r> and that of the counts <n> = sum n^2 / sum n, for
users and for items. A factorisation only feels the product of both sides, so
    regParam = sqrt(<r>_users <r>_items / (<n>_users <n>_items)),
and the item factors are brought to our scale, times ((<r>_users / <r>_items) / (<n>_users / <n>_items)) ** (1/4), so
that folding in with our regularization fits them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender import ALSConfig
from recommender.als.learned_factors import LARGEST_REGULARIZATION
from recommender_spark.work_folder import WorkFolder

LEAST_RATING = 1e-6
"""Spark takes a rating of 0 for something not wanted: a confidence of 1 is stated as this much more."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Spark's settings for one set of pairs. regularization: ours, as it was lowered on little data, see `ALSConfig`.

    scale: what Spark's item factors are multiplied by. pairs: how many there are; raised: those of them whose
    confidence Spark cannot state.
    """

    reg_param: float
    regularization: float
    scale: float
    pairs: int
    raised: int


@dataclass(frozen=True, slots=True)
class Side:
    """Users or items: rows, the pairs of all, the sum of squares of their counts, and of what these are regularised by
    (relative to `regularization`), weighted by the counts.
    """

    rows: int
    pairs: int
    squares: float
    relative: float


def map_settings(config: ALSConfig, users: Side, items: Side, strength: float, raised: int) -> Mapping:
    """Spark's settings for pairs with these sums. strength: estimate of the largest singular value of their weights."""
    largest = max(LARGEST_REGULARIZATION * config.alpha * strength, 1e-6)
    regularization = min(config.regularization, largest)
    ours = [regularization * side.relative / side.pairs for side in (users, items)]
    counts = [side.squares / side.pairs for side in (users, items)]
    reg_param = math.sqrt(ours[0] * ours[1] / (counts[0] * counts[1]))
    scale = ((ours[0] / ours[1]) / (counts[0] / counts[1])) ** 0.25
    return Mapping(reg_param, regularization, scale, users.pairs, raised)


def measure_pairs(spark: Any, config: ALSConfig) -> Mapping:
    """The settings for the view `pairs`."""
    totals = spark.sql("SELECT count(DISTINCT user), count(DISTINCT item) FROM pairs").first()
    sides = []
    for side, others in (("user", totals[1]), ("item", totals[0])):
        grown = f"pow(1 + {config.alpha!r}D * n / {others}, {config.regularization_exponent!r}D)"
        found = spark.sql(
            f"SELECT count(*), sum(n), sum(n * n), sum(n * {grown})"
            f" FROM (SELECT {side}, CAST(count(*) AS DOUBLE) AS n FROM pairs GROUP BY {side})"
        ).first()
        sides.append(Side(found[0], int(found[1]), found[2], found[3]))
    left = spark.sql("SELECT sum(weight * share) / sum(weight) FROM pairs WHERE NOT described").first()[0]
    counted = "true" if config.activity_shrinkage else "NOT described"
    on_average = f"weight * CASE WHEN described THEN 1D ELSE {left!r}D END"
    squares = [
        spark.sql(
            f"SELECT sum(pow(w, 2)), sum(w) FROM (SELECT sum({weight}) AS w FROM pairs WHERE {counted} GROUP BY {side})"
        ).first()
        for side, weight in (("user", "weight * share"), ("item", on_average))
    ]
    # The expected-degree estimate that the library takes, see `LogReader.strength`.
    strength = math.sqrt(squares[0][0] * squares[1][0]) / squares[1][1]
    raised = spark.sql(f"SELECT count_if({config.alpha!r}D * weight * share < 1) FROM pairs").first()[0]
    return map_settings(config, sides[0], sides[1], strength, raised)


def fit_factors(
    spark: Any, work: WorkFolder, config: ALSConfig, mapping: Mapping, items: int, seed: int
) -> NDArray[np.float32]:
    """Item factors float32 (items, factors) of the view `pairs`, on our scale; zeros for items without pairs."""
    from pyspark.ml.recommendation import ALS

    rated = spark.sql(
        "SELECT CAST(user AS INT) AS user, CAST(item AS INT) AS item,"
        f" CAST(greatest({config.alpha!r}D * weight * share - 1, {LEAST_RATING!r}D) AS FLOAT) AS rating FROM pairs"
    )
    als = ALS(
        rank=config.factors,
        maxIter=config.iterations,
        regParam=mapping.reg_param,
        alpha=1.0,
        implicitPrefs=True,
        userCol="user",
        itemCol="item",
        ratingCol="rating",
        seed=seed,
    )
    work.keep(spark, "item_factors", als.fit(rated).itemFactors)
    table = work.arrays("item_factors")
    vectors = table.column("features").combine_chunks().flatten().to_numpy(zero_copy_only=False)
    factors = np.zeros((items, config.factors), dtype=np.float32)
    factors[table.column("id").to_numpy()] = vectors.reshape(-1, config.factors) * np.float32(mapping.scale)
    return factors
