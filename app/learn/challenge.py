"""Making a challenger: a model of other settings, fitted to the same rows as the champion's lineage."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from app.learn.candidate import candidate_of, evaluate_and_publish
from app.learn.off_policy import with_estimates
from app.learn.training_state import Progress, TrainingState
from app.learn.trial import Proposal, check_free
from app.measure.evaluation.gate import SIGNED, SignOff
from app.measure.evaluation.holdout import METRIC
from app.models.config import als_config
from app.models.errors import VersionError
from app.models.lineage import Lineage, adopt, difference
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion
from app.settings import Settings
from app.store import Store
from app.store.measures.baselines import latest_baseline
from recommender import tune

TUNED = ("factors", "regularization", "alpha", "transition_weight")
"""Settings of the site that a search on its own past may change."""


def champion_settings(settings: Settings, registry: Registry) -> Settings:
    """The settings that the champion was made by. Raises VersionError when nothing is published."""
    champion = registry.champion()
    if champion is None:
        raise VersionError("nothing is published that a challenger could be compared with; run `flask trainer --once`")
    return adopt(settings, champion.config)


def tuned_settings(
    settings: Settings,
    store: Store,
    seconds: float,
    on_progress: Callable[[float, str], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Settings, list[str]]:
    """`settings` with those of the library that the site sets as a search on its own past found them, and what the
    search says.

    Raises VersionError when there is nothing to learn from yet, and ValueError for seconds that are not above zero.
    """
    training_state = TrainingState(settings, None)
    training_state.follow(store)
    if training_state.als is None:
        raise VersionError("there is nothing to learn from yet; run `flask seed`, or let somebody click")
    found = tune(
        training_state.als.log,
        seconds,
        settings.seed,
        start=als_config(settings),
        only=TUNED,
        on_progress=on_progress,
        clock=clock,
    )
    chosen = {name: getattr(found.config, name) for name in TUNED}
    return replace(settings, **chosen), str(found.report).splitlines()


def challenge(
    settings: Settings,
    store: Store,
    registry: Registry,
    *,
    by: str,
    note: str = "",
    environment: str | None = None,
    now: Callable[[], float] = time.time,
    on_progress: Progress | None = None,
    sign_off: SignOff = SIGNED,
) -> ModelVersion:
    """Fit a model by `settings`, put it before the gate, and on trial if it passes; returns its row.

    Only the gate and the registration take the publish lock: the trainer goes on meanwhile. environment: see
    `Candidate`. Raises VersionError when nothing is published, when another trial is on, when the settings are the
    champion's, and when there is nothing to learn from.
    """
    check_free(registry)
    own = champion_settings(settings, registry)
    if Lineage(settings, False).config_hash == Lineage(own, False).config_hash:
        raise VersionError("these are the settings that the champion was made by; change at least one with --set")
    training_state = TrainingState(settings, None, on_progress)
    started = time.perf_counter()
    learned = training_state.follow(store)
    if training_state.als is None:
        raise VersionError("there is nothing to learn from yet; run `flask seed`, or let somebody click")
    seconds = time.perf_counter() - started
    model = training_state.model(store)
    timings = {"read": round(seconds - learned.learn_s, 4), "fit": round(learned.learn_s, 4)}
    holdout = training_state.holdout()
    return evaluate_and_publish(
        with_estimates(candidate_of(training_state, model, settings, "fit", timings, environment), store, settings),
        holdout,
        settings,
        registry,
        has_baseline=latest_baseline(store.reader(), METRIC, "popularity") is not None,
        sign_off=sign_off,
        now=now,
        as_challenger=Proposal(by, f"{difference(settings, own)}.{f' {note}' if note else ''}"),
    )
