"""The trainer: follows the event database, makes candidates, has them judged, publishes those that pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from app.learn.candidate import candidate_of, evaluate_and_publish
from app.learn.challenge import challenge
from app.learn.echo import measure_echo
from app.learn.first_hour import first_hour_model
from app.learn.import_search import ImportSearch
from app.learn.off_policy import with_estimates
from app.learn.training_state import Learned, Progress, TrainingState
from app.learn.trial_checker import TrialChecker
from app.learn.update_drift import update_drift
from app.measure.evaluation.gate import GOOD, NO_BASELINE, SIGNED, SMALL_HOLDOUT, UNSIGNED, WORSE, SignOff
from app.measure.evaluation.holdout import METRIC
from app.models.errors import RegistryDamagedError, StorageUnavailableError
from app.models.lineage import Lineage, current_lineage
from app.models.publish import recover
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion
from app.models.storage import load_published
from app.settings import Settings
from app.store import Store
from app.store.measures.baselines import latest_baseline
from app.store.measures.trials import has_visitors_since
from recommender import ArtifactError

REST = 4.0
"""After a candidate that took s seconds to make and judge, the next one waits 4 s: the site needs the processor too."""

ESTIMATE_S = 60.0
"""Updates within so many seconds of an estimate from logged slates go without one of their own."""

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class StepReport:
    """What one step did.

    watermark: last event seq seen. learned: what was read and learned. rows: training rows that stand now.
    candidate: the version made in this step, as judged (state ``champion``, ``refused`` or, for a challenger of changed
    settings, ``challenger``), or None. decided: the version whose trial ended in this step, or None.
    settled: the event seq up to which every change is in a candidate that was judged.
    fixed: what the first step put right after an earlier end. seconds: duration of the step.
    """

    watermark: int
    learned: Learned
    rows: int
    candidate: ModelVersion | None
    settled: int
    fixed: tuple[str, ...]
    seconds: float
    decided: ModelVersion | None = None


@dataclass(slots=True)
class _Pending:
    """What no candidate holds yet: rows that changed since when (steady seconds), how, and what it took to learn.

    urgent: do not wait for more. kind: what a candidate would be, ``fit``, ``refit`` or ``update``.
    """

    changes: int = 0
    since: float = 0.0
    urgent: bool = False
    kind: str = "update"
    read_s: float = 0.0
    learn_s: float = 0.0


class Trainer:
    """A trainer of one event database and models folder. The caller holds `trainer_lock`; `step` never sleeps."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        registry: Registry,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
        on_progress: Progress | None = None,
        sign_off: Callable[[], SignOff] = lambda: SIGNED,
    ) -> None:
        """clock: Unix seconds, for dates. steady: seconds that only go forward, for waiting times.

        on_progress(sweep, sweeps): called during full fits.
        sign_off: whether the use case is signed, asked whenever a candidate is to be judged.
        """
        self._settings = settings
        self._store = store
        self._registry = registry
        self._clock = clock
        self._steady = steady
        self._on_progress = on_progress
        self._sign_off = sign_off
        self._trial_checker = TrialChecker(settings, store, registry, clock, steady)
        self._search = ImportSearch(settings, store, registry)
        self._lineage = Lineage(settings, False)
        self._training_state: TrainingState | None = None
        self._pending = _Pending()
        self._last_reason = ""
        self._refit_next = False
        self._rest_until = float("-inf")
        self._settled = 0
        self._estimate_at = float("-inf")

    def step(self, force: bool = False) -> StepReport:
        """Learn what is new; make, judge and perhaps publish a candidate when one is due.

        A candidate is due when `publish_min_events` rows changed, or one did and `publish_max_wait_s` have passed, or
        `force`; at once when nothing was ever judged, when somebody was erased, when the exclusions changed, and when
        the settings of the model changed. After a refusal for want of a signed use case, a baseline or holdout clicks
        none is made until there are; after a refused update the next candidate is a refit. Without a change since the
        last candidate none is made.

        Candidates are made by the settings of the champion's lineage. Changed settings of the environment are proposed
        as a challenger, once no trial is on; see `current_lineage`. After an import settings are searched, once, and
        better ones are proposed likewise; see `ImportSearch`.
        """
        try:
            return self._step(force)
        except RegistryDamagedError:
            self._training_state = None  # the next step begins as after a start, which sets the registry aside
            raise

    def _step(self, force: bool) -> StepReport:
        started = time.perf_counter()
        fixed: tuple[str, ...] = ()
        if self._training_state is None:
            with self._registry.publishing():
                fixed = tuple(self._registry.set_aside_if_damaged(self._clock()))
        decided = self._trial_checker.check_trial()
        lineage = current_lineage(self._settings, self._registry, self._has_visitors)
        if self._training_state is None or lineage.settings != self._lineage.settings:
            self._lineage = lineage
            self._training_state, put_right = self._start()
            fixed += put_right
        self._lineage = lineage
        training_state = self._training_state
        learned = self._learn(training_state)
        made = self._make(training_state) if self._is_due(training_state, force) else None
        if made is None and lineage.proposed and self._registry.challenger() is None:
            sign_off = self._sign_off()
            made = None if sign_off.forbids else self._propose(sign_off)
        elif made is None and self._may_search(training_state.watermark):
            sign_off = self._sign_off()
            made = None if sign_off.forbids else self._search.search(self._clock, sign_off, self._on_progress)
        if not self._pending.changes and not self._pending.urgent:
            self._settled = training_state.watermark
        seconds = time.perf_counter() - started
        return StepReport(
            training_state.watermark, learned, training_state.rows, made, self._settled, fixed, seconds, decided
        )

    def _start(self) -> tuple[TrainingState, tuple[str, ...]]:
        """Put right what an earlier end left, and take up from the champion's factors."""
        with self._registry.publishing():
            fixed = recover(self._settings, self._registry)
            try:
                published = load_published(self._registry.storage)
            except StorageUnavailableError:
                raise
            except ArtifactError as error:
                fixed.append(str(error))
                published = None
        model = None if published is None else published[1]
        if model is not None and model.config.factors != self._lineage.settings.factors:
            model = None
        self._pending = _Pending(kind="fit" if model is None else "refit")
        self._last_reason = ""
        return TrainingState(self._lineage.settings, model, self._on_progress), tuple(dict.fromkeys(fixed))

    def _learn(self, training_state: TrainingState) -> Learned:
        started = time.perf_counter()
        first = training_state.erasure is None
        learned = training_state.follow(self._store)
        if learned.rebuilt and self._pending.kind == "update":
            self._pending.kind = "refit"
        if first:
            self._compare_with_judged(training_state)
        else:
            self._note_changes(learned.added + learned.withdrawn)
            self._pending.urgent |= learned.forgot
        self._pending.learn_s += learned.learn_s
        self._pending.read_s += time.perf_counter() - started - learned.learn_s
        if not training_state.rows:
            self._pending = _Pending(kind=self._pending.kind)
        return learned

    def _compare_with_judged(self, training_state: TrainingState) -> None:
        """Find out, at the start, what the newest version of the lineage that was judged does not hold yet."""
        for version in self._registry.versions():
            if version.config_hash == self._lineage.config_hash and version.metrics.get("reason") in (GOOD, WORSE):
                self._note_changes(abs(training_state.rows - version.rows))
                known = (version.metrics.get("erasures"), version.metrics.get("curation", 0))
                self._pending.urgent = known != (training_state.erasure, training_state.curation)
                return
        self._note_changes(training_state.rows)
        self._pending.urgent = True

    def _note_changes(self, changes: int) -> None:
        if changes and not self._pending.changes:
            self._pending.since = self._steady()
        self._pending.changes += changes

    def _is_due(self, training_state: TrainingState, force: bool) -> bool:
        if not training_state.rows:
            return False
        if self._last_reason == UNSIGNED:
            return not self._sign_off().forbids
        if self._last_reason == NO_BASELINE:
            return self._has_baseline()
        if self._last_reason == SMALL_HOLDOUT:
            return training_state.holdout().can_judge
        pending, now = self._pending, self._steady()
        if pending.urgent or not pending.changes:
            return pending.urgent
        enough = pending.changes >= self._settings.publish_min_events
        waited = now - pending.since >= self._settings.publish_max_wait_s
        return force or ((enough or waited) and now >= self._rest_until)

    def _make(self, training_state: TrainingState) -> ModelVersion:
        als = training_state.als
        assert als is not None
        self._registry.storage.check()  # before the work that would be for nothing
        started = time.perf_counter()
        kind = self._pending.kind
        updated, gram_drift = None, als.drift
        if kind == "update" and (training_state.refit_due or self._refit_next):
            updated = als.model()
            training_state.refit()
            kind = "refit"
        learn_s = self._pending.learn_s + time.perf_counter() - started
        timings = {"read": round(self._pending.read_s, 4), "fit" if kind != "update" else "update": round(learn_s, 4)}
        holdout = training_state.holdout()
        model = training_state.model(self._store)
        timings["model"] = round(time.perf_counter() - started - learn_s + self._pending.learn_s, 4)
        candidate = candidate_of(training_state, model, self._lineage.settings, kind, timings, self._acted_on())
        if updated is not None:
            drift = update_drift(updated, als.model(), gram_drift, holdout, self._settings.seed)
            candidate = replace(candidate, drift=drift)
        if kind != "update" or self._steady() >= self._estimate_at:
            candidate = with_estimates(candidate, self._store, self._lineage.settings)
            found = measure_echo(self._store, self._settings, self._registry, holdout)
            candidate = replace(candidate, echo=found)
            self._estimate_at = self._steady() + ESTIMATE_S
        version = evaluate_and_publish(
            candidate,
            holdout,
            self._settings,
            self._registry,
            has_baseline=self._has_baseline(),
            sign_off=self._sign_off(),
            now=self._clock,
            first_model=partial(first_hour_model, self._store, self._settings),
        )
        self._last_reason = str(version.metrics.get("reason", ""))
        self._refit_next = self._last_reason == WORSE and kind == "update"
        # A model that was never judged leaves its changes with the next one, and with them what kind it is.
        self._pending = _Pending(kind=kind if self._last_reason in (UNSIGNED, NO_BASELINE, SMALL_HOLDOUT) else "update")
        self._rest_until = self._steady() + REST * (time.perf_counter() - started)
        return version

    def _propose(self, sign_off: SignOff) -> ModelVersion:
        """Put the environment's settings before the gate, and on trial if they pass."""
        return challenge(
            self._settings,
            self._store,
            self._registry,
            by="trainer",
            note="The settings of the environment changed.",
            environment=Lineage(self._settings, False).config_hash,
            now=self._clock,
            on_progress=self._on_progress,
            sign_off=sign_off,
        )

    def _may_search(self, watermark: int) -> bool:
        """Whether there was an import, and a champion and visitors to try against it what a search finds."""
        if not self._settings.trial_config_changes or not self._search.is_due(watermark):
            return False
        registry = self._registry
        return registry.champion() is not None and registry.challenger() is None and self._has_visitors()

    def _acted_on(self) -> str | None:
        """The environment's settings, unless they wait to be proposed."""
        return None if self._lineage.proposed else Lineage(self._settings, False).config_hash

    def _has_visitors(self) -> bool:
        return has_visitors_since(self._store.reader(), self._clock() - _DAY_S * self._settings.trial_max_days)

    def _has_baseline(self) -> bool:
        return latest_baseline(self._store.reader(), METRIC, "popularity") is not None
