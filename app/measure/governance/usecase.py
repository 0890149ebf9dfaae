"""The use case: what is recommended to whom, how success is measured, what must not suffer, and who answers for it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.measure.experiment.metrics import MetricError, metric_named
from app.measure.experiment.ratio import RatioMetric
from app.values.kind import BUILT_IN, KindError, Kinds, kinds_of

USE_CASE_FILE = Path(__file__).resolve().parents[2] / "usecase.toml"


class UseCaseError(ValueError):
    """The use case file is missing, is not TOML, or lacks something."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of merit: what it is called, what it means, how it is computed from recorded data."""

    name: str
    definition: str
    computed: str


@dataclass(frozen=True, slots=True)
class Guardrail:
    """Something that must not get worse while the success metric gets better.

    measure: which reading is judged. unit: ``lift`` of treatment over control, or ``ms``. It is breached when the
    reading is surely past `threshold`: with its whole interval ``above`` or ``below`` it, as `breach` says.
    """

    name: str
    definition: str
    limit: str
    measure: str
    unit: str
    threshold: float
    breach: str


@dataclass(frozen=True, slots=True)
class RiskIndicator:
    """A reading that warns early, in `unit`.

    From `watch` on somebody should look, from `threshold` on it is an alarm: above or below, as `alarm` says.
    what_to_do: for the owner, when it is either.
    """

    name: str
    definition: str
    unit: str
    watch: float
    threshold: float
    alarm: str
    owner: str
    what_to_do: str


@dataclass(frozen=True, slots=True)
class Arm:
    """A group of visitors, its share of all of them, and what they see. The setting `control_share` must agree."""

    name: str
    share: float
    sees: str


@dataclass(frozen=True, slots=True)
class ExperimentPlan:
    """How the arms are compared, fixed before the first figure is seen.

    least_lift: success is an always-valid interval of the lift that lies above this. confidence: of every interval.
    expected_visitors: the size, both arms together, at which the always-valid interval is to be narrowest.
    mismatch_below: p-value of the sample-ratio-mismatch test below which the verdict is withheld.
    """

    least_lift: float
    confidence: float
    expected_visitors: int
    mismatch_below: float


@dataclass(frozen=True, slots=True)
class Signature:
    """A role's signature. date: the day, in UTC. signed_hash: content hash of the use case that was signed."""

    role: str
    date: date
    signed_hash: str


@dataclass(frozen=True, slots=True)
class Owner:
    """A role, and what it answers for."""

    role: str
    answers_for: str


@dataclass(frozen=True, slots=True)
class UseCase:
    """The use case as the file states it.

    success_metric decides the verdict; further_metrics are computed and shown beside it, and decide nothing. kinds:
    every kind of event that may be recorded, by name. content_hash changes with any value, but not with layout,
    comments or sign-offs.
    """

    name: str
    summary: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    success_metric: Metric
    offline_metric: Metric
    baseline: str
    success_threshold: str
    experiment: ExperimentPlan
    guardrails: tuple[Guardrail, ...]
    risk_indicators: tuple[RiskIndicator, ...]
    arms: tuple[Arm, ...]
    owners: tuple[Owner, ...]
    sign_offs: tuple[Signature, ...]
    content_hash: str
    further_metrics: tuple[Metric, ...] = ()
    kinds: Kinds = field(default_factory=lambda: BUILT_IN)


def load_use_case(path: Path = USE_CASE_FILE) -> UseCase:
    """Read and check the use case, anew only when the file has changed. Raises UseCaseError, naming what is wrong."""
    try:
        state = path.stat()
        return _load(path, state.st_mtime_ns, state.st_ino)
    except OSError as error:
        raise UseCaseError(f"use case file {path} cannot be read: {error.strerror}") from error


@lru_cache(maxsize=8)
def _load(path: Path, changed_ns: int, inode: int) -> UseCase:
    return parse_use_case(path.read_text(encoding="utf-8"), path.name)


def parse_use_case(text: str, source: str = "usecase.toml") -> UseCase:
    """Make a UseCase from TOML text. Raises UseCaseError, naming what is wrong."""
    try:
        stated: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UseCaseError(f"{source} is not TOML: {error}") from error
    signatures = stated.pop("sign_offs", [])
    canonical = json.dumps(stated, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    try:
        use_case = UseCase(
            name=stated["name"],
            summary=stated["summary"],
            inputs=tuple(stated["inputs"]),
            outputs=tuple(stated["outputs"]),
            success_metric=Metric(**stated["success_metric"]),
            offline_metric=Metric(**stated["offline_metric"]),
            baseline=stated["baseline"],
            success_threshold=stated["success_threshold"],
            experiment=ExperimentPlan(**stated["experiment"]),
            guardrails=tuple(Guardrail(**row) for row in stated["guardrails"]),
            risk_indicators=tuple(RiskIndicator(**row) for row in stated["risk_indicators"]),
            arms=tuple(Arm(**row) for row in stated["arms"]),
            owners=tuple(Owner(**row) for row in stated["owners"]),
            sign_offs=tuple(Signature(**row) for row in signatures),
            further_metrics=tuple(Metric(**row) for row in stated.get("further_metrics", ())),
            kinds=kinds_of(stated.get("kinds", ())),
            content_hash=hashlib.sha256(canonical.encode()).hexdigest()[:16],
        )
    except KeyError as error:
        raise UseCaseError(f"{source} lacks {error.args[0]!r}") from error
    except (TypeError, KindError) as error:
        raise UseCaseError(f"{source}: {error}") from error
    _check(use_case, source)
    return use_case


def use_case_metrics(use_case: UseCase) -> tuple[RatioMetric, ...]:
    """Every metric of the arms that the use case names, success first, each once. Raises UseCaseError for one that
    cannot be computed.
    """
    names = [use_case.success_metric.name, *(metric.name for metric in use_case.further_metrics)]
    names += [guardrail.measure for guardrail in use_case.guardrails if guardrail.unit == "lift"]
    try:
        return tuple(metric_named(name, use_case.kinds) for name in dict.fromkeys(names))
    except MetricError as error:
        raise UseCaseError(str(error)) from error


def _check(use_case: UseCase, source: str) -> None:
    try:
        use_case_metrics(use_case)
    except UseCaseError as error:
        raise UseCaseError(f"{source}: {error}") from error
    roles = {owner.role for owner in use_case.owners}
    for risk in use_case.risk_indicators:
        if risk.owner not in roles:
            raise UseCaseError(
                f"{source}: risk indicator {risk.name!r} is owned by {risk.owner!r}, who is not an owner"
            )
        if risk.alarm not in {"above", "below"}:
            raise UseCaseError(
                f"{source}: risk indicator {risk.name!r} has alarm = {risk.alarm!r}; say 'above' or 'below'"
            )
        if (risk.watch > risk.threshold) if risk.alarm == "above" else (risk.watch < risk.threshold):
            raise UseCaseError(
                f"{source}: risk indicator {risk.name!r} has watch = {risk.watch} past its alarm at {risk.threshold}; "
                "put the watch before the alarm"
            )
    for guardrail in use_case.guardrails:
        if guardrail.breach not in {"above", "below"}:
            raise UseCaseError(
                f"{source}: guardrail {guardrail.name!r} has breach = {guardrail.breach!r}; say 'above' or 'below'"
            )
    shares = {arm.name: arm.share for arm in use_case.arms}
    if set(shares) != {"control", "treatment"} or abs(sum(shares.values()) - 1) > 1e-9:
        raise UseCaseError(f"{source}: arms are {shares}; state control and treatment, with shares that add up to 1")
    if use_case.experiment.expected_visitors < 1 or not 0 < use_case.experiment.confidence < 1:
        raise UseCaseError(
            f"{source}: experiment expects {use_case.experiment.expected_visitors} visitors at confidence "
            f"{use_case.experiment.confidence}; state at least 1 and a share between 0 and 1"
        )
