"""Rules find what no person does, and leave eager people and browsers without scripts alone."""

from __future__ import annotations

import numpy as np

from app.measure.governance.suspects import BotRules, click_everything, suspects, too_fast
from app.store.measures.arrivals import Arrival
from app.store.measures.behaviour import BusyMinute, SeenEntries

RULES = BotRules(actions_per_minute=60, click_ratio=5.0, significance=0.001)


def people(count: int, share: float, seed: int) -> list[SeenEntries]:
    rng = np.random.default_rng(seed)
    seen = rng.integers(5, 200, count)
    return [SeenEntries(f"p{n}", int(s), int(rng.binomial(s, share))) for n, s in enumerate(seen)]


def test_only_more_than_the_allowed_actions_in_a_minute_are_too_fast() -> None:
    found = too_fast([BusyMinute("a", 60), BusyMinute("b", 61)], RULES)
    assert [row.visitor_id for row in found] == ["b"]
    assert found[0].evidence == {"actions": 61, "actions_per_minute": 60}


def test_whoever_clicks_everything_is_found_and_nobody_else() -> None:
    crowd = people(500, 0.1, seed=1)
    found = click_everything([*crowd, SeenEntries("bot", 60, 58)], RULES)
    assert [row.visitor_id for row in found] == ["bot"]
    assert found[0].evidence["p_value"] < 0.001


def test_a_swarm_does_not_hide_behind_itself() -> None:
    swarm = [SeenEntries(f"bot-{n}", 60, 50 if n % 2 else 60) for n in range(200)]
    found = click_everything([*people(300, 0.05, seed=4), *swarm], RULES)
    assert {row.visitor_id for row in found} == {row.visitor_id for row in swarm}


def test_a_lucky_few_clicks_are_no_evidence() -> None:
    assert click_everything([*people(500, 0.1, seed=2), SeenEntries("lucky", 4, 4)], RULES) == []


def test_people_who_click_as_much_as_the_rule_allows_are_hardly_ever_accused() -> None:
    accused = sum(bool(click_everything([*people(100, 0.05, seed), *_eager(seed)], RULES)) for seed in range(200))
    assert accused <= 2


def test_without_others_nobody_can_be_compared() -> None:
    assert click_everything([SeenEntries("alone", 60, 60)], RULES) == []


def test_a_visitor_whom_two_rules_find_is_named_once_by_speed() -> None:
    entries = [*people(500, 0.1, seed=1), SeenEntries("bot", 60, 58)]
    found = suspects([BusyMinute("bot", 500)], entries, RULES)
    assert [(row.visitor_id, row.rule) for row in found] == [("bot", "velocity")]


def crowd(address: str, count: int, within_s: float, at: float = 0.0) -> list[Arrival]:
    return [Arrival(f"{address}-{at:g}-{n:03}", address, at + within_s * n / count) for n in range(count)]


def test_a_hundred_newcomers_of_one_address_in_two_seconds_are_found_and_nobody_else() -> None:
    arrivals = [*crowd("a", 1, 1.0), *crowd("b", 20, 60.0), *crowd("c", 100, 2.0), *crowd("d", 500, 3_600.0)]
    found = suspects([], [], RULES, arrivals)
    assert [row.visitor_id for row in found] == [row.visitor_id for row in crowd("c", 100, 2.0)]
    assert {row.rule for row in found} == {"one-address"}
    assert "more than 20 are no people" in found[0].reason


def test_a_minute_begins_anywhere_and_only_the_crowd_in_it_is_suspected() -> None:
    arrivals = [*crowd("a", 10, 600.0), *crowd("a", 30, 50.0, at=1_030.0), *crowd("a", 10, 600.0, at=2_000.0)]
    assert {row.visitor_id for row in suspects([], [], RULES, arrivals)} == {
        row.visitor_id for row in crowd("a", 30, 50.0, at=1_030.0)
    }


def _eager(seed: int) -> list[SeenEntries]:
    """Twenty visitors whose true share is four times that of the others."""
    rng = np.random.default_rng(seed + 1_000)
    return [SeenEntries(f"e{n}", 50, int(rng.binomial(50, 0.2))) for n in range(20)]
