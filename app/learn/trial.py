"""A trial: one fixed challenger beside the champion's lineage on the site, until a rule or somebody ends it.

The registry is the truth about it: the row whose state is ``challenger``, and its steps. The pointer that the web
process reads follows the registry, so a death at any moment leaves a trial that is on or off, never half of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.learn.errors import VersionError
from app.learn.publish import follow_challenger
from app.learn.registry import Registry
from app.store.registry import Step


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


def start_trial(models_folder: Path, registry: Registry, number: int, at: float, by: str) -> None:
    """Put a version that passed the gate on trial. The caller holds `publish_lock`."""
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
    follow_challenger(models_folder, registry)
