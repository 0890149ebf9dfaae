"""The second stage on the site: learned from slates of trusted visitors, published with models, judged by the gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from app.learn.candidate import candidate_of, evaluate_and_publish
from app.learn.stage import StageLearner
from app.learn.trainer import Trainer
from app.learn.training_state import TrainingState
from app.measure.evaluation.evidence import read_evidence
from app.models.current import load_current
from app.models.registry import Registry
from app.record.filling import store_events
from app.settings import Settings
from app.store import Store, Writer
from app.store.events import NewEvent
from app.store.exposures import exposures_since
from app.store.interactions import placed_entries
from app.store.slates import LoggedSlate, log_slates
from app.visitors.contribution import contribution_rules
from recommender import Exposures, StageTrainer
from recommender.second_stage.exposures import OWN_EXAMPLES
from tests.app.learn.conftest import Clock, made
from tests.app.learn.traffic import PAIRS, Traffic, item_id

pytestmark = pytest.mark.postgres_in_long_form

Start = Callable[[], Trainer]


class Shown:
    """Slates of four items, of which the other half of the visitor's pair is opened and the rest passed over."""

    def __init__(self, writer: Writer, traffic: Traffic, now: float) -> None:
        self._writer, self._traffic, self._now, self._count = writer, traffic, now, 0

    def to(
        self, visitor_id: str, items: list[int], clicked: int | None, after_s: float = 600.0, shelf: str = "for-you"
    ) -> None:
        """Log a slate with its impressions, and the click on one of its items."""
        self._count += 1
        at, slate_id = self._now + after_s, f"slate-{self._count}"
        ids = tuple(map(item_id, items))
        slate = LoggedSlate(
            slate_id, f"page-{self._count}", visitor_id, shelf, "als", "treatment", 1, at, "real", ids,
            ("als",) * len(ids), (1.0,) * len(ids), (None,) * len(ids),
        )  # fmt: skip
        self._writer.run(lambda db: log_slates(db, [slate]))
        events = [
            NewEvent(
                f"view-{self._count}-{place}", visitor_id, item, "view", at, "real", slate_id=slate_id, position=place
            )
            for place, item in enumerate(ids, 1)
        ]
        if clicked is not None:
            place = items.index(clicked) + 1
            events.append(
                NewEvent(f"click-{self._count}", visitor_id, item_id(clicked), "click", at + 1, "real",
                         slate_id=slate_id, position=place)
            )  # fmt: skip
        self._writer.run(lambda db: store_events(db, events, self._now + 1e7))


@pytest.fixture
def shown(writer: Writer, traffic: Traffic, now: float) -> Shown:
    return Shown(writer, traffic, now)


@pytest.fixture
def slates(traffic: Traffic, shown: Shown) -> None:
    """Ninety visitors who have clicked a pair and are then shown slates: enough to learn weights from."""
    traffic.crowd("visitor", 90)
    for number in range(90):
        pair = number % PAIRS
        wanted = (pair + 1) % PAIRS
        shown.to(f"visitor-{number}", [wanted, (pair + 7) % PAIRS, PAIRS + (pair + 9) % PAIRS], wanted)


@pytest.mark.usefixtures("baseline", "holdout", "slates")
def test_a_published_model_has_a_second_stage_and_the_registry_says_what_it_learned(
    start_trainer: Start, settings: Settings
) -> None:
    version = made(start_trainer().step())
    assert version.state == "champion"
    published = load_current(settings.models_folder)
    assert published is not None
    stage = published[1].second_stage
    assert stage is not None
    assert stage.examples == version.metrics["second_stage"]["examples"] == 270
    assert set(version.metrics["second_stage"]["weights"]) == set(stage.feature_names)
    assert len(version.metrics["second_stage"]["examination"]) == len(stage.examination)
    assert version.config["second_stage"] is True


@pytest.mark.usefixtures("baseline", "holdout", "slates")
def test_an_update_follows_what_was_shown_since(
    start_trainer: Start, settings: Settings, shown: Shown, clock: Clock
) -> None:
    trainer = start_trainer()
    first = made(trainer.step())
    clock.seconds += 60
    for number in range(20):
        shown.to(f"visitor-{number}", [28, 29], 28, after_s=900)
    second = made(trainer.step(force=True))
    assert second.kind == "update"
    assert second.metrics["second_stage"]["pairs"] == first.metrics["second_stage"]["pairs"] + 40


@pytest.mark.usefixtures("baseline", "holdout", "slates")
def test_without_the_setting_there_is_none(settings: Settings, store: Store) -> None:
    state = TrainingState(replace(settings, second_stage=False), None)
    state.follow(store)
    assert state.model(store).second_stage is None
    assert state.stage_facts == {}


@pytest.mark.usefixtures("baseline", "holdout", "slates")
def test_a_poisoned_second_stage_is_refused_by_the_gate(
    start_trainer: Start, settings: Settings, store: Store, registry: Registry, clock: Clock
) -> None:
    champion = made(start_trainer().step())
    state = TrainingState(settings, None)
    state.follow(store)
    model = state.model(store)
    assert model.second_stage is not None
    poisoned = model.with_second_stage(replace(model.second_stage, weights=-np.abs(model.second_stage.weights)))
    candidate = candidate_of(state, poisoned, settings, "fit", {})
    judged = evaluate_and_publish(candidate, state.holdout(), settings, registry, has_baseline=True, now=clock)
    assert judged.state == "refused"
    assert "surely worse than version 1" in judged.verdict
    assert registry.champion() == champion


@pytest.mark.usefixtures("holdout")
def test_clicks_on_what_a_model_placed_train_by_a_share(
    traffic: Traffic, shown: Shown, store: Store, settings: Settings
) -> None:
    traffic.crowd("visitor", 2)
    shown.to("visitor-0", [5, 6], 5)
    conn = store.reader()
    assert len(placed_entries(conn)) == len(placed_entries(conn, ["visitor-0"])) == 1
    assert placed_entries(conn, ["visitor-1"]) == {}
    state = TrainingState(settings, None)
    state.follow(store)
    assert state.als is not None
    assert state.als.log.history("visitor-0")[item_id(5)] == pytest.approx(settings.placed_weight)
    shown.to("visitor-1", [8, 9], 9)
    state.follow(store)
    assert state.als.log.history("visitor-1") == {
        item_id(1): 1.0, item_id(1 + PAIRS): 1.0, item_id(9): pytest.approx(settings.placed_weight),
    }  # fmt: skip
    evidence = [row for row in read_evidence(store, settings).rows.values() if row.visitor_id == "visitor-1"]
    assert evidence[-1][1:3] == (item_id(9), settings.placed_weight), "models of the portfolio train on the same rows"


def test_only_trusted_visitors_who_judge_nothing_teach(
    traffic: Traffic, shown: Shown, store: Store, writer: Writer, settings: Settings, now: float
) -> None:
    traffic.visitor("known")
    traffic.visitor("judge", holdout=True)
    traffic.crowd("new", 1)
    writer.run(lambda db: db.conn.execute("UPDATE visitors SET created_at = ? WHERE visitor_id = 'new-0'", [now + 599]))
    for visitor_id in ("known", "judge", "new-0"):
        shown.to(visitor_id, [1, 2], 2)
    rows = list(exposures_since(store.reader(), 0, 1000))
    assert {row.visitor_id for row in rows} == {"known", "new-0"}
    assert [(row.item_id, row.clicked, row.position) for row in rows if row.visitor_id == "known"] == [
        (item_id(1), False, 1), (item_id(2), False, 2), (item_id(2), True, 2),
    ]  # fmt: skip
    assert list(exposures_since(store.reader(), rows[-1].seq, 1000)) == []
    state = TrainingState(settings, None)
    state.follow(store)
    assert state.als is not None
    learner = StageLearner(contribution_rules(settings), 3)
    learner.learn(store, state.als.log, state.als.model(), anew=True)
    assert learner.facts["pairs"] == 2, "what the newcomer was shown waits until they are trusted"


def test_examples_of_the_models_own_rows_count_less_beside_others(
    traffic: Traffic, shown: Shown, store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Exposures] = []
    monkeypatch.setattr(StageTrainer, "fit", lambda _, model, log, exposures, attributes: seen.append(exposures))
    traffic.crowd("visitor", 3)
    for number, shelf in enumerate(("for-you", "new", "api")):
        shown.to(f"visitor-{number}", [20, 21], 20, shelf=shelf)
    state = TrainingState(settings, None)
    state.follow(store)
    assert state.als is not None
    StageLearner(contribution_rules(settings), 3).learn(store, state.als.log, state.als.model(), anew=True)
    own = OWN_EXAMPLES / (OWN_EXAMPLES + 2)
    assert seen[0].worths(np.arange(6)).tolist() == [own, own, 1.0, 1.0, own, own]
