"""The first numbers, on one page: is data coming in, what do the arms do, and which model is in use."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.measure.evaluation.holdout import exam_of
from app.measure.governance.usecase import UseCase, load_use_case
from app.models.registry_rows import ModelVersion
from app.settings import Settings
from app.store import Store
from app.store.events import last_seq
from app.store.measures.baselines import BaselineRow, latest_baselines
from app.store.measures.experiments import ArmVisitors, DayEvents, events_by_day, visitors_by_arm
from app.values.interval import Interval, measured_interval
from app.values.origin import ORIGINS
from app.visitors.contribution import ContributionRules, contribution_rules
from app.visitors.unlearned import read_unlearned


class VersionSource(Protocol):
    """What the overview asks of the registry (`app.models.registry.Registry`)."""

    def versions(self, limit: int | None = None) -> list[ModelVersion]:
        """Model versions, newest first."""

    def champion(self) -> ModelVersion | None:
        """The published version, or None."""


@dataclass(frozen=True, slots=True)
class Count:
    """One name and how often it occurs."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model version as the page shows it.

    model: the registry's row in full (version, kind, state, parent, watermark, rows, verdict, timings, …).
    age_s: seconds since it was made. can_promote: whether it can be put in use (kept, and not in use).
    quality, champion_quality, popularity_quality: rank gain of the version, of the champion then and of popularity, on
    the same `cases` of the same `visitors`; None where the gate did not come to measure. exam: what the cases come
    from, see `exam_of`.
    """

    model: ModelVersion
    age_s: float
    can_promote: bool
    quality: Interval | None
    champion_quality: Interval | None
    popularity_quality: Interval | None
    exam: str
    cases: int
    visitors: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What the plain /flywheel page shows. Every count is of the named `origins`, except `last_seq` and the models.

    taken_at: Unix seconds. origins: whose events are counted.
    events_total, events_by_kind, events_by_origin, events_by_day (newest day first): recorded events.
    visitors_per_arm: by origin, arm and whether the arm was assigned or chosen; `holdout` of them only judge models.
    baselines: the newest measured ones; empty means that the gate publishes nothing yet.
    baseline_problem: a sentence when there is none or it was measured for another wording of the use case, else None.
    models: newest first. champion: the version in use, or None.
    last_seq: newest event seq. event_lag: what the events after the champion's watermark
    change of what trains, None without a champion.
    fallback: a sentence when no model is published, else None.
    """

    taken_at: float
    use_case: UseCase
    origins: tuple[str, ...]
    events_total: int
    events_by_kind: tuple[Count, ...]
    events_by_origin: tuple[Count, ...]
    events_by_day: tuple[DayEvents, ...]
    visitors_per_arm: tuple[ArmVisitors, ...]
    baselines: tuple[BaselineRow, ...]
    baseline_problem: str | None
    models: tuple[ModelRow, ...]
    champion: ModelRow | None
    last_seq: int
    event_lag: int | None
    fallback: str | None


def overview(
    store: Store,
    registry: VersionSource,
    origins: Sequence[str] = ORIGINS,
    now: float | None = None,
    most_models: int = 50,
    use_case: UseCase | None = None,
    rules: ContributionRules | None = None,
) -> Overview:
    """Read the first numbers for these origins. now: Unix seconds, the clock's when not given.

    use_case: the one in force, the shipped one when not given. rules: of what trains, those of the settings as they are
    shipped when not given. Raises ValueError for an origin that does not exist.
    """
    unknown = [origin for origin in origins if origin not in ORIGINS]
    if unknown or not origins:
        raise ValueError(f"origins = {list(origins)!r}; name one or more of {', '.join(ORIGINS)}")
    now = time.time() if now is None else now
    conn = store.reader()
    days = events_by_day(conn, origins)
    use_case = use_case or load_use_case()
    rules = rules or contribution_rules(Settings())
    baselines = latest_baselines(conn)
    newest = last_seq(conn)
    champion = registry.champion()
    return Overview(
        taken_at=now,
        use_case=use_case,
        origins=tuple(origins),
        events_total=sum(day.events for day in days),
        events_by_kind=_counts((day.kind, day.events) for day in days),
        events_by_origin=_counts((day.origin, day.events) for day in days),
        events_by_day=tuple(days),
        visitors_per_arm=tuple(visitors_by_arm(conn, origins)),
        baselines=tuple(baselines),
        baseline_problem=_baseline_problem(baselines, use_case),
        models=tuple(_model_row(model, now) for model in registry.versions(most_models)),
        champion=None if champion is None else _model_row(champion, now),
        last_seq=newest,
        event_lag=None if champion is None else read_unlearned(conn, champion.watermark, rules).changes,
        fallback=None if champion is not None else "No model is published; the site ranks without one.",
    )


def _counts(pairs: Iterable[tuple[str, int]]) -> tuple[Count, ...]:
    totals: Counter[str] = Counter()
    for name, count in pairs:
        totals[name] += count
    return tuple(Count(name, count) for name, count in totals.most_common())


def _baseline_problem(baselines: Sequence[BaselineRow], use_case: UseCase) -> str | None:
    if not baselines:
        return "No baseline has been measured, so no model is published: run `flask baseline`."
    if any(row.usecase_hash != use_case.content_hash for row in baselines):
        return "The use case has changed since the baseline was measured: run `flask baseline` again."
    return None


def _model_row(model: ModelVersion, now: float) -> ModelRow:
    return ModelRow(
        model=model,
        age_s=max(0.0, now - model.created_at),
        can_promote=model.state != "champion" and bool(model.artifact),
        quality=measured_interval(model.metrics, "candidate"),
        champion_quality=measured_interval(model.metrics, "champion"),
        popularity_quality=measured_interval(model.metrics, "popularity"),
        exam=exam_of(model.metrics),
        cases=int(model.metrics.get("cases", 0)),
        visitors=int(model.metrics.get("visitors", 0)),
    )
