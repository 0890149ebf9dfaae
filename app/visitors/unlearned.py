"""What waits to be learned: changes after a model's watermark that would train the next model.

A visitor who only looks changes nothing, and neither does what a judge of models, an excluded visitor or a first visit
beyond its bounds does. Counting their events would call a trainer late that has nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.store.engines import Connection
from app.store.interactions import interactions_of, newest_interactions, placed_entries
from app.store.measures.exclusions import excluded_visitors
from app.values.interaction import Interaction
from app.visitors.contribution import ContributionRules, training_rows

MOST_ROWS = 20_000
"""Newest interactions that are looked at, so that a trainer that stopped weeks ago costs no more than that."""
MOST_VISITORS = 300
"""Visitors whose whole history is folded for it; of further ones each waiting change that can train counts."""
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Unlearned:
    """changes: training rows that would come or go. since: when the oldest of their events came, in Unix seconds, None
    without any.
    """

    changes: int = 0
    since: float | None = None


def read_unlearned(conn: Connection, watermark: int, rules: ContributionRules) -> Unlearned:
    """What the events after `watermark` change of what trains."""
    waiting: dict[str, list[Interaction]] = {}
    for row in _rows_after(conn, watermark):
        waiting.setdefault(row.visitor_id, []).append(row)
    if not waiting:
        return Unlearned()
    for excluded in excluded_visitors(conn) & waiting.keys():
        del waiting[excluded]
    folded = list(waiting)[:MOST_VISITORS]
    changes = _folded_changes(conn, folded, watermark, rules)
    changes |= {visitor_id: _possible_changes(rows, rules) for visitor_id, rows in list(waiting.items())[len(folded) :]}
    oldest = [row.at for visitor_id, rows in waiting.items() if changes[visitor_id] for row in rows]
    return Unlearned(sum(changes.values()), min(oldest, default=None))


def _rows_after(conn: Connection, watermark: int) -> Iterable[Interaction]:
    """Rows of events after the watermark of visitors who train, newest first.

    A page without such an event is the end: what a merge folds anew is younger than the events that it belongs to, and
    lies between them.
    """
    before, looked_at = None, 0
    while looked_at < MOST_ROWS:
        page = newest_interactions(conn, _PAGE, before)
        after = [row for row in page if row.event_seq > watermark]
        yield from (row for row in after if not row.holdout)
        if not after or len(page) < _PAGE:
            return
        before, looked_at = page[-1].seq, looked_at + len(page)


def _folded_changes(
    conn: Connection, visitor_ids: Sequence[str], watermark: int, rules: ContributionRules
) -> dict[str, int]:
    placed = placed_entries(conn, visitor_ids)
    found = {}
    for visitor_id, rows in interactions_of(conn, visitor_ids).items():
        known = training_rows((row for row in rows if row.event_seq <= watermark), rules, placed)
        now = training_rows(rows, rules, placed)
        found[visitor_id] = len(known.items() ^ now.items())
    return found


def _possible_changes(rows: Sequence[Interaction], rules: ContributionRules) -> int:
    trusted = any(map(rules.trusts, rows))
    return sum(
        bool(rules.kind_weights.get(row.kind) and row.weight and (row.weight < 0 or trusted or row.served))
        for row in rows
    )
