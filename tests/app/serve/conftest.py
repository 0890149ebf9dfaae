"""A site without its web: everything that composes pages, on a small database, with or without a published model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from app.catalog import Catalog
from app.models.current import POINTER, artifact_checksum, write_current
from app.models.publish import CHALLENGER_POINTER, Current, CurrentModelWatch
from app.models.storage import FolderStorage
from app.record import Recorder
from app.serve import Serve
from app.serve.model_holder import ModelHolder
from app.serve.popularity import PopularityBoard
from app.settings import Settings
from app.store import Store, Writer
from app.values.visitor import Visitor
from app.visitors import new_visitor
from app.visitors.contribution import contribution_rules
from recommender import ALSConfig, Interactions, train
from tests.conftest import NOW, make_items


@dataclass(frozen=True, slots=True)
class Stage:
    """What a test of pages works with. `serve` is made fresh on the same parts, as after a restart, by `restart`."""

    settings: Settings
    writer: Writer
    models: ModelHolder
    recorder: Recorder
    serve: Serve

    def open(self, visitor: Visitor, *item_ids: str, kind: str = "click") -> None:
        """The visitor opens items, outside any slate."""
        for item_id in item_ids:
            self.recorder.record_one(visitor, kind, item_id, received_at=NOW)

    def settle(self) -> None:
        """Wait until everything that was queued is committed."""
        self.writer.run(lambda db: None)


@pytest.fixture
def stage(settings: Settings, store: Store, writer: Writer, catalog: Catalog) -> Stage:
    """Pages without a model, seeded randomness, and an order of popularity that is never old."""
    challenger_watch = CurrentModelWatch(FolderStorage(settings.models_folder), CHALLENGER_POINTER)
    models = ModelHolder(CurrentModelWatch(FolderStorage(settings.models_folder)), challenger_watch=challenger_watch)
    popularity = PopularityBoard(store, catalog, contribution_rules(settings), epoch=NOW, refresh_s=0.0)
    serve = Serve(settings, store, writer, catalog, models, popularity, rng=lambda: np.random.default_rng(5))
    return Stage(settings, writer, models, Recorder(writer, catalog, settings, serve.on_recorded), serve)


def publish_model(
    settings: Settings, version: int, kinds: Mapping[str, Sequence[str]], pointer_name: str = POINTER
) -> None:
    """Publish a model under a version number, trained on visitors who each keep to one kind of items."""
    rng = np.random.default_rng(3)
    rows = [
        (f"{kind}-{number}", str(item_id))
        for kind, item_ids in kinds.items()
        for number in range(30)
        for item_id in rng.choice(item_ids, 8, replace=False)
    ]
    model = train(Interactions.from_rows(rows), ALSConfig(factors=8), seed=7)
    artifact = settings.models_folder / str(version)
    model.save(artifact)
    write_current(
        settings.models_folder,
        Current(version, str(version), artifact_checksum(artifact), watermark=0, published_at=NOW),
        pointer_name,
    )


@pytest.fixture
def publish(settings: Settings, stage: Stage) -> Callable[..., None]:
    """See `publish_model`; `keep_to` is a property of items. With `pointer_name` the model is put on trial instead."""

    def publish_one(version: int, keep_to: str = "style", pointer_name: str = POINTER) -> None:
        kinds: dict[str, list[str]] = {}
        for item in make_items():
            kinds.setdefault(getattr(item, keep_to), []).append(item.item_id)
        publish_model(settings, version, kinds, pointer_name)
        stage.models.poll()

    return publish_one


@pytest.fixture
def treated(settings: Settings) -> Visitor:
    """A visitor of the treatment arm."""
    return _visitor(settings, "treatment")


@pytest.fixture
def untreated(settings: Settings) -> Visitor:
    """A visitor of the control arm."""
    return _visitor(settings, "control")


def _visitor(settings: Settings, arm: str) -> Visitor:
    """Somebody who first came an hour ago, and so counts for others when they come again."""
    candidates: Iterator[Visitor] = (new_visitor(settings, now=NOW - 3600, visitor_id=f"v{n}") for n in range(1000))
    return next(visitor for visitor in candidates if visitor.arm == arm)
