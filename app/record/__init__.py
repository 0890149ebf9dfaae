"""Events from clients: their shape, whether they can be accepted, and how they are stored."""

from app.record.batch import KINDS, Event, EventBatch, EventBatchError, Problem, parse_batch
from app.record.recorder import Quarantined, Receipt, Recorder

__all__ = [
    "KINDS",
    "Event",
    "EventBatch",
    "EventBatchError",
    "Problem",
    "Quarantined",
    "Receipt",
    "Recorder",
    "parse_batch",
]
