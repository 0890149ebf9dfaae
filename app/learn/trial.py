"""A trial: one fixed challenger beside the champion's lineage on the site, until a rule or somebody ends it.

The registry is the truth about it: the row whose state is ``challenger``, and its steps. The pointer that the web
process reads follows the registry, so a death at any moment leaves a trial that is on or off, never half of one.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.models.errors import VersionError
from app.models.publish import follow_challenger, publish, recover
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion, Step
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Proposal:
    """Why a model should be put on trial. by: the command, or ``trainer``. sentence: what is other, and a note."""

    by: str
    sentence: str


def check_free(registry: Registry) -> None:
    """Raise VersionError when a trial is on: two at a time would share the visitors and each take twice as long."""
    on_trial = registry.challenger()
    if on_trial is not None:
        raise VersionError(
            f"version {on_trial.version} is on trial; wait for its verdict (`flask trial status`) "
            "or end it with `flask trial end`"
        )


def start_trial(registry: Registry, number: int, at: float, by: str) -> None:
    """Put a version that passed the gate on trial. The caller holds `Registry.publishing`."""
    champion = registry.champion()
    if champion is None:
        raise VersionError("nothing is published that a challenger could be compared with; run `flask trainer --once`")
    started = Step(
        number,
        at,
        "started",
        by,
        f"Version {number} is on trial against the lineage of version {champion.version}.",
        {"champion": champion.version, "champion_config_hash": champion.config_hash},
    )
    registry.change(number, started, state="challenger")
    follow_challenger(registry)


def started_step(registry: Registry, challenger: ModelVersion) -> Step | None:
    """When and against which champion the trial of a version began; None when the registry was made up after a loss."""
    return next((step for step in registry.steps(challenger.version) if step.step == "started"), None)


def end_by_hand(settings: Settings, registry: Registry, reason: str, at: float) -> ModelVersion:
    """Retire the version on trial without decision, and return its row. Raises VersionError when none is on trial."""
    with registry.publishing():
        recover(settings, registry)
        challenger = registry.challenger()
        if challenger is None:
            raise VersionError("no version is on trial; `flask challenge --set NAME=VALUE` starts one")
        said = reason.strip().rstrip(".")
        sentence = f"Retired by hand{f': {said}' if said else ''}."
        end_trial(
            registry,
            Step(challenger.version, at, "by hand", "flask trial end", sentence),
            "retired",
        )
        return registry.get(challenger.version) or challenger


def end_trial(registry: Registry, verdict: Step, state: str) -> None:
    """End the trial with a verdict: `state` is ``champion``, ``refused`` or ``retired``.

    The caller holds `Registry.publishing`. Does nothing when the version is not on trial any more: somebody was faster.
    """
    challenger = registry.challenger()
    if challenger is None or challenger.version != verdict.version:
        return
    said = f"{challenger.verdict} {verdict.sentence}"
    if state == "champion":
        publish(
            registry,
            challenger,
            lambda: verdict.at,
            verdict.step,
            verdict.by,
            verdict.sentence,
            verdict.figures,
        )
        registry.change(challenger.version, verdict=said)
    else:
        registry.change(challenger.version, verdict, state=state, verdict=said)
        follow_challenger(registry)
