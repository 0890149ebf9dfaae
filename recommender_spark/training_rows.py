"""The rows that train, worked out by Spark: the rules of `app/visitors/contribution.py` as one query.

What an event comes to was decided by the site's fold; these are the rules of how far it reaches others, which depend on
settings. A test puts random histories through both and compares row by row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TRUSTED_ORIGINS = ("seed", "imported")
BY_MODEL = ("als", "first-factors")
PINNED = "pinned"

_STEPS = "array<struct<seq:bigint,at:double,weight:double>>"
_START = (
    "named_struct('kinds', cast(map() AS map<string,double>), 'raised_seq', 0L, 'raised_at', 0D,"
    f" 'steps', cast(array() AS {_STEPS}))"
)


def training_query(settings: Mapping[str, Any], interactions: str = "interactions") -> str:
    """The query of (visitor_id, item_id, seq, at, weight), a row for each that trains, of a view of exported rows.

    A row that raises what stands of a pair is one; when something of the pair is taken back, what is left becomes one
    row, at the place of the last row that had raised it. See `training_rows` in `app/visitors/contribution.py`.
    """
    worth = " ".join(f"WHEN {_text(kind)} THEN {_number(value)}" for kind, value in settings["kind_weights"].items())
    by_model = ", ".join(map(_text, BY_MODEL))
    origins = ", ".join(map(_text, TRUSTED_ORIGINS))
    return f"""
    WITH judged AS (
        SELECT *,
            max(age_s >= {_number(settings["trust_after_s"])} OR origin IN ({origins}))
                OVER (PARTITION BY visitor_id) AS trusted,
            weight + held AS change,
            weight > 0 AND held < 0 AS given_back,
            CASE kind {worth} ELSE 0D END AS value,
            CASE WHEN placed IN ({by_model}) THEN {_number(settings["placed_weight"])}
                 WHEN placed = {_text(PINNED)} THEN 0D ELSE 1D END AS placed_share
        FROM {interactions} WHERE NOT holdout
    ), spans AS (
        SELECT *,
            sum(CASE WHEN change < 0 AND NOT given_back THEN 1 ELSE 0 END)
                OVER (PARTITION BY visitor_id, item_id, kind ORDER BY seq) AS span,
            CASE WHEN change > 0 AND NOT given_back THEN change ELSE 0D END AS said
        FROM judged
    ), shared AS (
        SELECT *,
            CASE WHEN given_back THEN coalesce(sum(said * placed_share) OVER said_so_far
                    / nullif(sum(said) OVER said_so_far, 0D), 1D)
                 ELSE placed_share END AS share
        FROM spans
        WINDOW said_so_far AS (PARTITION BY visitor_id, item_id, kind, span ORDER BY seq)
    ), weighed AS (
        SELECT visitor_id, item_id, seq, at, kind, trusted, served,
            value * weight * CASE WHEN weight > 0 THEN share ELSE 1D END AS worth
        FROM shared
    ), pairs AS (
        SELECT visitor_id, item_id, first(trusted) AS trusted,
            array_sort(collect_list(named_struct('seq', seq, 'at', at, 'kind', kind, 'worth', worth))) AS rows
        FROM weighed WHERE worth < 0 OR (worth > 0 AND (trusted OR served))
        GROUP BY visitor_id, item_id
    ), folded AS (
        SELECT visitor_id, item_id,
            aggregate(rows, {_START}, (state, row) -> {_next(_number(settings["first_visit_weight"]))}).steps AS steps
        FROM pairs
    )
    SELECT visitor_id, item_id, step.seq, step.at, step.weight
    FROM (SELECT visitor_id, item_id, explode(steps) AS step FROM folded)
    """


def _next(most: str) -> str:
    """The state of a pair after one more row: what stands by kind, where it was last raised, and the steps."""
    room = f"{most} - {_total('state.kinds')}"
    amount = f"CASE WHEN trusted THEN row.worth ELSE least(row.worth, {room}) END"
    others = "map_filter(state.kinds, (kind, worth) -> kind <> row.kind)"
    before = "coalesce(try_element_at(state.kinds, row.kind), 0D)"
    left = _total("kinds")
    raised = f"""named_struct('kinds', map_concat({others}, map(row.kind, {before} + amount)),
        'raised_seq', row.seq, 'raised_at', row.at,
        'steps', concat(state.steps, array(named_struct('seq', row.seq, 'at', row.at, 'weight', amount))))"""
    taken_back = f"""named_struct('kinds', kinds, 'raised_seq', state.raised_seq, 'raised_at', state.raised_at,
        'steps', CASE WHEN {left} > 0
            THEN array(named_struct('seq', state.raised_seq, 'at', state.raised_at, 'weight', {left}))
            ELSE cast(array() AS {_STEPS}) END)"""
    # `transform` of an array of one gives a name to a value that is used more than once.
    return f"""CASE
        WHEN row.worth > 0 THEN element_at(transform(array({amount}),
            amount -> CASE WHEN amount > 0 THEN {raised} ELSE state END), 1)
        WHEN {before} > 0 THEN element_at(transform(array({others}), kinds -> {taken_back}), 1)
        ELSE state END"""


def _total(kinds: str) -> str:
    return f"aggregate(map_values({kinds}), 0D, (sum, worth) -> sum + worth)"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _number(value: float) -> str:
    return f"{float(value)!r}D"
