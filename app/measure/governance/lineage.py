"""SlateLineage: from one entry of a slate back to the model, the data and the verdict that put it there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.models.registry import Registry
from app.models.registry_rows import ModelVersion, Step
from app.settings import Settings
from app.store import Store, said_to_strangers
from app.store.interactions import visitor_interactions
from app.store.rules import RuleRow, read_rules
from app.store.slates import LoggedSlate, get_slate
from app.visitors.history import history_of, rows_before
from recommender import ArtifactError, Contribution, FactorModel

_MOST_PARENTS = 1_000


class LineageError(Exception):
    """What was asked for was never served; the message says what there is."""


@dataclass(frozen=True, slots=True)
class EntryLineage:
    """One entry: where it stood (from 1), what put it there, its chance and score, and for whose side in a trial.

    shares: what the visitor's history as of then adds to the score, largest first; they add up to the score of today's
    code and kept artifact. without_shares: why there are none.
    """

    position: int
    item_id: str
    source: str
    propensity: float
    score: float | None
    team: str | None
    shares: tuple[Contribution, ...]
    without_shares: str | None


@dataclass(frozen=True, slots=True)
class SlateLineage:
    """Everything behind a slate.

    slate: as it was served. history: item ids and weights that the visitor's page was ranked from, newest last.
    model: the version that ranked, with watermark, rows, config and its hash, code version, metrics (exclusions and
    erasures among them) and verdict; None when no model took part or its row is lost. steps: what happened to that
    version, oldest first. parents: the chain of champions before it, nearest first.
    rules: the business rules that were in force, those that have ended since as well.
    """

    slate: LoggedSlate
    entries: tuple[EntryLineage, ...]
    history: tuple[tuple[str, float], ...]
    model: ModelVersion | None
    steps: tuple[Step, ...]
    parents: tuple[ModelVersion, ...]
    rules: tuple[RuleRow, ...] = ()


def lineage(
    store: Store,
    registry: Registry,
    settings: Settings,
    slate_id: str,
    position: int | None = None,
    loaded: Mapping[int, FactorModel] = MappingProxyType({}),
) -> SlateLineage:
    """Follow a slate, or its entry at `position`, back. Raises LineageError for one that was never served.

    loaded: models that are in memory, by version; of others the artifact is read.
    """
    slate = get_slate(store.reader(), slate_id)
    if slate is None:
        raise LineageError(f"no slate {slate_id!r} was served, or its visitor was erased")
    if position is not None and not 1 <= position <= len(slate.items):
        raise LineageError(f"slate {slate_id!r} has positions 1 to {len(slate.items)}, not {position}")
    model = None if slate.model_version is None else registry.get(slate.model_version)
    history = _history(store, settings, slate)
    in_memory = None if slate.model_version is None else loaded.get(slate.model_version)
    artifact, without = _artifact(registry, slate, model) if in_memory is None else (in_memory, None)
    positions = range(1, len(slate.items) + 1) if position is None else [position]
    return SlateLineage(
        slate=slate,
        entries=tuple(_entry(slate, at, history, artifact, without) for at in positions),
        history=tuple(history.items()),
        model=model,
        steps=() if model is None else tuple(reversed(registry.steps(model.version))),
        parents=_parents(registry, model),
        rules=tuple(read_rules(store.reader(), slate.rules)) if slate.rules else (),
    )


def _history(store: Store, settings: Settings, slate: LoggedSlate) -> dict[str, float]:
    """The visitor's history as it was when the slate was served: item to summed weight, newest last."""
    past = rows_before(visitor_interactions(store.reader(), slate.visitor_id), slate.served_at)
    return dict(history_of(past, settings.kind_weights(), settings.history_length).weights)


def _artifact(
    registry: Registry, slate: LoggedSlate, model: ModelVersion | None
) -> tuple[FactorModel | None, str | None]:
    if slate.model_version is None:
        return None, "No model took part in this slate."
    if model is None:
        return None, f"The registry does not know version {slate.model_version} any more."
    if not model.artifact:
        return None, f"The artifact of version {model.version} was cleared away."
    try:
        return registry.storage.load(model.artifact, model.checksum), None
    except (ArtifactError, OSError) as error:
        return None, f"The artifact of version {model.version} cannot be read: {said_to_strangers(error)}"


def _entry(
    slate: LoggedSlate, position: int, history: dict[str, float], artifact: FactorModel | None, without: str | None
) -> EntryLineage:
    index = position - 1
    item_id, source = slate.items[index], slate.sources[index]
    shares: tuple[Contribution, ...] = ()
    if artifact is not None:
        if source != "als":
            without = f"The model did not rank this entry; it came from {source}."
        elif not history:
            without = "The visitor had no history then, and saw what is popular."
        elif item_id not in artifact.item_ids:
            without = "The model does not know this item."
        else:
            shares = tuple(artifact.explain(dict(history), item_id))
    return EntryLineage(
        position=position,
        item_id=item_id,
        source=source,
        propensity=slate.propensities[index],
        score=slate.scores[index],
        team=None if slate.teams is None else slate.teams[index],
        shares=shares,
        without_shares=None if shares else without,
    )


def _parents(registry: Registry, model: ModelVersion | None) -> tuple[ModelVersion, ...]:
    chain: list[ModelVersion] = []
    while model is not None and model.parent is not None and len(chain) < _MOST_PARENTS:
        # A parent is older than its child, so that a damaged row cannot make a ring.
        model = registry.get(model.parent) if model.parent < model.version else None
        chain += [] if model is None else [model]
    return tuple(chain)
