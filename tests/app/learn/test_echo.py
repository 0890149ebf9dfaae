"""Echo: the same model on what models had put before visitors, and on pages drawn by lot."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from app.learn.echo import measure_echo
from app.learn.trainer import Trainer
from app.measure.evaluation.holdout import FOUND, Holdout
from app.measure.risks.exposure import echo
from app.models.registry import Registry
from app.record.filling import store_events
from app.settings import Settings
from app.store import Store, Writer
from app.store.events import NewEvent
from app.store.slates import LoggedSlate, log_slates
from recommender.evaluation import NextItemCase
from tests.app.learn.traffic import PAIRS, Traffic, item_id


def open_from_models_slates(writer: Writer, traffic: Traffic, now: float, visitors: int) -> None:
    """Visitors open one half of a pair, then the other half, which the model had put there."""
    for number in range(visitors):
        visitor_id, pair = f"later-{number}", number % PAIRS
        traffic.visitor(visitor_id)
        traffic.act(visitor_id, pair)
        other = item_id(PAIRS + pair)
        slate = LoggedSlate(
            slate_id=f"s{number}",
            page_id=f"p{number}",
            visitor_id=visitor_id,
            shelf="for-you",
            policy="als+explore",
            arm="treatment",
            model_version=1,
            served_at=now,
            origin="real",
            items=(other,),
            sources=("als",),
            propensities=(0.92,),
            scores=(1.0,),
        )
        click = NewEvent(f"echo-{number}", visitor_id, other, "click", now, "real", slate_id=f"s{number}", position=1)
        writer.run(partial(log_slates, slates=[slate]))
        writer.run(partial(store_events, events=[click], now=now))


@pytest.mark.usefixtures("trained")
def test_what_models_put_before_visitors_flatters_them(
    store: Store, writer: Writer, settings: Settings, registry: Registry, traffic: Traffic, now: float
) -> None:
    wrong = item_id(PAIRS + 1)
    neutral = Holdout(tuple(NextItemCase(f"n{n}", {item_id(0): 1.0}, wrong) for n in range(30)))
    assert measure_echo(store, settings, registry, neutral) == {}, "nobody has opened anything of a model's slate"
    open_from_models_slates(writer, traffic, now, 120)
    found = measure_echo(store, settings, registry, neutral)
    assert (found["version"], found["cases"]) == (1, 120)
    assert found["own"]["mean"] > 0.99, "the model put it first, and finds it there"
    assert found["difference"] == pytest.approx(found["own"]["mean"] - found["neutral"]["mean"])
    assert found["difference"] > 0.1
    reading = echo(1, found)
    assert reading.value == found["difference"]
    assert "120 choices from models' slates" in reading.note
    assert measure_echo(store, settings, registry, replace(neutral, basis=FOUND)) == {}, "no page was drawn by lot"


def test_without_clicks_on_models_slates_the_indicator_is_unknown() -> None:
    assert echo(None, {}).value is None


def test_the_trainer_keeps_the_echo_with_the_version(trained: Trainer, registry: Registry) -> None:
    assert "echo" not in registry.versions()[0].metrics, "its exam was no page drawn by lot"
