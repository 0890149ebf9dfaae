"""A candidate's way: a row in the registry, an artifact on disk, the gate; then published, put on trial or refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from app.learn.training_state import TrainingState
from app.learn.trial import Proposal, check_free, start_trial
from app.measure.evaluation.gate import SIGNED, GateVerdict, PublishedModel, SignOff, judge
from app.measure.evaluation.holdout import Holdout
from app.models.code_version import code_version
from app.models.config import learning_settings
from app.models.errors import StorageUnavailableError
from app.models.lineage import config_hash
from app.models.publish import prune_artifacts, publish
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion, Step
from app.models.storage import load_published
from app.settings import Settings
from recommender import ArtifactError, FactorModel, PopularityModel, Recommender


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that asks to be published, and what it was made from; see `ModelVersion` for fields of the same names.

    config: the settings it was made by (`learning_settings`).
    erasures, curation: numbers of the newest erasure and of the newest change of the exclusions that it knows of.
    excluded_visitors, excluded_rows: visitors excluded then, and their events that were left out.
    exclusion: number of the newest exclusion that was in force then, None when it is not known.
    timings: seconds spent on it so far, by step. drift: of a refit, see `app.learn.update_drift`.
    environment: hash of the environment's settings, when with this candidate the trainer has acted on them.
    second_stage: what the second stage was learned from, its weights and the effect of positions; empty without one.
    off_policy: what it would have been worth on logged slates; see `app.learn.off_policy`. Empty when not estimated.
    echo: how much better models look on their own slates than on pages drawn by lot; see `app.learn.echo`.
    """

    kind: str
    model: FactorModel
    config: Mapping[str, Any]
    popularity: PopularityModel
    watermark: int
    rows: int
    users: int
    items: int
    erasures: int
    timings: Mapping[str, float]
    environment: str | None = None
    curation: int = 0
    excluded_visitors: int = 0
    excluded_rows: int = 0
    exclusion: int | None = None
    drift: Mapping[str, Any] = field(default_factory=dict)
    off_policy: Mapping[str, Any] = field(default_factory=dict)
    second_stage: Mapping[str, Any] = field(default_factory=dict)
    echo: Mapping[str, Any] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Any]:
        """What lineage keeps beside the verdict."""
        names = ("erasures", "curation", "excluded_visitors", "excluded_rows", "exclusion")
        found: dict[str, Any] = {name: getattr(self, name) for name in names}
        measured = {name: dict(getattr(self, name)) for name in ("drift", "off_policy", "second_stage", "echo")}
        return found | {name: value for name, value in measured.items() if value}


def candidate_of(
    training_state: TrainingState,
    model: FactorModel,
    settings: Settings,
    kind: str,
    timings: Mapping[str, float],
    environment: str | None = None,
) -> Candidate:
    """What `training_state`, which was made by `settings`, amounts to now; `model` is its model."""
    als = training_state.als
    assert als is not None
    popularity = PopularityModel.from_interactions(als.log)
    return Candidate(
        kind=kind,
        model=model,
        config=learning_settings(settings),
        popularity=popularity,
        watermark=training_state.watermark,
        rows=als.log.rows,
        users=als.log.users,
        items=int((popularity.popularity > 0).sum()),
        erasures=training_state.erasure or 0,
        timings=timings,
        environment=environment,
        curation=training_state.curation or 0,
        excluded_visitors=len(training_state.excluded),
        excluded_rows=training_state.excluded_rows,
        exclusion=training_state.exclusion,
        second_stage=training_state.stage_facts,
    )


def evaluate_and_publish(
    candidate: Candidate,
    holdout: Holdout,
    settings: Settings,
    registry: Registry,
    *,
    has_baseline: bool,
    sign_off: SignOff = SIGNED,
    now: Callable[[], float],
    as_challenger: Proposal | None = None,
    first_model: Callable[[], Recommender | None] = lambda: None,
) -> ModelVersion:
    """Take a candidate through the gate, publish or refuse it, and return its row as it then stands.

    first_model: what ranks pages while nothing is published.
    as_challenger: what is proposed and by whom; a candidate that passes is then put on trial, not published.
    The publish lock is held all the way, so that the champion it is measured against is the one that it replaces.
    Raises VersionError, before anything is written, when a challenger is presented while another is on trial, and
    StorageUnavailableError when the model cannot be kept, or the champion not be had.
    """
    storage = registry.storage
    with registry.publishing():
        storage.check()  # before anything is written down: whoever tries again would write it each time
        champion = _champion(registry, candidate)
        if as_challenger is not None:
            check_free(registry)
        version = _row(candidate, registry.next_version(), champion, now())
        by = "trainer" if as_challenger is None else as_challenger.by
        filed = f"{candidate.kind.capitalize()} of {candidate.rows} rows up to event {candidate.watermark}"
        said = f"{filed}." if as_challenger is None else f"{filed}: {as_challenger.sentence}"
        acted_on = {} if candidate.environment is None else {"environment": candidate.environment}
        registry.add(version, Step(version.version, version.created_at, "filed", by, said, acted_on))
        try:
            timings = dict(candidate.timings)
            with _timed(timings, "save"):
                registry.change(version.version, checksum=storage.save(candidate.model, version.artifact))
            with _timed(timings, "gate"):
                verdict = judge(
                    candidate.model,
                    champion,
                    candidate.popularity,
                    holdout,
                    has_baseline=has_baseline,
                    margin=settings.gate_margin,
                    seed=settings.seed,
                    sign_off=sign_off,
                    first_model=first_model,
                )
            _record(registry, version.version, verdict, candidate, timings, now())
            if verdict.passed and as_challenger is not None:
                start_trial(registry, version.version, now(), by)
            elif verdict.passed:
                with _timed(timings, "publish"):
                    publish(registry, registry.get(version.version) or version, now)
                registry.change(version.version, timings=timings)
            else:
                registry.change(version.version, state="refused")
        except Exception as error:
            verdict_said = f"Refused: it could not be made ({error})."
            failed = Step(version.version, now(), "refused", by, verdict_said)
            kept = {"artifact": ""} if isinstance(error, StorageUnavailableError) else {}
            registry.change(version.version, failed, state="refused", verdict=verdict_said, **kept)
            raise
        prune_artifacts(settings, registry)
        return registry.get(version.version) or version


def _row(candidate: Candidate, number: int, champion: PublishedModel | None, created_at: float) -> ModelVersion:
    return ModelVersion(
        version=number,
        created_at=created_at,
        kind=candidate.kind,
        state="candidate",
        parent=None if champion is None else champion.version,
        watermark=candidate.watermark,
        rows=candidate.rows,
        users=candidate.users,
        items=candidate.items,
        config=candidate.config,
        config_hash=config_hash(candidate.config),
        code_version=code_version(),
        timings=dict(candidate.timings),
        metrics=candidate.facts,
        verdict="Not judged yet.",
        artifact=str(number),
        checksum="",
    )


def _record(
    registry: Registry,
    number: int,
    verdict: GateVerdict,
    candidate: Candidate,
    timings: Mapping[str, float],
    at: float,
) -> None:
    metrics = {**verdict.metrics, **candidate.facts}
    judged = Step(number, at, "gate", "trainer", verdict.sentence, verdict.metrics)
    registry.change(number, judged, metrics=metrics, verdict=verdict.sentence, timings=timings)


def _champion(registry: Registry, candidate: Candidate) -> PublishedModel | None:
    """The published model; None when there is none, or it is damaged and so of no use to anyone."""
    try:
        published = load_published(registry.storage)
    except StorageUnavailableError:
        raise
    except ArtifactError:
        return None
    if published is None:
        return None
    number = published[0].version
    row = registry.get(number)
    known = row.metrics.get("exclusion") if row else None  # models of older code do not say
    tainted = known is not None and (candidate.exclusion or 0) > known
    return PublishedModel(number, published[1], tainted=tainted)


@contextmanager
def _timed(timings: dict[str, float], name: str) -> Iterator[None]:
    """Keep the seconds of a block in `timings`."""
    started = time.perf_counter()
    yield
    timings[name] = round(time.perf_counter() - started, 4)
