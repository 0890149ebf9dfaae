"""Fixtures of the learning tests: quick settings, made-up traffic, a clock that stands still, a trainer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.learn.trainer import StepReport, Trainer
from app.measure.evaluation.holdout import METRIC
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion
from app.settings import Settings, load_settings
from app.store import Store, Writer
from app.store.measures.baselines import BaselineRow, insert_baselines
from tests.app.learn.traffic import Traffic


@dataclass
class Clock:
    """A clock that only moves when told to."""

    seconds: float

    def __call__(self) -> float:
        return self.seconds


def made(report: StepReport) -> ModelVersion:
    """The version that a step made."""
    assert report.candidate is not None
    return report.candidate


@pytest.fixture
def settings(var: Path, database_url: str) -> Settings:
    """A small model that is quick to fit, wide enough for the pairs of the made-up traffic."""
    small = {"factors": 32, "iterations": 4, "publish_min_events": 10, "publish_max_wait_s": 30, "keep_versions": 3}
    small["exam_min_history"] = 1  # the pairs of the made-up traffic
    return load_settings(
        environment={}, overrides={"var": var, "secret_key": "test", "database_url": database_url, **small}
    )


@pytest.fixture
def traffic(writer: Writer, now: float) -> Traffic:
    """Traffic into the test's database, which is empty."""
    return Traffic(writer, now)


@pytest.fixture
def clock(now: float) -> Clock:
    """A clock at the time of the tests."""
    return Clock(now)


@pytest.fixture
def registry(settings: Settings) -> Registry:
    """The registry, empty at first."""
    return Registry(settings)


@pytest.fixture
def start_trainer(settings: Settings, store: Store, registry: Registry, clock: Clock) -> Callable[[], Trainer]:
    """Starts a trainer as a new process would: knowing nothing but what is on disk."""
    return lambda: Trainer(settings, store, registry, clock, clock)


@pytest.fixture
def baseline(writer: Writer, now: float) -> BaselineRow:
    """A measured baseline in the database."""
    row = BaselineRow(now, "hash", METRIC, "popularity", 0.05, 0.04, 0.06, 100, 10, 0, 100, "real")
    writer.run(lambda db: insert_baselines(db, [row]))
    return row


@pytest.fixture
def holdout(traffic: Traffic) -> None:
    """Sixty holdout visitors, whose clicks judge models."""
    traffic.crowd("holdout", 60, holdout=True)


@pytest.fixture
def trained(start_trainer: Callable[[], Trainer], traffic: Traffic, clock: Clock, baseline: object) -> Trainer:
    """A trainer that has published version 1, a minute ago."""
    traffic.crowd("holdout", 60, holdout=True)
    traffic.crowd("visitor", 60)
    trainer = start_trainer()
    trainer.step()
    clock.seconds += 60
    return trainer
