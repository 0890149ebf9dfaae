"""The use case: what is recommended to whom, how success is measured, what must not suffer, and who answers for it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

USE_CASE_FILE = Path(__file__).resolve().parent.parent / "usecase.toml"


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
    """Something that must not get worse while the success metric gets better."""

    name: str
    definition: str
    limit: str


@dataclass(frozen=True, slots=True)
class RiskIndicator:
    """A reading that warns early. Past `threshold`, in `unit`, it is an alarm: above or below, as `alarm` says."""

    name: str
    definition: str
    threshold: float
    unit: str
    alarm: str
    owner: str


@dataclass(frozen=True, slots=True)
class Arm:
    """A group of visitors and what they see. The share of each is a setting of the site (`control_share`)."""

    name: str
    sees: str


@dataclass(frozen=True, slots=True)
class Owner:
    """A role, and what it answers for."""

    role: str
    answers_for: str


@dataclass(frozen=True, slots=True)
class UseCase:
    """The use case as the file states it. content_hash changes with any value, but not with layout or comments."""

    name: str
    summary: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    success_metric: Metric
    offline_metric: Metric
    baseline: str
    success_threshold: str
    guardrails: tuple[Guardrail, ...]
    risk_indicators: tuple[RiskIndicator, ...]
    arms: tuple[Arm, ...]
    owners: tuple[Owner, ...]
    content_hash: str


@cache
def load_use_case(path: Path = USE_CASE_FILE) -> UseCase:
    """Read and check the use case, once a process and path. Raises UseCaseError, naming what is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UseCaseError(f"use case file {path} cannot be read: {error.strerror}") from error
    return parse_use_case(text, path.name)


def parse_use_case(text: str, source: str = "usecase.toml") -> UseCase:
    """Make a UseCase from TOML text. Raises UseCaseError, naming what is wrong."""
    try:
        stated: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UseCaseError(f"{source} is not TOML: {error}") from error
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
            guardrails=tuple(Guardrail(**row) for row in stated["guardrails"]),
            risk_indicators=tuple(RiskIndicator(**row) for row in stated["risk_indicators"]),
            arms=tuple(Arm(**row) for row in stated["arms"]),
            owners=tuple(Owner(**row) for row in stated["owners"]),
            content_hash=hashlib.sha256(canonical.encode()).hexdigest()[:16],
        )
    except KeyError as error:
        raise UseCaseError(f"{source} lacks {error.args[0]!r}") from error
    except TypeError as error:
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
    return use_case
