"""Conducts a trial: reads how it stands, every so often, and ends it when the rule says so."""

from __future__ import annotations

from collections.abc import Callable

from app.learn.trial import end_trial, started_step
from app.measure.evaluation.trial_rule import Decision, TrialReading, decide, read_trial
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion, Step
from app.settings import Settings
from app.store import Store
from app.store.measures.trials import trial_visitors

_DAY_S = 86_400.0
_GROWTH = 1.1
"""A reading is kept when a tenth more visitors clicked than at the last one kept: about a hundred in a whole trial."""


class TrialChecker:
    """Reads the trial that is on, if one is, every `trial_check_s`. Belongs to the trainer, which owns the registry."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        registry: Registry,
        clock: Callable[[], float],
        steady: Callable[[], float],
    ) -> None:
        """clock: Unix seconds. steady: seconds that only go forward."""
        self._settings = settings
        self._store = store
        self._registry = registry
        self._clock = clock
        self._steady = steady
        self._next_check = float("-inf")
        self._kept: tuple[int, int] = (0, 0)

    def check_trial(self) -> ModelVersion | None:
        """Read the trial when it is time; returns the version whose trial ended, as it then stands, else None."""
        if self._steady() < self._next_check:
            return None
        self._next_check = self._steady() + self._settings.trial_check_s
        now = self._clock()
        challenger = self._registry.challenger()
        if challenger is None:
            return None
        readings = read_trial(trial_visitors(self._store.reader(), challenger.version))
        decision = self._orphaned(challenger) or decide(
            readings,
            (now - self._started_at(challenger)) / _DAY_S,
            self._settings.trial_max_visitors,
            self._settings.trial_max_days,
        )
        if decision is None:
            self._keep(challenger, readings, now)
            return None
        verdict = Step(challenger.version, now, decision.step, "trainer", decision.sentence, decision.figures)
        with self._registry.publishing():
            end_trial(self._registry, verdict, decision.state)
        return self._registry.get(challenger.version)

    def _started_at(self, challenger: ModelVersion) -> float:
        started = started_step(self._registry, challenger)
        return challenger.created_at if started is None else started.at

    def _orphaned(self, challenger: ModelVersion) -> Decision | None:
        """The end of a trial whose champion's lineage is not in use any more, so that its clicks compare nothing."""
        started, champion = started_step(self._registry, challenger), self._registry.champion()
        if started is None or (
            champion is not None and champion.config_hash == started.figures.get("champion_config_hash")
        ):
            return None
        gone = (
            f"the lineage of version {started.figures.get('champion')}, which it was tried against, is no longer in use"
        )
        return Decision("retired", f"Retired without decision: {gone}.", {})

    def _keep(self, challenger: ModelVersion, readings: list[TrialReading], now: float) -> None:
        clickers = sum(reading.clickers for reading in readings)
        version, before = self._kept
        if version != challenger.version:
            before = 0
        if clickers < max(1, before * _GROWTH):
            return
        self._kept = (challenger.version, clickers)
        said = "; ".join(reading.sentence for reading in readings)
        figures = {"readings": [reading.figures for reading in readings]}
        self._registry.note(Step(challenger.version, now, "reading", "trainer", f"{said}.", figures))
