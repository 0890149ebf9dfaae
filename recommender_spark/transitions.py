"""What usually comes next, counted by Spark SQL: the rules of `recommender/transitions` as one query."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender import ALSConfig
from recommender.transitions.counts import DAMPING_FLOOR, SMALLEST_GAIN
from recommender.transitions.transitions import Transitions
from recommender_spark.work_folder import WorkFolder


def count_transitions(spark: Any, work: WorkFolder, config: ALSConfig, popularity: NDArray[np.float32]) -> Transitions:
    """The transitions of the rows `training` of the work folder, between the items of its `items`.

    A step adds decay**d to each of the `transition_window` nearest other items before it, looking back on four times as
    many rows, and `transition_backward` of that the other way (`count_pairs`); of an item's gains the largest are kept
    and weighed as `TransitionCounts.transitions` does. popularity float32 (items,).
    """
    items = len(popularity)
    if not config.transition_weight:
        return Transitions.empty(items)
    damping = (popularity.astype(np.float64) + DAMPING_FLOOR) ** config.transition_damping
    work.give(spark, "damped", {"target": range(items), "damping": damping.tolist()})
    window = config.transition_window
    amount = f"amount * pow({config.transition_decay!r}D, distance)"
    back = f"{amount} * {config.transition_backward!r}D"
    both = f"UNION ALL SELECT target AS source, source AS target, {back} AS gain FROM led"
    query = f"""
    WITH steps AS (
        SELECT item,
            pow(count(*) OVER (PARTITION BY visitor_id), {-config.transition_activity_damping!r}D) AS amount,
            collect_list(item) OVER (PARTITION BY visitor_id ORDER BY at, seq
                ROWS BETWEEN {4 * window} PRECEDING AND 1 PRECEDING) AS before
        FROM training JOIN items USING (item_id)
    ), led AS (
        SELECT item AS target, amount,
            posexplode(slice(array_remove(array_distinct(reverse(before)), item), 1, {window})) AS (distance, source)
        FROM steps
    ), gains AS (
        SELECT source, target, sum(gain) AS gain
        FROM (SELECT source, target, {amount} AS gain FROM led {both if config.transition_backward else ""})
        GROUP BY source, target
    ), ranked AS (
        SELECT source, target, gain, damping, sum(gain) OVER (PARTITION BY source) AS total,
            row_number() OVER (PARTITION BY source ORDER BY gain / damping DESC, target) AS place
        FROM gains JOIN damped USING (target) WHERE gain >= {SMALLEST_GAIN!r}D
    )
    SELECT source, target, gain / ((total + {config.transition_shrinkage!r}D) * damping) AS weight
    FROM ranked WHERE place <= {config.transition_neighbours}
    """
    work.keep(spark, "transitions", spark.sql(query))
    table = work.arrays("transitions")
    source, target, weight = (table.column(name).to_numpy() for name in ("source", "target", "weight"))
    order = np.lexsort((target, source))
    indptr = np.concatenate(([0], np.cumsum(np.bincount(source, minlength=items)))).astype(np.int64)
    return Transitions(indptr, target[order].astype(np.int32), weight[order].astype(np.float32))
