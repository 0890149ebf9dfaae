"""The trial as the dashboard shows it: the one that is on, else the last one that ended, read from visitors' clicks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.measure.evaluation.trial_rule import TrialReading, read_trial
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion, Step
from app.store import Store
from app.store.measures.trials import trial_visitors

ENDINGS = frozenset({"promoted", "refused", "retired", "by hand"})
"""Steps that end a trial."""


@dataclass(frozen=True, slots=True)
class TrialStatus:
    """A challenger against the champion's lineage.

    proposal: what is other about it, as filed. started_at, ended_at: Unix seconds, ended_at None while it is on.
    champion: the version that it was put beside. readings: by origin, as they stand or stood at the end.
    outcome: ``challenger`` while it is on, else the step that ended it. sentence: how it stands, or how it ended.
    """

    challenger: ModelVersion
    champion: int | None
    proposal: str
    started_at: float
    ended_at: float | None
    readings: tuple[TrialReading, ...]
    outcome: str
    sentence: str


def latest_trial(store: Store, registry: Registry) -> TrialStatus | None:
    """The trial that is on, else the last one; None when there never was one."""
    steps = registry.steps()
    started = next((step for step in steps if step.step == "started"), None)
    challenger = None if started is None else registry.get(started.version)
    if started is None or challenger is None:
        return None
    since = [step for step in steps if step.version == started.version and step.at >= started.at]
    ending = None if challenger.state == "challenger" else next((step for step in since if step.step in ENDINGS), None)
    readings = read_trial(trial_visitors(store.reader(), challenger.version))
    stands = "; ".join(reading.sentence for reading in readings) or "Nobody was asked yet"
    return TrialStatus(
        challenger=challenger,
        champion=started.figures.get("champion"),
        proposal=_proposal(steps, started),
        started_at=started.at,
        ended_at=None if ending is None else ending.at,
        readings=tuple(readings),
        outcome=challenger.state if ending is None else ending.step,
        sentence=f"{stands}." if ending is None else ending.sentence,
    )


def _proposal(steps: Sequence[Step], started: Step) -> str:
    filed = next((step for step in steps if step.version == started.version and step.step == "filed"), None)
    return "" if filed is None else filed.sentence
