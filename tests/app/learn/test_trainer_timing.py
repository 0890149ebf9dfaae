"""When the trainer makes a version: at once, after a wait, after growth, after a restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.learn.trainer import Trainer
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store
from app.store.measures.baselines import BaselineRow
from tests.app.learn.conftest import Clock, made
from tests.app.learn.traffic import Traffic

Start = Callable[[], Trainer]


@pytest.mark.usefixtures("baseline", "holdout")
def test_a_restarted_trainer_goes_on_where_the_last_one_stopped(start_trainer: Start, traffic: Traffic) -> None:
    traffic.crowd("visitor", 60)
    first = made(start_trainer().step())
    restarted = start_trainer()
    assert restarted.step().candidate is None, "nothing is new"

    watermark = traffic.crowd("later", 10)
    version = made(restarted.step())
    assert (version.watermark, version.rows, version.parent) == (watermark, 140, first.version)


@pytest.mark.usefixtures("baseline", "holdout")
def test_other_settings_of_the_model_make_a_candidate_at_once(
    traffic: Traffic, settings: Settings, store: Store, registry: Registry, clock: Clock
) -> None:
    traffic.crowd("visitor", 60)
    strict = replace(settings, regularization=1e6)  # more than training will use: still the same setting
    made(Trainer(strict, store, registry, clock, clock).step())
    assert Trainer(strict, store, registry, clock, clock).step().candidate is None
    version = made(Trainer(replace(strict, factors=16), store, registry, clock, clock).step())
    assert (version.kind, version.rows, version.config["factors"]) == ("fit", 120, 16)


@pytest.mark.usefixtures("baseline", "holdout")
def test_clicks_that_came_while_no_trainer_ran_are_learned_at_the_start(start_trainer: Start, traffic: Traffic) -> None:
    traffic.crowd("visitor", 60)
    start_trainer().step()
    watermark = traffic.crowd("later", 10)
    version = made(start_trainer().step())
    assert (version.watermark, version.rows, version.kind) == (watermark, 140, "refit")


@pytest.mark.usefixtures("baseline", "holdout")
def test_a_few_clicks_wait_and_many_do_not(start_trainer: Start, traffic: Traffic, clock: Clock) -> None:
    traffic.crowd("visitor", 60)
    trainer = start_trainer()
    trainer.step()
    clock.seconds += 60
    traffic.act("visitor-0", 5)
    assert trainer.step().candidate is None
    clock.seconds += 29
    assert trainer.step().candidate is None
    clock.seconds += 1
    assert made(trainer.step()).kind == "update"
    clock.seconds += 60
    traffic.crowd("more", 5)
    report = trainer.step()
    assert made(report).kind == "update"
    assert report.settled == report.watermark


@pytest.mark.usefixtures("baseline", "holdout")
@pytest.mark.parametrize("set_by", [-86_400.0, 86_400.0])
def test_a_click_waits_as_long_when_the_clock_is_set(
    settings: Settings, store: Store, registry: Registry, clock: Clock, traffic: Traffic, set_by: float
) -> None:
    steady = Clock(0.0)
    traffic.crowd("visitor", 60)
    trainer = Trainer(settings, store, registry, clock, steady)
    trainer.step()
    steady.seconds += 60
    traffic.act("visitor-0", 5)
    assert trainer.step().candidate is None
    clock.seconds += set_by
    steady.seconds += 29
    assert trainer.step().candidate is None
    steady.seconds += 1
    assert made(trainer.step()).kind == "update"


@pytest.mark.usefixtures("baseline", "holdout")
def test_growth_brings_on_a_refit(start_trainer: Start, traffic: Traffic, clock: Clock) -> None:
    traffic.crowd("visitor", 60)
    trainer = start_trainer()
    trainer.step()
    kinds = []
    for number in range(4):
        clock.seconds += 60
        traffic.crowd(f"later-{number}", 7)
        kinds.append(made(trainer.step()).kind)
    assert kinds == ["update", "update", "refit", "update"]


@pytest.mark.usefixtures("holdout", "baseline")
def test_an_empty_database_is_waited_for(start_trainer: Start, traffic: Traffic, baseline: BaselineRow) -> None:
    trainer = start_trainer()
    report = trainer.step(force=True)
    assert (report.candidate, report.rows) == (None, 0)
    traffic.crowd("visitor", 60)
    assert made(trainer.step()).state == "champion"
