"""What kind of model a version is, by what the registry records of it, and where along the events the kind that serves
changed: from popularity to factors, to factors that hear attributes, to two stages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from app.models.registry_rows import ModelVersion

NOTHING_PUBLISHED = "popularity"
FACTORS = "factors"
DESCRIBED_FACTORS = "factors and attributes"
TWO_STAGES = "two stages"
UNKNOWN = "not on record"


@dataclass(frozen=True, slots=True)
class KindChange:
    """One change of the kind of model that serves pages.

    number: from 1, oldest first. version: the first that served of the new kind. events: how many had come by then.
    before, after: kinds. verdict: the sentence by which the version was chosen.
    """

    number: int
    version: int
    events: int
    before: str
    after: str
    verdict: str


def kind_of(version: ModelVersion) -> str:
    """The kind of model that a version is."""
    if not version.config:
        return UNKNOWN
    if version.metrics.get("second_stage"):
        return TWO_STAGES
    return DESCRIBED_FACTORS if version.config.get("attribute_weight", 0.0) > 0 else FACTORS


def serving_order(versions: Iterable[ModelVersion]) -> list[tuple[int, ModelVersion]]:
    """Versions that the site used, in the order in which they came to serve, with how many events had come by then.

    A version that won a trial served later than the events that it was made from: it stands at the newest event that
    any version before it had seen. What was rolled back to is not seen here.
    """
    served = sorted((version.published_at, version.version, version) for version in versions if version.published_at)
    events = accumulate((version.watermark for _, _, version in served), max)
    return [(seen, version) for seen, (_, _, version) in zip(events, served, strict=True)]


def kind_changes(served: Iterable[tuple[int, ModelVersion]]) -> tuple[KindChange, ...]:
    """Where the kind changed; served: see `serving_order`."""
    found: list[KindChange] = []
    before = NOTHING_PUBLISHED
    for events, version in served:
        kind = kind_of(version)
        if kind != before:
            found.append(KindChange(len(found) + 1, version.version, events, before, kind, version.verdict))
            before = kind
    return tuple(found)
