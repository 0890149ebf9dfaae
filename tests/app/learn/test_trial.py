"""Champion against challenger: what is put on trial, who decides, and what follows from the verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.learn.challenge import challenge, champion_settings
from app.learn.trainer import Trainer
from app.learn.trial import end_by_hand
from app.measure.evaluation.gate import SignOff
from app.models.current import CHALLENGER_POINTER, read_current
from app.models.errors import VersionError
from app.models.lineage import changed
from app.models.publish import load_current, promote, rollback
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion
from app.settings import SettingError, Settings
from app.store import Store
from tests.app.learn.conftest import Clock
from tests.app.learn.traffic import Traffic
from tests.app.learn.trial_clicks import ask

Start = Callable[[], Trainer]


@pytest.fixture
def try_out(settings: Settings, store: Store, registry: Registry, clock: Clock) -> Callable[..., ModelVersion]:
    """Makes a challenger with other settings, as `flask challenge` does."""

    def make(**settings_of_it: str) -> ModelVersion:
        tried = changed(champion_settings(settings, registry), settings_of_it)
        return challenge(tried, store, registry, by="flask challenge", note="A test.", now=clock)

    return make


def steps_of(registry: Registry, version: int) -> list[str]:
    return [step.step for step in registry.steps(version)][::-1]


@pytest.mark.usefixtures("trained")
def test_a_challenger_that_passes_the_gate_goes_on_trial_and_the_champion_stays(
    try_out: Callable[..., ModelVersion], registry: Registry, settings: Settings
) -> None:
    version = try_out(factors="48")
    assert (version.version, version.state, version.config["factors"]) == (2, "challenger", 48)
    champion = registry.champion()
    assert champion is not None
    assert champion.version == 1
    assert version.config_hash != champion.config_hash
    pointer = read_current(settings.models_folder, CHALLENGER_POINTER)
    assert pointer is not None
    assert (pointer.version, pointer.checksum) == (2, version.checksum)
    assert steps_of(registry, 2) == ["filed", "gate", "started"]
    filed, _, started = registry.steps(2)[::-1]
    assert filed.sentence.endswith("factors 48 instead of 32. A test.")
    assert started.figures == {"champion": 1, "champion_config_hash": champion.config_hash}
    with pytest.raises(VersionError, match="version 2 is on trial; wait for its verdict"):
        try_out(factors="8")


@pytest.mark.usefixtures("trained")
def test_a_challenger_that_the_gate_refuses_sees_no_visitor(
    try_out: Callable[..., ModelVersion], registry: Registry, settings: Settings
) -> None:
    version = try_out(factors="1", transition_weight="0", iterations="1")
    assert version.state == "refused"
    assert registry.challenger() is None
    assert read_current(settings.models_folder, CHALLENGER_POINTER) is None
    assert steps_of(registry, 2) == ["filed", "gate"]


def test_what_cannot_be_tried_is_named(
    try_out: Callable[..., ModelVersion], trained: Trainer, settings: Settings, store: Store, registry: Registry
) -> None:
    with pytest.raises(VersionError, match="'weight_click' is no setting of a model; give --set NAME=VALUE"):
        try_out(weight_click="2")
    with pytest.raises(VersionError, match="nothing is changed"):
        try_out()
    with pytest.raises(SettingError, match="factors"):
        try_out(factors="many")
    with pytest.raises(VersionError, match="the settings that the champion was made by"):
        try_out(factors="32")
    unsigned = challenge(
        replace(settings, factors=8), store, registry, by="a test", sign_off=SignOff("Nobody signed."), now=lambda: 0.0
    )
    assert unsigned.state == "refused"


@pytest.mark.usefixtures("baseline")
def test_nothing_is_tried_before_something_is_published(try_out: Callable[..., ModelVersion]) -> None:
    with pytest.raises(VersionError, match="nothing is published that a challenger could be compared with"):
        try_out(factors="8")


def test_a_preferred_challenger_is_promoted_and_its_settings_are_trained_from_then_on(
    trained: Trainer,
    try_out: Callable[..., ModelVersion],
    traffic: Traffic,
    registry: Registry,
    settings: Settings,
    clock: Clock,
) -> None:
    try_out(factors="48")
    ask(traffic, 2, 12)
    assert trained.step().decided is None, "too few to tell"
    clock.seconds += 60
    ask(traffic, 2, 48, name="more")
    report = trained.step()
    assert report.decided is not None
    assert (report.decided.version, report.decided.state) == (2, "champion")
    assert "Promoted: 60 clicks for the challenger and 0 for the champion, by 60 of 60 real" in report.decided.verdict
    assert steps_of(registry, 2) == ["filed", "gate", "started", "reading", "promoted"]
    assert registry.steps(2)[0].figures["readings"][0]["clickers"] == 60
    assert read_current(settings.models_folder, CHALLENGER_POINTER) is None
    current = load_current(settings.models_folder)
    assert current is not None
    assert (current[0].version, current[1].config.factors) == (2, 48)

    clock.seconds += 60
    traffic.crowd("later", 20)
    made = trained.step(force=True).candidate
    assert made is not None
    assert (made.version, made.parent, made.config["factors"], made.state) == (3, 2, 48, "champion")
    assert registry.challenger() is None, "the environment did not change, so it proposes nothing"


def test_a_disliked_challenger_is_refused_and_the_champion_goes_on(
    trained: Trainer, try_out: Callable[..., ModelVersion], traffic: Traffic, registry: Registry, settings: Settings
) -> None:
    try_out(factors="48")
    ask(traffic, 2, 60, side=0)
    decided = trained.step().decided
    assert decided is not None
    assert (decided.version, decided.state, decided.published_at) == (2, "refused", None)
    assert steps_of(registry, 2)[-1] == "refused"
    assert read_current(settings.models_folder, CHALLENGER_POINTER) is None
    assert registry.champion() is not None


def test_a_trial_that_finds_nothing_ends_in_time_and_is_never_rolled_back_to(
    trained: Trainer, try_out: Callable[..., ModelVersion], registry: Registry, settings: Settings, clock: Clock
) -> None:
    try_out(factors="48")
    clock.seconds += 86_400 * settings.trial_max_days
    decided = trained.step().decided
    assert decided is not None
    assert decided.state == "retired"
    assert decided.verdict.endswith("Retired without decision after 14.0 days: nobody was asked.")
    with pytest.raises(VersionError, match="no earlier published version"):
        rollback(settings, registry)


def test_a_rollback_after_a_promotion_returns_to_the_other_lineage_and_the_trainer_follows(
    trained: Trainer,
    try_out: Callable[..., ModelVersion],
    traffic: Traffic,
    registry: Registry,
    settings: Settings,
    clock: Clock,
) -> None:
    try_out(factors="48")
    clock.seconds += 60
    traffic.crowd("meanwhile", 20)
    third = trained.step(force=True).candidate
    assert third is not None
    assert (third.version, third.state, third.config["factors"]) == (3, "champion", 32)
    ask(traffic, 2, 60)
    clock.seconds += 60
    report = trained.step()
    assert report.decided is not None
    assert report.candidate is not None, "what was clicked meanwhile is learned by the new lineage at once"
    assert [rollback(settings, registry, clock).version for _ in range(2)] == [2, 3]
    assert steps_of(registry, 3)[-1] == "rolled back"
    clock.seconds += 60
    traffic.crowd("later", 20)
    made = trained.step(force=True).candidate
    assert made is not None
    assert (made.parent, made.config["factors"], made.state) == (3, 32, "champion")


def test_a_trial_whose_opponent_is_gone_ends(
    trained: Trainer,
    try_out: Callable[..., ModelVersion],
    registry: Registry,
    settings: Settings,
    store: Store,
    clock: Clock,
) -> None:
    lonely = try_out(factors="1", transition_weight="0", iterations="1")
    try_out(factors="48")
    promote(settings, registry, lonely.version, clock)
    clock.seconds += 60
    decided = trained.step().decided
    assert decided is not None
    assert decided.verdict.endswith("which it was tried against, is no longer in use.")


@pytest.mark.usefixtures("trained")
def test_a_trial_can_be_ended_or_cut_short_by_hand(
    try_out: Callable[..., ModelVersion], registry: Registry, settings: Settings, clock: Clock
) -> None:
    with pytest.raises(VersionError, match="no version is on trial"):
        end_by_hand(settings, registry, "", clock())
    try_out(factors="48")
    ended = end_by_hand(settings, registry, "wrong idea", clock())
    assert (ended.state, steps_of(registry, 2)[-1]) == ("retired", "by hand")
    assert ended.verdict.endswith("Retired by hand: wrong idea.")
    try_out(factors="40")
    promote(settings, registry, 3, clock)
    assert registry.challenger() is None
    assert read_current(settings.models_folder, CHALLENGER_POINTER) is None
    assert steps_of(registry, 3)[-1] == "by hand"
