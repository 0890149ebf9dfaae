"""Slate propensities are exact: checked by enumerating every outcome of the random draws."""

from __future__ import annotations

import itertools
from collections import defaultdict
from math import factorial

import numpy as np
import pytest

from recommender import SlateEntry, SlatePolicy


class Scripted:
    """Stands in for a numpy Generator: plays one given outcome of coins and of the order of the pool."""

    def __init__(self, coins: tuple[bool, ...], order: tuple[int, ...]) -> None:
        self.coins, self.order = coins, order

    def random(self, size: int) -> np.ndarray:
        return np.array([0.0 if coin else 0.999999 for coin in self.coins[:size]])

    def choice(self, pool: int, size: int, replace: bool) -> np.ndarray:
        assert not replace
        assert pool == len(self.order)
        return np.array(self.order[:size])


@pytest.mark.parametrize("first_slot", [0, 1, 2, 5])
@pytest.mark.parametrize("pool", [[], ["x"], ["x", "y"], ["x", "y", "z"], ["x", "b", "y", "z", "w", "x"]])
def test_propensities_are_the_probabilities_of_what_is_shown(pool: list[str], first_slot: int) -> None:
    ranked, k, share = ["a", "b", "c", "d"], 3, 0.3
    m = len({*pool})
    probability: dict[tuple[int, object], float] = defaultdict(float)
    claimed: dict[tuple[int, object], set[float]] = defaultdict(set)
    for coins in itertools.product([False, True], repeat=k):
        for order in itertools.permutations(range(m)):
            chance = float(np.prod([share if coin else 1 - share for coin in coins])) / factorial(m)
            slate = SlatePolicy(share, first_slot).draw(ranked, pool, k, Scripted(coins, order))  # type: ignore[arg-type]
            assert len({entry.item_id for entry in slate}) == k
            assert all(entry.source == "rank" for entry in slate[:first_slot])
            for slot, entry in enumerate(slate):
                probability[slot, entry.item_id] += chance
                claimed[slot, entry.item_id].add(round(entry.propensity, 12))
    for shown, values in claimed.items():
        assert list(values) == pytest.approx([probability[shown]])
    for slot in range(k):
        assert sum(chance for (place, _), chance in probability.items() if place == slot) == pytest.approx(1.0)


def test_the_generator_draws_as_often_as_the_propensities_say() -> None:
    rng = np.random.default_rng(1)
    slates = [SlatePolicy(0.25).draw(["a", "b", "c"], ["x", "y"], 3, rng) for _ in range(4000)]
    for slot, item, expected in ((0, "x", 0.125), (1, "y", 0.125), (0, "a", 0.75), (2, "c", 1.0)):
        assert np.mean([slate[slot].item_id == item for slate in slates]) == pytest.approx(expected, abs=0.025)


def test_draws_by_seed_are_as_likely_as_their_propensities_say() -> None:
    policy, pool = SlatePolicy(0.4, first_slot=1), ["x", "y", "z", "b"]
    slates = [policy.draw_again(["a", "b", "c", "d"], pool, 4, seed) for seed in range(20_000)]
    shown: dict[tuple[int, object], list[float]] = defaultdict(list)
    for slate in slates:
        assert len({entry.item_id for entry in slate}) == 4
        for slot, entry in enumerate(slate):
            shown[slot, entry.item_id].append(entry.propensity)
    assert len(shown) == 1 + 3 * 4, "the first slot never explores, every other may show any of three"
    for claimed in shown.values():
        assert len(set(claimed)) == 1
        expected = claimed[0]
        error = 4.5 * (expected * (1 - expected) / len(slates)) ** 0.5
        assert len(claimed) / len(slates) == pytest.approx(expected, abs=error + 1e-12)
    pairs = [
        (slate[1].item_id, slate[2].item_id) for slate in slates if slate[1].source == slate[2].source == "explore"
    ]
    # Two slots explore independently, and the first two of an order of four are of the three that are not ranked in
    # half of all cases.
    assert len(pairs) / len(slates) == pytest.approx(0.16 / 2, abs=0.009)
    for one in ("x", "y", "z"):
        assert np.mean([first == one for first, _ in pairs]) == pytest.approx(1 / 3, abs=0.04)


def test_draws_by_seed_stay_however_ranking_and_pool_change() -> None:
    policy, pool = SlatePolicy(0.5, first_slot=1), [f"p{number}" for number in range(50)]
    moved = 0
    for seed in range(200):
        before = policy.draw_again(["a", "b", "c", "d"], pool, 4, seed)
        assert before == policy.draw_again(["a", "b", "c", "d"], pool, 4, seed)
        after = policy.draw_again(["b", "e", "a", "f"], [*pool[1:], "new"], 4, seed)
        assert [entry.source for entry in after] == [entry.source for entry in before], "coins belong to slots"
        moved += sum(one.source == "explore" and one != other for one, other in zip(before, after, strict=True))
    assert moved < 40, "of about 300; p0 left and new came, each of which is in one draw of fifty"


def test_sources_and_edges() -> None:
    rng = np.random.default_rng(0)
    assert SlatePolicy(0.0).draw(["a", "b"], ["x"], 5, rng) == [
        SlateEntry("a", "rank", 1.0),
        SlateEntry("b", "rank", 1.0),
    ]
    everything = SlatePolicy(1.0).draw(["a", "b"], ["x", "y", "z"], 2, rng)
    assert [entry.source for entry in everything] == ["explore", "explore"]
    assert [entry.propensity for entry in everything] == [pytest.approx(1 / 3)] * 2
    assert SlatePolicy(0.5).draw([], ["x"], 3, rng) == []


def test_misuse_is_named() -> None:
    rng = np.random.default_rng(0)
    for share in (-0.1, 1.1, float("nan"), "half", True):
        with pytest.raises(ValueError, match="explore_share must be a finite number between 0 and 1, got"):
            SlatePolicy(share)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="first_slot must be a finite number of at least 0, got -1"):
        SlatePolicy(0.1, first_slot=-1)
    with pytest.raises(ValueError, match="must not name an item twice"):
        SlatePolicy(0.1).draw(["a", "a"], [], 2, rng)
    with pytest.raises(ValueError, match="k must be"):
        SlatePolicy(0.1).draw(["a"], [], 0, rng)
