"""Changed settings of a model: who tries them first, and which settings training goes on with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.learn.trainer import Trainer
from app.models.lineage import Lineage, adopt, changed, config_hash, current_lineage, difference
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store
from tests.app.learn.conftest import Clock
from tests.app.learn.traffic import Traffic
from tests.app.learn.trial_clicks import ask

pytestmark = pytest.mark.postgres_in_long_form


def test_changed_settings_of_a_site_with_visitors_go_on_trial_once(
    trained: Trainer, traffic: Traffic, settings: Settings, store: Store, registry: Registry, clock: Clock
) -> None:
    ask(traffic, None, 3)
    other = replace(settings, factors=48)
    report = Trainer(other, store, registry, clock, clock).step()
    assert report.candidate is not None
    assert (report.candidate.state, report.candidate.config["factors"]) == ("challenger", 48)
    ask(traffic, 2, 60, side=0, name="later")
    clock.seconds += 60
    restarted = Trainer(other, store, registry, clock, clock)
    report = restarted.step()
    assert report.decided is not None
    assert report.decided.state == "refused"
    traffic.crowd("newer", 20)
    made = restarted.step(force=True).candidate
    assert made is not None
    assert (made.state, made.config["factors"]) == ("champion", 32), "what was refused is not proposed again"
    again = Trainer(replace(settings, factors=40), store, registry, clock, clock).step().candidate
    assert again is not None
    assert (again.state, again.config["factors"]) == ("challenger", 40)


@pytest.mark.parametrize("visitors", [0, 3])
def test_changed_settings_are_followed_at_once_without_visitors_or_when_trials_are_off(
    trained: Trainer,
    traffic: Traffic,
    settings: Settings,
    store: Store,
    registry: Registry,
    clock: Clock,
    visitors: int,
) -> None:
    ask(traffic, None, visitors)
    other = replace(settings, factors=48, trial_config_changes=not visitors)
    made = Trainer(other, store, registry, clock, clock).step().candidate
    assert made is not None
    assert (made.state, made.config["factors"]) == ("champion", 48)


@pytest.mark.parametrize(
    ("name", "value"), [("trust_after_s", 3600.0), ("first_visit_weight", 0.5), ("placed_weight", 0.5)]
)
def test_whose_clicks_train_and_by_how_much_is_a_setting_of_the_model(
    trained: Trainer, traffic: Traffic, settings: Settings, store: Store, registry: Registry, name: str, value: float
) -> None:
    ask(traffic, None, 3)
    other = changed(settings, {name: str(value)})
    lineage = current_lineage(other, registry, lambda: True)
    assert lineage.proposed, "the champion's value goes on until the other has won a trial"
    assert difference(other, lineage.settings) == f"{name} {value} instead of {getattr(settings, name)}"


def test_a_version_that_does_not_tell_of_a_setting_has_that_of_the_site(
    settings: Settings, registry: Registry, trained: Trainer
) -> None:
    champion = registry.champion()
    assert champion is not None
    older = {name: value for name, value in champion.config.items() if name != "trust_after_s"}
    assert adopt(replace(settings, trust_after_s=3600.0), older).trust_after_s == 3600.0


def test_a_version_from_before_rows_shrank_keeps_them_whole(
    settings: Settings, registry: Registry, trained: Trainer
) -> None:
    champion = registry.champion()
    assert champion is not None
    assert champion.config["activity_shrinkage"] == settings.activity_shrinkage > 0
    older = {name: value for name, value in champion.config.items() if name != "activity_shrinkage"}
    assert adopt(settings, older).activity_shrinkage == 0.0
    assert adopt(settings, champion.config).activity_shrinkage == settings.activity_shrinkage


def test_a_lineage_is_read_back_from_a_versions_row(settings: Settings, registry: Registry, trained: Trainer) -> None:
    champion = registry.champion()
    assert champion is not None
    elsewhere = replace(settings, factors=99, weight_click=7.0, seed=1)
    adopted = adopt(elsewhere, champion.config)
    assert Lineage(adopted, False).config_hash == champion.config_hash == config_hash(champion.config)
    assert current_lineage(elsewhere, registry, lambda: True) == Lineage(adopted, True)
    assert current_lineage(elsewhere, registry, lambda: False) == Lineage(elsewhere, False)
    assert difference(replace(settings, factors=64), settings) == "factors 64 instead of 32"
