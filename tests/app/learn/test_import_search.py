"""After an import the trainer searches for settings, once, and better ones go on trial."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from app.learn.trainer import Trainer
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store
from tests.app.learn.conftest import Clock
from tests.app.learn.traffic import Traffic
from tests.app.learn.trial_clicks import ask


def searches(registry: Registry, settings: Settings) -> list[tuple[int, str, str]]:
    """What the registry keeps of searches: up to which event, what they found, and their report."""
    conn = sqlite3.connect(settings.registry_database)
    try:
        return conn.execute("SELECT imported_seq, found, report FROM searches ORDER BY id").fetchall()
    finally:
        conn.close()


def test_settings_are_searched_once_after_an_import_and_better_ones_go_on_trial(
    baseline: object,
    holdout: None,
    traffic: Traffic,
    settings: Settings,
    store: Store,
    registry: Registry,
    clock: Clock,
) -> None:
    poor = replace(settings, factors=4, transition_weight=0.0, tune_after_import_s=10.0)
    traffic.crowd("visitor", 60)
    ask(traffic, None, 3)
    trainer = Trainer(poor, store, registry, clock, clock)
    trainer.step()
    champion = registry.champion()
    assert champion is not None
    trainer.step()
    assert searches(registry, settings) == [], "nothing was imported"
    traffic.crowd("shop", 200, origin="imported")
    clock.seconds += 60
    for _ in range(2):
        trainer.step()
    ((seq, found, said),) = searches(registry, settings)
    assert seq == registry.searched_until() == trainer.step().watermark
    assert "transition_weight" in found
    assert "Searched with" in said
    challenger = registry.challenger()
    assert challenger is not None
    assert found in str(registry.steps(challenger.version))
    for another in (trainer, Trainer(poor, store, registry, clock, clock)):
        clock.seconds += 60
        another.step()
    assert len(searches(registry, settings)) == 1, "neither this trainer nor the next one searches again"


@pytest.mark.parametrize(("visitors", "seconds"), [(0, 20.0), (3, 0.0)])
def test_no_search_without_visitors_or_where_it_is_off(
    trained: Trainer, traffic: Traffic, settings: Settings, store: Store, registry: Registry, clock: Clock,
    visitors: int, seconds: float,
) -> None:  # fmt: skip
    ask(traffic, None, visitors)
    traffic.crowd("shop", 60, origin="imported")
    trainer = Trainer(replace(settings, tune_after_import_s=seconds), store, registry, clock, clock)
    for _ in range(2):
        clock.seconds += 60
        trainer.step()
    assert searches(registry, settings) == []
    assert registry.challenger() is None
