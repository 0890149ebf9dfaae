"""A planted fault moves its indicator, fixing it moves the indicator back, and both are on record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from app.measure.governance.suspects import find_suspects
from app.measure.governance.usecase import load_use_case
from app.measure.risks.monitor import Monitor
from app.measure.risks.reading import Reading
from app.measure.risks.stored import stored_risks, stored_values
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion
from app.settings import Settings
from app.store import Store, Writer
from app.store.events import last_seq
from app.store.measures.exclusions import NewExclusion, exclude, excluded_visitors
from app.visitors import assign_arm
from tests.app.measure.traffic import Traffic

Round = Callable[[], Mapping[str, Reading]]
LEARNED = ("list homogeneity", "popularity lift", "drift of exposure")
"""Indicators of what models choose, which shelves that no model filled have no part in."""


@dataclass
class Clock:
    seconds: float

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(now: float) -> Clock:
    return Clock(now)


@pytest.fixture
def registry(settings: Settings) -> Registry:
    return Registry(settings)


@pytest.fixture
def small(settings: Settings) -> Settings:
    return replace(settings, risk_window_events=400)


@pytest.fixture
def take(store: Store, writer: Writer, registry: Registry, small: Settings, clock: Clock) -> Round:
    """Takes a round of the monitor, stores it, and gives the readings by name."""
    monitor = Monitor(store, writer, registry, small, clock=clock)
    return lambda: {reading.indicator.name: reading for reading in monitor.round()}


@pytest.fixture
def traffic(writer: Writer, now: float) -> Traffic:
    return Traffic(writer, now)


def learn(registry: Registry, number: int, watermark: int, at: float) -> None:
    """What a trainer leaves behind: a published version that has seen everything up to `watermark`."""
    empty: dict[str, Any] = {}
    version = ModelVersion(
        number, at, "update", "candidate", None, watermark, 1, 1, 1, empty, "", "", empty, empty, "", str(number), ""
    )
    registry.add(version)
    registry.set_champion(number, at)


def visits(traffic: Traffic, name: str, visitors: int, clicks: int = 1) -> None:
    """People who see twelve items and click some."""
    for number in range(visitors):
        visitor_id = f"{name}-{number}"
        traffic.visitor(visitor_id, "treatment")
        seen = [(number * 7 + step) % 60 for step in range(12)]
        traffic.page(visitor_id, seen, seen[:clicks])


def test_visitors_who_only_look_make_no_trainer_late(
    traffic: Traffic, registry: Registry, store: Store, clock: Clock, take: Round
) -> None:
    visits(traffic, "before", 5)
    learn(registry, 1, last_seq(store.reader()), clock())
    visits(traffic, "looker", 90, clicks=0)
    clock.seconds += 100 * 3_600
    quiet = take()
    assert (quiet["event lag"].state, quiet["event lag"].value) == ("ok", 0.0)
    assert (quiet["model age"].state, quiet["model age"].value) == ("ok", 0.0)


def test_a_stopped_trainer_moves_age_and_lag_to_watch_and_its_return_moves_them_back(
    traffic: Traffic, registry: Registry, store: Store, clock: Clock, take: Round, small: Settings
) -> None:
    visits(traffic, "before", 5)
    learn(registry, 1, last_seq(store.reader()), clock())
    fresh = take()
    assert (fresh["model age"].state, fresh["event lag"].state) == ("ok", "ok")

    visits(traffic, "unseen", 90, clicks=12)
    clock.seconds += 3_601
    stopped = take()
    assert (stopped["model age"].state, stopped["model age"].value) == ("watch", pytest.approx(1.0, abs=0.001))
    assert (stopped["event lag"].state, stopped["event lag"].value) == ("watch", 90 * 12)

    learn(registry, 2, last_seq(store.reader()), clock())
    fixed = take()
    assert (fixed["model age"].state, fixed["event lag"].state) == ("ok", "ok")
    on_record = {row.indicator.name: row for row in stored_risks(store, load_use_case().risk_indicators, clock())}
    assert [point.value for point in on_record["event lag"].points] == [90 * 12, 0.0]
    assert on_record["event lag"].state == "ok"
    assert stored_values(store, load_use_case().risk_indicators)["event lag"] == 0.0


def test_a_swarm_of_bots_raises_suspicious_traffic_until_people_outnumber_it(
    traffic: Traffic, store: Store, take: Round, small: Settings, writer: Writer, registry: Registry, clock: Clock
) -> None:
    visits(traffic, "person", 30)
    assert take()["suspicious traffic"].state == "ok"

    for number in range(3):
        traffic.visitor(f"bot-{number}", "treatment")
        traffic.page(f"bot-{number}", range(40), range(40))
    swarm = take()["suspicious traffic"]
    assert swarm.state == "alarm"
    found = find_suspects(store, small)
    assert {row.visitor_id for row in found} == {f"bot-{number}" for number in range(3)}
    assert {row.rule for row in found} == {"click-everything"}
    assert excluded_visitors(store.reader()) == frozenset()

    visits(traffic, "more", 32)
    assert take()["suspicious traffic"].state == "ok"
    Monitor(store, writer, registry, replace(small, auto_exclude=True, risk_window_events=10_000), clock=clock).round()
    assert excluded_visitors(store.reader()) == {f"bot-{number}" for number in range(3)}


def test_new_visitors_of_a_site_with_a_model_are_not_taken_for_its_lists(traffic: Traffic, take: Round) -> None:
    def shelves(name: str, policy: str, version: int, first: Callable[[int], int]) -> None:
        for number in range(60):
            visitor_id = f"{name}-{number}"
            traffic.visitor(visitor_id, "treatment")
            shown = [(first(number) + step) % 60 for step in range(10)]
            traffic.page(visitor_id, shown, shown[:4], shelf="for-you", policy=policy, model_version=version)

    everybodys, personal = (lambda number: 0), (lambda number: 7 * number)
    shelves("new", "popularity", 1, everybodys)
    full_of_new = take()
    assert {full_of_new[name].value for name in LEARNED} == {None}
    assert full_of_new["fallback share"].value == 0.0

    shelves("known", "als+explore", 2, personal)
    alone = take()
    assert (alone["list homogeneity"].state, alone["list homogeneity"].note) == ("ok", "Lists of 60 visitors.")
    assert alone["popularity lift"].note.startswith("600 recommended entries")
    assert alone["drift of exposure"].value is None

    shelves("asked", "als+interleave+explore", 3, personal)
    both = take()
    assert both["list homogeneity"].note == "Lists of 120 visitors."
    assert both["drift of exposure"].value == pytest.approx(0.0, abs=0.01)

    shelves("alike", "als+explore", 4, everybodys)
    before, now = alone["list homogeneity"].value, take()["list homogeneity"].value
    assert before is not None
    assert now is not None
    assert now > before


def test_a_broken_assignment_trips_the_split_and_newer_visitors_mend_it(
    traffic: Traffic, take: Round, small: Settings
) -> None:
    def arrive(name: str, visitors: int, *, broken: bool) -> None:
        for number in range(visitors):
            visitor_id = f"{name}-{number}"
            arm = assign_arm(visitor_id, small.experiment, small.control_share)
            traffic.visitor(visitor_id, "treatment" if broken else arm)

    arrive("before", 200, broken=False)
    assert take()["sample-ratio mismatch"].state == "ok"
    arrive("broken", 300, broken=True)
    assert take()["sample-ratio mismatch"].state == "alarm"
    arrive("after", 1_000, broken=False)
    assert take()["sample-ratio mismatch"].state == "ok"


def test_suspicious_traffic_is_a_share_of_what_it_is_compared_with(
    traffic: Traffic, take: Round, writer: Writer, now: float
) -> None:
    """Excluded visitors of a data set are none whom the site served: their events are left out above as below."""
    for visitor_id, origin in (("bot", "imported"), ("somebody", "real")):
        traffic.visitor(visitor_id, "control", origin=origin)
        for number in range(200):
            traffic.event(visitor_id, number % 60, "view", origin=origin)
    writer.run(lambda db: exclude(db, [NewExclusion("bot", "by hand", "planted", {})], "a test", now))
    assert take()["suspicious traffic"].value == 0.0
