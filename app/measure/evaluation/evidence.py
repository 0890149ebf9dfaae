"""What models and the baseline are measured on outside the trainer: rows that train, and the holdout, read at once."""

from __future__ import annotations

from dataclasses import dataclass

from app.measure.evaluation.holdout import MIN_CASES, MIN_VISITORS, Holdout, build_holdout
from app.measure.evaluation.tail import read_tail
from app.settings import Settings
from app.store import Store
from app.store.interactions import placed_entries
from app.visitors.contribution import TrainingRow, contribution_rules, training_rows


class EvidenceError(Exception):
    """There is not enough data to measure a model on; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """rows: what trains, by interaction seq, oldest first. holdout: the newest cases.

    watermark: the last event seq read. origin: origins of the holdout's visitors, joined by ``+``.
    """

    rows: dict[int, TrainingRow]
    holdout: Holdout
    watermark: int
    origin: str


def read_evidence(store: Store, settings: Settings) -> Evidence:
    """Read all interactions but those of excluded visitors.

    Raises EvidenceError when nothing can train or the holdout is too small to judge.
    """
    rules = contribution_rules(settings)
    tail = read_tail(store)
    training = (row for row in tail.rows if not row.holdout)
    rows = training_rows(training, rules, placed_entries(store.reader()))
    judging = [row for row in tail.rows if row.holdout]
    holdout = build_holdout(
        judging,
        rules,
        settings.gate_window_events,
        settings.history_length,
        settings.exam_min_history,
        settings.exam_min_cases,
    )
    if not rows:
        raise EvidenceError("there are no clicks to count yet; run `flask seed` or let visitors in first")
    if not holdout.can_judge:
        raise EvidenceError(
            f"the holdout has {len(holdout.cases)} cases of {holdout.visitors} visitors, needed are {MIN_CASES} of "
            f"{MIN_VISITORS}; wait for more visitors, seed more history, or raise holdout_share before any are recorded"
        )
    visitors = {case.user_id for case in holdout.cases}
    origins = sorted({row.origin for row in judging if row.visitor_id in visitors})
    return Evidence(rows, holdout, tail.watermark, "+".join(origins))
