"""Each indicator is a plain figure of counts, and says why when there is too little to tell."""

from __future__ import annotations

import numpy as np
import pytest

from app.measure.risks import audience, exposure, freshness, integrity
from app.measure.risks.integrity import Latency
from app.measure.risks.reading import Measurement
from app.store.measures.arrivals import Arrival
from app.store.measures.risk_counts import VisitorArmRow
from app.visitors.unlearned import Unlearned


def items(*numbers: int) -> list[str]:
    return [f"item-{number}" for number in numbers]


def test_a_model_is_as_old_as_the_oldest_event_that_it_has_not_learned_from() -> None:
    assert freshness.model_age(10, Unlearned(3, 1_000.0), 8_200.0).value == 2.0
    assert freshness.model_age(10, Unlearned(), 8_200.0).value == 0.0
    assert freshness.model_age(None, Unlearned(), 8_200.0).value is None


def test_only_what_would_train_lags() -> None:
    assert freshness.event_lag(10, Unlearned(15, 1.0), 25) == Measurement(15.0, "Learned up to 10 of 25.")
    looked_at = freshness.event_lag(1_000, Unlearned(2, 1.0), 4_000)
    assert looked_at.value == 2.0
    assert looked_at.note == "Learned up to 1,000 of 4,000. Of the others, impressions above all, 2,998 train nothing."
    assert freshness.event_lag(None, Unlearned(), 25).note == "No model is in use."


def test_even_exposure_has_gini_nought_and_all_on_one_item_comes_near_one() -> None:
    even = {f"item-{number}": 100 for number in range(100)}
    assert exposure.gini(even, 100).value == pytest.approx(0.0)
    assert exposure.gini({"item-1": 1_000}, 100).value == pytest.approx(0.99)
    assert exposure.gini({"a": 500, "b": 1_500}, 2).value == pytest.approx(0.25)
    assert exposure.coverage(even, 400).value == 0.25
    assert exposure.coverage({"item-1": 5}, 400).value is None


def test_fewer_impressions_than_items_say_nothing_of_all_items() -> None:
    even = {f"item-{number}": 1 for number in range(600)}
    for figure in (exposure.coverage, exposure.gini):
        assert figure(even, 2_400) == Measurement(None, "600 impressions; 2,400 are needed.")
        assert figure({f"item-{number}": 1 for number in range(2_400)}, 2_400).value is not None


def test_recommending_as_visitors_choose_has_lift_one_and_recommending_hits_has_more() -> None:
    choices = {"hit": 90, "niche-1": 10, "niche-2": 10}
    as_chosen = [["hit"] * 9 + ["niche-1"]] * 60
    assert exposure.popularity_lift(as_chosen, choices).value == pytest.approx(1.09, abs=0.03)
    only_hits = exposure.popularity_lift([["hit"] * 10] * 60, choices).value
    assert only_hits is not None
    assert only_hits > 1.15
    assert exposure.popularity_lift([["hit"]], choices).value is None


def test_homogeneity_is_the_mean_overlap_of_all_pairs_of_visitors() -> None:
    rng = np.random.default_rng(3)
    lists = {f"v{n}": items(*rng.choice(30, 10, replace=False)) for n in range(25)}
    pairs = [len(set(lists[a]) & set(lists[b])) / 10 for a in lists for b in lists if a != b]
    assert exposure.homogeneity(lists).value == pytest.approx(np.mean(pairs))
    same = {f"v{n}": items(*range(10)) for n in range(25)}
    assert exposure.homogeneity(same).value == 1.0
    assert exposure.homogeneity({"v": items(*range(10))}).value is None


def test_exposure_that_only_chance_tells_apart_has_not_drifted_and_other_items_have() -> None:
    rng = np.random.default_rng(5)

    def lists(low: int, count: int) -> list[list[str]]:
        return [items(*(low + rng.choice(400, 12, replace=False))) for _ in range(count)]

    still = exposure.exposure_drift({1: lists(0, 60), 2: lists(0, 60)}).value
    assert still is not None
    assert still < 0.15
    moved = exposure.exposure_drift({1: lists(0, 60), 2: lists(0, 3), 3: lists(1_000, 60)})
    assert moved.value is not None
    assert moved.value > 0.85
    assert moved.note.startswith("Versions 3 to 3 against 1 to 2") or moved.note.startswith("Versions 2 to 3")
    assert exposure.exposure_drift({1: lists(0, 60)}).value is None


def test_shares_are_shares_and_need_enough_to_be_told() -> None:
    assert audience.cold_visitors(100, 40).value == 0.4
    assert audience.cold_visitors(10, 4).value is None
    assert audience.cold_items(60, 15, 5).value == 0.25
    assert audience.cold_items(60, 15, 5, chosen=60).value == 0.25
    of_the_seed = audience.cold_items(60, 15, 5, chosen=59)
    assert of_the_seed.value is None, "what the site began with is nobody's alarm"
    assert "59 choices; 60 are needed" in of_the_seed.note
    assert audience.suspicious_traffic(1_000, 50, 2).value == 0.05
    assert audience.suspicious_traffic(10, 5, 1).value is None
    assert integrity.quarantine_rate(990, 10).value == 0.01
    assert integrity.quarantine_rate(0, 0).value is None
    assert integrity.fallback_share([None] * 25 + [3] * 75).value == 0.25
    assert integrity.p99_latency(Latency(35.0, 100)).value == 35.0
    assert integrity.p99_latency(Latency(35.0, 3)).value is None
    assert integrity.p99_latency(None).value is None


def test_who_left_control_by_choice_still_counts_as_assigned_to_it() -> None:
    from app.visitors import assign_arm

    rows = [VisitorArmRow(f"v{n}", assign_arm(f"v{n}", "x", 0.1), "assigned") for n in range(2_000)]
    right = integrity.mismatch(rows, "x", 0.1, 0.001).value
    chose = [VisitorArmRow(row.visitor_id, "treatment", "chosen") if row.arm == "control" else row for row in rows]
    assert integrity.mismatch(chose, "x", 0.1, 0.001).value == right
    broken = [VisitorArmRow(row.visitor_id, "treatment", "assigned") for row in rows]
    p_value = integrity.mismatch(broken, "x", 0.1, 0.001).value
    assert right is not None
    assert p_value is not None
    assert p_value < 0.001 < right


def test_a_crowd_of_one_address_is_counted_within_a_minute() -> None:
    crowd = [Arrival(f"a{n}", "a", float(n)) for n in range(30)]
    slow = [Arrival(f"b{n}", "b", 61.0 * n) for n in range(9)]
    assert audience.address_surge([*crowd, *slow]).value == 30
    assert audience.address_surge([]).value == 0


def test_an_item_that_a_swarm_chose_surges_and_chance_does_not() -> None:
    rng = np.random.default_rng(3)
    items, shares = 300, rng.dirichlet(np.full(300, 0.3))
    before = {f"i{n}": int(count) for n, count in enumerate(rng.multinomial(5_000, shares)) if count}
    for _ in range(200):
        newest = {f"i{n}": int(count) for n, count in enumerate(rng.multinomial(500, shares)) if count}
        assert (audience.item_surge(newest, before, items).value or 0.0) < 5.0
    least = min((f"i{n}" for n in range(items)), key=lambda name: before.get(name, 0))
    swarmed = audience.item_surge(newest | {least: 100}, before, items)
    assert swarmed.value is not None
    assert swarmed.value > 10.0
    assert swarmed.note.startswith(f"{least}: 100 of the newest")
    assert audience.item_surge({"new": 5, "old": 100}, {"old": 500}, 300).value == pytest.approx(0.8, abs=0.5)
    assert audience.item_surge({"i": 20}, before, items).value is None
