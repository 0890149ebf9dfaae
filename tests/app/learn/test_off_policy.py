"""Estimates from logged slates: right where the truth is known, and silent where the log says too little."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from app.learn.off_policy import Situation, estimate, read_situations, target_chances
from app.record.filling import store_events
from app.settings import Settings
from app.store import Store
from app.store.events import NewEvent
from app.store.measures.logged import LoggedShelf, newest_shelves
from app.store.slates import LoggedSlate, log_slates
from benchmarks.statistics.off_policy import population_coverage
from recommender import PopularityModel, SlatePolicy
from tests.app.learn.traffic import Traffic, item_id

ITEMS = [item_id(number) for number in range(40)]


def popularity(order: list[str]) -> PopularityModel:
    """A model that ranks everything in one order."""
    return PopularityModel(order, np.arange(len(order), 0, -1, dtype=np.float32))


def test_target_chances_are_how_often_the_policy_shows_an_item_there() -> None:
    rng = np.random.default_rng(1)
    ranking, pool, draws = ITEMS[:20], ITEMS[3:13], 20_000
    seen: Counter[tuple[int, object]] = Counter()
    for _ in range(draws):
        slate = SlatePolicy(0.4).draw(ranking[:5], pool, 5, rng)
        seen.update((place, slot.item_id) for place, slot in enumerate(slate))
    for item in [*ranking[:14], "item-999"]:
        chances = target_chances(ranking, [item] * 5, SlatePolicy(0.4), pool)
        for place, chance in enumerate(chances):
            spread = 4.5 * np.sqrt(chance * (1 - chance) / draws)
            assert seen[place, item] / draws == pytest.approx(chance, abs=spread + 1e-9)


def situations(visitors: int, rng: np.random.Generator, share: float) -> list[Situation]:
    """Shelves of five in the order of ITEMS with exploration; the entry at place p is clicked in one of p + 2 cases."""
    found = []
    for number in range(visitors):
        slate = SlatePolicy(share).draw(ITEMS[1:6], ITEMS[6:16], 5, rng)
        clicked = frozenset(p for p in range(1, 6) if rng.random() < 1 / (p + 2))
        shelf = LoggedShelf(
            f"visitor-{number}",
            0.0,
            tuple(str(slot.item_id) for slot in slate),
            tuple(slot.propensity for slot in slate),
            clicked,
        )
        found.append(Situation(shelf, {ITEMS[0]: 1.0}, frozenset(), {ITEMS[0]: 1.0}))
    return found


def test_the_logging_policy_itself_is_worth_what_was_clicked() -> None:
    found = estimate(popularity(ITEMS), situations(400, np.random.default_rng(2), 0.08), SlatePolicy(0.08), 10)
    assert found is not None
    assert found["shelves"] == 400
    for name in ("ips", "snips", "doubly_robust"):
        assert found[name]["value"] == pytest.approx(found["logged"]["value"], rel=1e-6)
        assert found[name]["is_meaningful"]


def test_a_model_that_shows_other_things_is_not_judged_by_this_log() -> None:
    rng = np.random.default_rng(3)
    reversed_top = popularity([ITEMS[0], *ITEMS[5:0:-1], *ITEMS[6:]])
    moved = estimate(reversed_top, situations(400, rng, 0.08), SlatePolicy(0.08), 10)
    assert moved is not None
    assert moved["support"] < 0.5, "the same items, but only the middle one at its place"
    assert moved["logged"]["is_meaningful"]
    assert not any(moved[name]["is_meaningful"] for name in ("ips", "snips", "doubly_robust"))
    stranger = estimate(
        popularity([ITEMS[0], *ITEMS[:5:-1], *ITEMS[1:6]]), situations(60, rng, 0.08), SlatePolicy(0.08), 10
    )
    assert stranger is None or not stranger["ips"]["is_meaningful"]
    assert estimate(popularity(ITEMS), situations(49, np.random.default_rng(4), 0.08), SlatePolicy(0.08), 10) is None


def test_what_a_visitor_hid_is_not_expected_on_their_shelf() -> None:
    shelves = situations(60, np.random.default_rng(5), 0.0)
    log = [Situation(one.shelf, one.history, frozenset({ITEMS[1]}), one.start) for one in shelves]
    found = estimate(popularity(ITEMS), log, SlatePolicy(0.0), 10)
    assert found is None, "with the first entry gone everything stands one place higher, where the log never had it"


def test_the_log_is_read_with_histories_as_of_then(traffic: Traffic, store: Store, settings: Settings) -> None:
    traffic.visitor("visitor-1")
    traffic.act("visitor-1", 3)
    slate = LoggedSlate(
        slate_id="slate-1",
        page_id="page-1",
        visitor_id="visitor-1",
        shelf="for-you",
        policy="als+explore",
        arm="treatment",
        model_version=1,
        served_at=traffic.now + 1.5,
        origin="real",
        items=(item_id(4), item_id(5)),
        sources=("als", "als"),
        propensities=(0.92, 0.92),
        scores=(None, None),
    )
    click = NewEvent(
        "answer", "visitor-1", item_id(5), "click", traffic.now + 2, "real", slate_id="slate-1", position=2
    )
    traffic.writer.run(lambda db: (log_slates(db, [slate]), store_events(db, [click], click.received_at)))
    [found] = read_situations(store, settings, ["real"])
    assert found.history == found.start == {item_id(3): 1.0}
    assert found.shelf == LoggedShelf("visitor-1", slate.served_at, slate.items, slate.propensities, frozenset({2}))
    assert read_situations(store, settings, ["simulated"]) == []
    assert newest_shelves(store.reader(), ["real"], 0) == []


def test_intervals_cover_the_populations_truth_about_as_often_as_they_say() -> None:
    found = population_coverage(logs=40, visitors=300)
    for name, share in found["coverage"].items():
        assert share >= 0.85, name
        assert abs(found["bias"][name]) < 0.1 * found["truth"], name
