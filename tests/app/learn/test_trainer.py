"""The trainer learns, remembers, forgets, publishes what is better and refuses what is worse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.learn import candidate
from app.learn.trainer import Trainer
from app.measure.evaluation.gate import GateVerdict, SignOff, judge
from app.models.errors import RegistryDamagedError
from app.models.publish import load_current, read_current, rollback
from app.models.registry import Registry
from app.serve.fallback import FirstModelFallback
from app.settings import Settings
from app.store import Store
from recommender import Recommender
from tests.app.learn.conftest import Clock, made
from tests.app.learn.traffic import Traffic, item_id

Start = Callable[[], Trainer]


@pytest.mark.usefixtures("baseline", "holdout")
def test_the_first_model_is_published_with_its_lineage(
    start_trainer: Start, traffic: Traffic, registry: Registry, settings: Settings
) -> None:
    watermark = traffic.crowd("visitor", 60)
    version = made(start_trainer().step())

    assert (version.version, version.state, version.kind, version.parent) == (1, "champion", "fit", None)
    assert (version.watermark, version.rows, version.users, version.items) == (watermark, 120, 60, 60)
    assert {"read", "fit", "save", "gate", "publish"} <= set(version.timings)
    assert version.config["factors"] == 32
    assert version.metrics["candidate"]["mean"] > version.metrics["popularity"]["mean"]
    assert version.metrics["over_popularity"]["low"] > 0
    assert version.metrics["cases"] == 60
    published = load_current(settings.models_folder)
    assert published is not None
    assert (published[0].version, published[0].watermark) == (1, watermark)
    assert published[1].recommend(["item-000"], k=3)
    assert registry.champion() == version


@pytest.mark.usefixtures("baseline", "holdout")
def test_more_data_makes_a_better_model_and_that_is_published(start_trainer: Start, traffic: Traffic) -> None:
    traffic.crowd("visitor", 40, pairs=20)
    trainer = start_trainer()
    first = made(trainer.step())
    watermark = traffic.crowd("later", 60)
    second = made(trainer.step(force=True))

    assert second.state == "champion"
    assert second.parent == first.version
    assert second.watermark == watermark
    assert second.rows == 80 + 120
    assert second.metrics["over_champion"]["low"] > 0


@pytest.mark.usefixtures("baseline", "holdout")
def test_the_gate_is_given_what_ranks_pages_while_nothing_is_published(
    start_trainer: Start, traffic: Traffic, store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Recommender | None] = []

    def judge_and_note(*judged: Any, first_model: Callable[[], Recommender | None], **how: Any) -> GateVerdict:
        given.append(first_model())
        return judge(*judged, first_model=first_model, **how)

    monkeypatch.setattr(candidate, "judge", judge_and_note)
    traffic.crowd("visitor", 60)
    start_trainer().step()
    served = FirstModelFallback(store, settings).model()
    assert served is not None
    assert given[0] is not None
    assert given[0].recommend([item_id(0)], k=5) == served.recommend([item_id(0)], k=5)


@pytest.mark.usefixtures("baseline", "holdout")
def test_a_poisoned_candidate_is_refused_and_the_champion_stays(
    start_trainer: Start, traffic: Traffic, settings: Settings, registry: Registry
) -> None:
    traffic.crowd("visitor", 60)
    trainer = start_trainer()
    first = made(trainer.step())
    traffic.crowd("bot", 240, poison=True)
    refused = made(trainer.step(force=True))

    assert refused.state == "refused"
    assert refused.verdict.startswith("Refused, because it is surely worse than version 1")
    current = read_current(settings.models_folder)
    assert current is not None
    assert current.version == first.version
    assert trainer.step(force=True).candidate is None, "the same data are not tried again"
    assert registry.champion() == first


@pytest.mark.usefixtures("baseline", "holdout")
def test_after_a_refusal_a_candidate_with_more_data_gets_its_chance(start_trainer: Start, traffic: Traffic) -> None:
    traffic.crowd("visitor", 60)
    trainer = start_trainer()
    trainer.step()
    traffic.crowd("bot", 240, poison=True)
    refused = made(trainer.step(force=True))
    traffic.erase(f"bot-{number}" for number in range(240))
    healed = made(trainer.step())

    assert refused.state == "refused"
    assert healed.state == "champion"
    assert healed.rows == 120


@pytest.mark.usefixtures("holdout")
def test_without_a_baseline_nothing_is_published_until_there_is_one(
    start_trainer: Start, traffic: Traffic, settings: Settings, request: pytest.FixtureRequest
) -> None:
    traffic.crowd("visitor", 60)
    trainer = start_trainer()
    refused = made(trainer.step())
    assert refused.state == "refused"
    assert "flask baseline" in refused.verdict
    assert read_current(settings.models_folder) is None
    traffic.crowd("more", 10)
    assert trainer.step(force=True).candidate is None

    request.getfixturevalue("baseline")
    assert made(trainer.step()).state == "champion"


@pytest.mark.usefixtures("baseline")
def test_without_holdout_clicks_nothing_is_published_until_there_are_some(
    start_trainer: Start, traffic: Traffic, settings: Settings
) -> None:
    traffic.crowd("visitor", 60)
    trainer = start_trainer()
    assert "not enough holdout clicks: 0 cases of 0 visitors" in made(trainer.step()).verdict
    assert read_current(settings.models_folder) is None

    traffic.crowd("holdout", 60, holdout=True)
    version = made(trainer.step())
    assert (version.state, version.kind, version.rows) == ("champion", "fit", 120)


@pytest.mark.usefixtures("baseline", "holdout")
@pytest.mark.parametrize("running", [True, False])
def test_an_erased_visitor_is_forgotten_by_the_next_model(
    start_trainer: Start, traffic: Traffic, *, running: bool
) -> None:
    traffic.crowd("visitor", 60)
    trainer = start_trainer()
    trainer.step()
    traffic.erase(["visitor-3"])
    report = (trainer if running else start_trainer()).step()

    assert report.learned.rebuilt
    version = made(report)
    assert (version.rows, version.users, version.kind) == (118, 59, "refit")


@pytest.mark.usefixtures("baseline", "holdout")
def test_undo_and_dislike_withdraw_rows_and_views_make_none(
    start_trainer: Start, traffic: Traffic, clock: Clock
) -> None:
    traffic.crowd("visitor", 60)
    trainer = start_trainer()
    trainer.step()
    traffic.visitor("someone")
    for kind in ("click", "like", "view"):
        traffic.act("someone", 1, kind)
    assert trainer.step().rows == 122
    traffic.act("someone", 1, "like", undo=True)
    report = trainer.step()
    assert (report.rows, report.learned.added, report.learned.withdrawn) == (121, 1, 2), "what is left is one row"
    traffic.act("someone", 1, "dislike")
    assert trainer.step().rows == 120
    traffic.act("someone", 1, "dislike", undo=True)
    assert trainer.step().rows == 121
    assert start_trainer().step().rows == 121, "following and reading anew agree"


@pytest.mark.usefixtures("baseline", "holdout")
def test_the_holdout_never_trains(start_trainer: Start, traffic: Traffic) -> None:
    traffic.crowd("visitor", 60)
    trainer = start_trainer()
    trainer.step()
    watermark = traffic.crowd("more-holdout", 5, holdout=True)
    report = trainer.step(force=True)
    assert (report.watermark, report.rows, report.candidate) == (watermark, 120, None)
    assert report.settled == watermark


@pytest.mark.usefixtures("baseline", "holdout")
def test_a_rollback_stands_until_there_is_new_data(
    start_trainer: Start, traffic: Traffic, settings: Settings, registry: Registry
) -> None:
    traffic.crowd("visitor", 40, pairs=20)
    trainer = start_trainer()
    trainer.step()
    traffic.crowd("later", 60)
    trainer.step(force=True)
    assert rollback(settings, registry).version == 1
    assert trainer.step(force=True).candidate is None
    assert start_trainer().step(force=True).candidate is None

    traffic.crowd("newer", 10)
    version = made(trainer.step(force=True))
    assert (version.state, version.parent) == ("champion", 1)


@pytest.mark.usefixtures("baseline")
def test_it_waits_for_signatures_and_goes_on_when_they_are_there(
    settings: Settings, store: Store, registry: Registry, clock: Clock, traffic: Traffic
) -> None:
    asked = [SignOff("It is not signed.")]
    trainer = Trainer(settings, store, registry, clock, clock, sign_off=lambda: asked[-1])
    traffic.crowd("holdout", 60, holdout=True)
    traffic.crowd("visitor", 60)
    first = trainer.step()
    assert first.candidate is not None
    assert first.candidate.metrics["reason"] == "unsigned"
    traffic.crowd("more", 60)
    assert trainer.step(force=True).candidate is None, "nothing is made that cannot be judged"
    asked.append(SignOff())
    second = trainer.step()
    assert second.candidate is not None
    assert second.candidate.state == "champion"


@pytest.mark.usefixtures("baseline")
def test_a_registry_damaged_under_a_running_trainer_is_made_anew_at_the_next_step(
    settings: Settings, traffic: Traffic, registry: Registry, start_trainer: Callable[[], Trainer]
) -> None:
    traffic.crowd("holdout", 60, holdout=True)
    traffic.crowd("visitor", 60)
    trainer = start_trainer()
    assert trainer.step(force=True).candidate is not None
    settings.registry_database.write_bytes(b"garbage" * 1_000)
    with pytest.raises(RegistryDamagedError):
        trainer.step()
    assert "it is kept as registry.db.damaged-" in trainer.step().fixed[0]
    assert registry.champion() is not None
