"""The rule by which visitors are assigned to arms, noted when a site starts with another one."""

from __future__ import annotations

import time
from functools import partial

import structlog

from app.settings import Settings
from app.store import Writer
from app.store.measures.assignments import note_assignment

_log = structlog.get_logger(__name__)


def note_rule(writer: Writer, settings: Settings) -> None:
    """Note by which rule visitors are assigned from now on. Raises what the writer raises."""
    rule = partial(
        note_assignment, experiment=settings.experiment, control_share=settings.control_share, at=time.time()
    )
    if writer.run(rule):
        _log.info("assignment_changed", experiment=settings.experiment, control_share=settings.control_share)
