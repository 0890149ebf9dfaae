"""Traffic from before there was a model."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from seed_data.history import DAYS, PRIOR_CLICKS, PRIOR_VIEWS, SeedVisit, seed_history
from seed_data.population import Population
from seed_data.templates import load_templates

ITEMS = load_templates()
START = 1_790_000_000.0
POSITIVE = {"click", "like", "save", "use"}


@pytest.fixture(scope="module")
def population() -> Population:
    return Population(ITEMS, seed=7)


@pytest.fixture(scope="module")
def visits(population: Population) -> list[SeedVisit]:
    return list(seed_history(ITEMS, population, visitors=120, seed=7, start_at=START))


def test_the_same_seed_gives_the_same_history(population: Population, visits: list[SeedVisit]) -> None:
    assert visits == list(seed_history(ITEMS, population, visitors=120, seed=7, start_at=START))
    assert visits != list(seed_history(ITEMS, population, visitors=120, seed=8, start_at=START))


def test_visitors_come_one_to_four_times(visits: list[SeedVisit]) -> None:
    sessions = Counter(visit.visitor_number for visit in visits)
    assert set(sessions) == set(range(120))
    assert set(sessions.values()) <= {1, 2, 3, 4}
    for visit in visits:
        assert visit.created_at <= visit.slates[0].served_at


def test_each_visitor_clicks_about_fifteen_times(visits: list[SeedVisit]) -> None:
    positive = sum(event.kind in POSITIVE for visit in visits for event in visit.events)
    assert 8_000 / 600 <= positive / 120 <= 15_000 / 600


def test_everything_happens_in_order_within_the_fortnight(visits: list[SeedVisit]) -> None:
    starts = [visit.slates[0].served_at for visit in visits]
    assert starts[0] >= START - DAYS * 86_400
    assert all(earlier <= later + 5 for earlier, later in pairwise(starts))
    for visit in visits:
        times = [event.at for event in visit.events]
        assert times == sorted(times)
        assert not times or times[-1] < START


def test_ids_are_never_used_twice(visits: list[SeedVisit]) -> None:
    slates = [slate.slate_id for visit in visits for slate in visit.slates]
    events = [event.event_id for visit in visits for event in visit.events]
    assert len(set(slates)) == len(slates)
    assert len(set(events)) == len(events)
    assert max(map(len, [*slates, *events])) <= 64


def test_events_answer_a_slate_that_holds_their_item_at_their_position(visits: list[SeedVisit]) -> None:
    for visit in visits:
        slates = {slate.slate_id: slate for slate in visit.slates}
        for event in visit.events:
            slate = slates[event.slate_id]
            assert slate.items[event.position - 1] == event.item_id
            assert event.at > slate.served_at


def test_a_click_follows_a_view_and_a_reaction_follows_a_click(visits: list[SeedVisit]) -> None:
    for visit in visits:
        viewed = {(e.slate_id, e.item_id) for e in visit.events if e.kind == "view"}
        clicked = {(e.slate_id, e.item_id) for e in visit.events if e.kind == "click"}
        assert clicked <= viewed
        assert {(e.slate_id, e.item_id) for e in visit.events if e.kind not in ("view", "click")} <= clicked


def test_propensities_are_those_of_the_policy(visits: list[SeedVisit]) -> None:
    types = Counter(item.type for item in ITEMS)
    of_item = {item.item_id: item.type for item in ITEMS}
    for visit in visits:
        for slate in visit.slates:
            assert len(set(slate.items)) == len(slate.items) == len(slate.propensities) == len(slate.sources)
            pool = len(ITEMS) if slate.shelf != "grid" else types[of_item[slate.items[0]]]
            chance = 1 / pool if slate.policy == "random" else 1.0
            assert set(slate.propensities) == {chance}
            assert set(slate.sources) == {slate.policy}


def test_random_slates_show_every_item_about_equally(population: Population) -> None:
    few = [item for item in ITEMS if item.type == "menu"][:30]
    shown: Counter[str] = Counter()
    for visit in seed_history(few, Population(few, 7), visitors=150, seed=3, start_at=START, policy="random"):
        shown.update(slate.items[0] for slate in visit.slates)
    expected = sum(shown.values()) / len(few)
    assert sum((count - expected) ** 2 / expected for count in shown.values()) < 60  # chi-square, 29 degrees, p 0.0006
    assert len(shown) == 30


def test_popular_shelves_follow_the_click_rates_so_far(visits: list[SeedVisit]) -> None:
    clicks: Counter[str] = Counter()
    views: Counter[str] = Counter()
    position = {item.item_id: item.position for item in ITEMS}

    def rate(item_id: str) -> float:
        return (clicks[item_id] + PRIOR_CLICKS) / (views[item_id] + PRIOR_VIEWS)

    for visit in visits:
        shelf = next(slate for slate in visit.slates if slate.shelf == "popular")
        ranked = sorted(position, key=lambda item_id: (-rate(item_id), position[item_id]))
        assert list(shelf.items) == ranked[: len(shelf.items)]
        clicks.update(event.item_id for event in visit.events if event.kind == "click")
        views.update(event.item_id for event in visit.events if event.kind == "view")


def test_an_unknown_policy_is_refused(population: Population) -> None:
    with pytest.raises(ValueError, match="use mixed, random"):
        next(seed_history(ITEMS, population, policy="clever"))  # type: ignore[arg-type]
