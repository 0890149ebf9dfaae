"""What a web process does beside its requests; some of it one process does for all that serve the site."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from app.catalog import CatalogHolder
from app.measure.dashboard.refresher import REST_PER_COST as BOARD_REST_PER_COST
from app.measure.dashboard.refresher import BoardRefresher
from app.measure.risks.monitor import REST_PER_COST as RISK_REST_PER_COST
from app.measure.risks.monitor import Monitor
from app.periodic import OnceForAll, PeriodicRunner
from app.record.retention import ROUND_S, Retention
from app.serve.first_row.row import LEARN_EVERY_S
from app.serve.model_holder import ModelHolder
from app.serve.popularity import PopularityBoard
from app.serve.serve import Serve
from app.serve.several.following import POLL_S, ChangeFollower
from app.serve.several.same_keys import CHECK_EVERY_S, hold_keys
from app.serve.waiting import MAX_WAIT_S
from app.settings import Settings
from app.store import Database, Writer
from app.store.several.changes import delete_old_changes
from app.store.several.kept import drop_what_is_over
from app.store.several.waiting import drop_old_waiting
from app.visitors.assignment_rule import note_rule

CATALOG_POLL_S = 1.0
"""How often items that were written are looked for. Whoever writes them asks at once; this makes up for what failed."""
TAKEOVER_S = 10.0
"""How often a process asks whether what one does for all is its own to do now."""

TELL_EVERY_S = 1.0
"""How often processes tell each other what they counted."""

# How soon what failed at the start is tried again, and how often a model is looked for at most.
_RETRY_S = 5.0
_SHORTEST_POLL_S = 0.05
# How long the first round over a large database may take that was kept without a limit so far.
_LONG_ROUND_S = 3_600.0
_SWEEP_S = 60.0


def add_own_jobs(
    jobs: PeriodicRunner,
    settings: Settings,
    writer: Writer,
    models: ModelHolder,
    catalogs: CatalogHolder,
    serve: Serve,
    popularity: PopularityBoard,
    board: BoardRefresher,
    follower: ChangeFollower | None,
) -> None:
    """What every process does for itself, for its own memory."""
    jobs.add("assignment", partial(note_rule, writer, settings), _RETRY_S, once=True)
    jobs.add("model-watch", models.poll, max(settings.model_poll_s, _SHORTEST_POLL_S))
    jobs.add("catalog", catalogs.refresh, CATALOG_POLL_S)
    jobs.add("rules", serve.rules.refresh, CATALOG_POLL_S)
    jobs.add("popularity", popularity.sort, popularity.refresh_s)
    jobs.add("tastes", serve.balance.learn, LEARN_EVERY_S)
    if follower is not None:
        jobs.add("changes", follower.look_around, POLL_S)
        jobs.add("same-keys", partial(hold_keys, writer, settings), CHECK_EVERY_S, at_once=True)
    if settings.board_interval_s > 0:
        jobs.add(
            "board",
            board.refresh_what_changed,
            settings.board_interval_s,
            at_once=True,
            rest_per_cost=BOARD_REST_PER_COST,
        )


def add_jobs_for_all(
    jobs: PeriodicRunner,
    settings: Settings,
    writer: Writer,
    retention: Retention,
    monitor: Monitor,
    may: Callable[[], bool] | None,
) -> None:
    """What is done once, whichever process does it. may: whether this one does now; None where it is the only one."""

    def once(work: Callable[[], object], every_s: float) -> tuple[Callable[[], object], float]:
        if may is None:
            return work, every_s
        return OnceForAll(may, work, every_s), min(every_s, TAKEOVER_S)

    if settings.retention_days:
        jobs.add("retention", *once(retention.round, ROUND_S), at_once=True, may_take_s=_LONG_ROUND_S)
    if settings.risk_interval_s > 0:
        jobs.add("risks", *once(monitor.round, settings.risk_interval_s), rest_per_cost=RISK_REST_PER_COST)
    if may is not None:
        jobs.add("sweep", *once(lambda: writer.run(_sweep), _SWEEP_S))


def _sweep(db: Database) -> None:
    """Delete what processes told each other and no longer need."""
    delete_old_changes(db.conn)
    drop_what_is_over(db.conn)
    drop_old_waiting(db.conn, time.time() - MAX_WAIT_S)
