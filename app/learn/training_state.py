"""What the trainer knows: the log of all rows that stand, kept in step with the event database, and its factors."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from app.catalog.attributes import item_attributes
from app.learn.stage import StageLearner
from app.measure.evaluation.holdout import Holdout, build_holdout
from app.measure.evaluation.tail import read_tail
from app.models.config import als_config
from app.settings import Settings
from app.store import Store
from app.store.interactions import excluded_interactions, interactions_of, placed_entries
from app.store.items import all_items
from app.store.measures.exclusions import excluded_visitors, last_curation, newest_exclusion
from app.store.merges import last_merge, merges_since
from app.store.visitors import last_erasure
from app.values.interaction import Interaction
from app.visitors.contribution import TrainingRow, contribution_rules, training_rows
from recommender import ALSTrainer, FactorModel, Interactions

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Learned:
    """What one reading of the database changed: interactions read (the holdout's included), rows added and withdrawn.

    rebuilt: the log was read anew as a whole and fitted, because it was the first time, somebody was erased, the
    exclusions changed, or so much was new that following it row by row would cost more than a fit. forgot: somebody was
    erased or the exclusions changed since the last reading.
    learn_s: seconds of updating or fitting alone.
    """

    read: int = 0
    added: int = 0
    withdrawn: int = 0
    rebuilt: bool = False
    forgot: bool = False
    learn_s: float = 0.0


class TrainingState:
    """The trainer's memory. `follow` learns what is new; `als` holds log and factors, None while there is no row."""

    def __init__(self, settings: Settings, warm_start: FactorModel | None, on_progress: Progress | None = None) -> None:
        self._settings = settings
        self._rules = contribution_rules(settings)
        self._on_progress = on_progress
        self._warm_start = warm_start
        self._rows_at_fit = 0
        self._seq = 0
        self.watermark = 0
        self.erasure: int | None = None
        self.curation: int | None = None
        self._merge = 0
        self.excluded: frozenset[str] = frozenset()
        self.excluded_rows = 0
        self.exclusion = 0
        self.als: ALSTrainer | None = None
        self.holdout_rows: list[Interaction] = []
        self._stage = StageLearner(self._rules, settings.seed)
        self._stage_is_old = True

    @property
    def rows(self) -> int:
        """Training rows that stand."""
        return 0 if self.als is None else self.als.log.rows

    @property
    def refit_due(self) -> bool:
        """Whether the log has changed in size by the share `refit_growth` since the last full fit."""
        return abs(self.rows - self._rows_at_fit) > self._settings.refit_growth * max(1, self._rows_at_fit)

    def follow(self, store: Store) -> Learned:
        """Read what the database has beyond the watermark and learn from it."""
        # Both numbers are read before the events: a change in between is then noticed at the next call.
        conn = store.reader()
        erasure, curation = last_erasure(conn), last_curation(conn)
        if (erasure, curation) != (self.erasure, self.curation):
            return self._rebuild(store, erasure, curation)
        merge, merged = last_merge(conn), merges_since(conn, self._merge)
        tail = read_tail(store, self._seq)
        training = [row for row in tail.rows if not row.holdout]
        if training and (self.als is None or len(training) > self._settings.refit_growth * max(1, self._rows_at_fit)):
            return self._rebuild(store, erasure, curation)
        started, rows_before = time.perf_counter(), self.rows
        anew, forgotten = self._forget_merged(merged), self.rows
        added, withdrawn = self._learn(store, anew | {row.visitor_id for row in training}, tail.seq, anew)
        self.holdout_rows += (row for row in tail.rows if row.holdout and row.visitor_id not in anew)
        if anew:
            self._take_up_holdout(store, anew, tail.seq)
            withdrawn += rows_before - forgotten
        if self.excluded:
            self.excluded_rows = excluded_interactions(conn)
        self._seq, self._merge, self.watermark = tail.seq, merge, max(self.watermark, tail.watermark)
        return Learned(len(tail.rows), added, withdrawn, learn_s=time.perf_counter() - started)

    def holdout(self) -> Holdout:
        """The holdout of everything read so far."""
        return build_holdout(
            self.holdout_rows,
            self._rules,
            self._settings.gate_window_events,
            self._settings.history_length,
            self._settings.exam_min_history,
            self._settings.exam_min_cases,
        )

    def model(self, store: Store) -> FactorModel:
        """What was learned so far, with the second stage of all that was shown up to now. There must be rows.

        Classes and folds of the second stage are those of the last full fit; weights and rates follow every call.
        """
        assert self.als is not None
        model = self.als.model()
        if not self._settings.second_stage:
            return model
        stage = self._stage.learn(store, self.als.log, model, anew=self._stage_is_old)
        self._stage_is_old = False
        return model.with_second_stage(stage)

    @property
    def stage_facts(self) -> dict[str, Any]:
        """What the second stage of the newest `model` was learned from; empty where there is none."""
        return self._stage.facts if self._settings.second_stage else {}

    def refit(self) -> None:
        """Fit everything known, starting from the factors as they are."""
        if self.als is not None and self.rows:
            self.als.refit(on_progress=self._on_progress)
            self._stage_is_old = True
            self._rows_at_fit = self.rows

    def _rebuild(self, store: Store, erasure: int, curation: int) -> Learned:
        conn = store.reader()
        self.excluded, self.excluded_rows = excluded_visitors(conn), excluded_interactions(conn)
        self.exclusion = newest_exclusion(conn)
        merge, merged = last_merge(conn), merges_since(conn, self._merge)
        tail = read_tail(store)
        rows = training_rows((row for row in tail.rows if not row.holdout), self._rules, placed_entries(conn))
        known = (self.erasure, self.curation)
        rows_before, forgot = self.rows, known not in ((None, None), (erasure, curation))
        if forgot:
            self._stage = StageLearner(self._rules, self._settings.seed)
        self._stage.merge(merged)
        self._stage_is_old = True
        started = time.perf_counter()
        if rows:
            if self.als is None:
                self.als = ALSTrainer(als_config(self._settings), self._settings.seed, warm_start=self._warm_start)
            log = Interactions.from_rows(rows.values(), horizon=inf)  # a clock set back must not stop training
            if self._settings.attribute_weight:
                log.describe(item_attributes(all_items(store.reader())), self._settings.attribute_weight)
            self.als.fit(log, self._on_progress)
        else:
            self.als = None
        self.holdout_rows = [row for row in tail.rows if row.holdout]
        self._seq, self.watermark = tail.seq, max(self.watermark, tail.watermark)
        self.erasure, self.curation, self._merge = erasure, curation, merge
        self._rows_at_fit = len(rows)
        added, withdrawn = max(0, len(rows) - rows_before), max(0, rows_before - len(rows))
        return Learned(len(tail.rows), added, withdrawn, True, forgot, time.perf_counter() - started)

    def _forget_merged(self, merged: Sequence[tuple[str, str]]) -> set[str]:
        """Forget both sides of every merge; returns who are to be learned anew as one."""
        if self.als is not None:
            for visitor_id in dict.fromkeys(one for pair in merged for one in pair):
                self.als.discard(visitor_id)
        gone = {one for pair in merged for one in pair}
        if gone:
            self.holdout_rows = [row for row in self.holdout_rows if row.visitor_id not in gone]
        self._stage.merge(merged)
        return {visitor_id for _, visitor_id in merged}

    def _take_up_holdout(self, store: Store, visitors: Collection[str], seq: int) -> None:
        """Take up what visitors of a merge who judge models did, up to interaction `seq`."""
        rows = [row for of_one in interactions_of(store.reader(), visitors).values() for row in of_one]
        self.holdout_rows = sorted([*self.holdout_rows, *(row for row in rows if row.holdout and row.seq <= seq)])

    def _learn(self, store: Store, visitors: Collection[str], seq: int, anew: Collection[str]) -> tuple[int, int]:
        """Bring the rows of these visitors up to interaction `seq`; returns rows added and withdrawn.

        Mostly rows are added at the end. Where something was taken back, or a visitor is trusted from now on, what they
        said before counts otherwise as well: then all of theirs is learned anew, in its order. anew: visitors of whom
        nothing is held.
        """
        if self.als is None or not visitors:
            return 0, 0
        to_learn: dict[int, TrainingRow] = {}
        added = withdrawn = 0
        placed = placed_entries(store.reader(), visitors)
        for visitor_id, rows in interactions_of(store.reader(), visitors).items():
            known = -1 if visitor_id in anew else self._seq
            trains = [row for row in rows if not row.holdout and row.seq <= seq]
            before = training_rows((row for row in trains if row.seq <= known), self._rules, placed)
            after = training_rows(trains, self._rules, placed)
            kept = before.items() & after.items()
            added, withdrawn = added + len(after) - len(kept), withdrawn + len(before) - len(kept)
            if list(after.items())[: len(before)] == list(before.items()):
                to_learn |= dict(list(after.items())[len(before) :])
            else:
                self.als.discard(visitor_id)
                to_learn |= after
        self.als.update(row for _, row in sorted(to_learn.items()))
        return added, withdrawn
