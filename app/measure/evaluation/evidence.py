"""What models and the baseline are measured on outside the trainer: rows that train, and the jury, read at once."""

from __future__ import annotations

from dataclasses import dataclass

from app.measure.evaluation.holdout import LEAST_CASES, LEAST_VISITORS, Jury, summon
from app.measure.evaluation.rows import TrainingRow, fold_rows, jury_events, training_events
from app.measure.evaluation.tail import event_chunks
from app.settings import Settings
from app.store import Store
from app.store.events import EventRow
from app.store.measures.exclusions import excluded_visitors


class EvidenceError(Exception):
    """There is not enough data to measure a model on; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """training: events that may train, oldest first. rows: what they come to, by event seq. jury: the newest cases.

    watermark: the last event seq read. origin: origins of the jury's visitors, joined by ``+``.
    """

    training: list[EventRow]
    rows: dict[int, TrainingRow]
    jury: Jury
    watermark: int
    origin: str


def read_evidence(store: Store, settings: Settings) -> Evidence:
    """Read all events but those of excluded visitors.

    Raises EvidenceError when nothing can train or the jury is too small to judge.
    """
    excluded = excluded_visitors(store.reader())
    training: list[EventRow] = []
    judging: list[EventRow] = []
    watermark = 0
    for chunk in event_chunks(store):
        training += training_events(chunk, excluded)
        judging += jury_events(chunk, excluded)
        watermark = chunk[-1].seq
    weights = settings.kind_weights()
    rows = fold_rows(training, weights)
    jury = summon(judging, weights, settings.gate_window_events, settings.history_length)
    if not rows:
        raise EvidenceError("there are no clicks to count yet; run `flask seed` or let visitors in first")
    if not jury.can_judge:
        raise EvidenceError(
            f"the jury has {len(jury.cases)} cases of {jury.visitors} visitors, needed are {LEAST_CASES} of "
            f"{LEAST_VISITORS}; wait for more visitors, seed more history, or raise jury_share before any are recorded"
        )
    visitors = {case.user_id for case in jury.cases}
    origins = sorted({event.origin for event in judging if event.visitor_id in visitors})
    return Evidence(training, rows, jury, watermark, "+".join(origins))
