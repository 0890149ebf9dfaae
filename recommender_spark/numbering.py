"""Whole numbers for users and items, as Spark's ALS asks for, and the weighted pairs between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from recommender_spark.work_folder import WorkFolder

_PLACE_BITS = 33  # of `monotonically_increasing_id`: the number of the partition is above them


@dataclass(frozen=True, slots=True)
class Numbered:
    """item_ids: in catalog order, as the library's log has it: by their first row, then those that are only described.

    users: people with rows that train. rows: how many rows train. The work folder has `users` (visitor_id, user),
    `items` (item_id, item) and `pairs` (user, item, weight, described, share): attributes are users after the last
    person, share is what weights are multiplied by in training (`ALSConfig.activity_shrinkage`).
    """

    item_ids: tuple[str, ...]
    users: int
    rows: int


def number_pairs(spark: Any, work: WorkFolder, attribute_weight: float, activity_shrinkage: float = 0.0) -> Numbered:
    """Number the rows `training` of the work folder, and add them up by pair.

    attribute_weight: with it each attribute of the view `catalog` counts as a user who wants every item that has it, as
    `Interactions.describe` has it; 0 for none. activity_shrinkage: as `ALSConfig` has it.
    """
    users = _number_users(spark, work)
    taken = spark.sql("SELECT item_id FROM training GROUP BY item_id ORDER BY min(seq)")
    item_ids = list(dict.fromkeys(work.column(taken, "item_id")))
    if attribute_weight:
        described = spark.sql("SELECT item_id FROM catalog WHERE size(described) > 0 ORDER BY position")
        item_ids = list(dict.fromkeys([*item_ids, *work.column(described, "item_id")]))
    work.give(spark, "items", {"item_id": item_ids, "item": range(len(item_ids))})
    pairs = f"""
        SELECT *, activity / (activity + {float(activity_shrinkage)!r}D) AS share
        FROM (SELECT *, sum(weight) OVER (PARTITION BY user) AS activity FROM (
            SELECT user, item, sum(weight) AS weight, false AS described
            FROM training JOIN users USING (visitor_id) JOIN items USING (item_id) GROUP BY user, item))
    """
    if attribute_weight:
        pairs += f"""
            UNION ALL
            SELECT {users} + attribute AS user, item, {float(attribute_weight)!r}D AS weight, true AS described,
                0D AS activity, 1D AS share
            FROM (SELECT DISTINCT item_id, explode(described) AS name FROM catalog)
            JOIN (SELECT name, row_number() OVER (ORDER BY name) - 1 AS attribute
                  FROM (SELECT DISTINCT explode(described) AS name FROM catalog)) USING (name)
            JOIN items USING (item_id)
        """
    work.keep(spark, "pairs", spark.sql(pairs))
    rows = spark.sql("SELECT count(*) FROM training").first()[0]
    return Numbered(tuple(item_ids), users, rows)


def _number_users(spark: Any, work: WorkFolder) -> int:
    """Number users from 0 in order of their ids, without bringing them to one machine; returns how many there are."""
    from pyspark.sql.functions import expr

    ids = spark.sql("SELECT DISTINCT visitor_id FROM training")
    placed = ids.repartitionByRange("visitor_id").sortWithinPartitions("visitor_id")
    work.keep(spark, "places", placed.withColumn("place", expr("monotonically_increasing_id()")))
    parts = spark.sql(
        f"SELECT shiftright(place, {_PLACE_BITS}) AS part, count(*) AS users FROM places GROUP BY part ORDER BY part"
    ).collect()
    starts, total = [], 0
    for part in parts:
        starts.append(f"WHEN {part['part']} THEN {total}")
        total += part["users"]
    if not total:
        return 0
    start = f"CASE shiftright(place, {_PLACE_BITS}) {' '.join(starts)} END"
    mask = (1 << _PLACE_BITS) - 1
    work.keep(spark, "users", spark.sql(f"SELECT visitor_id, {start} + (place & {mask}L) AS user FROM places"))
    return total
