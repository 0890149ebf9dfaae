"""No value fills a row or its first entries, whatever chance or a rule puts there; whoever asks for one gets it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import SlatePolicy
from recommender.reranking import bounds_kernels, twins
from recommender.reranking.balanced_row import Arrangement, BalancedRow, RowRules, Taste
from recommender.reranking.bounds import RowBounds, RowInTheMaking, choices_that_ask
from recommender.reranking.bounds_kernels import most_entries
from recommender.reranking.exploration import StandIns
from recommender.reranking.traits import ItemTraits

TYPES, STYLES = ("poster", "menu", "logo", "story", "post"), ("retro", "bold", "minimal")
IDS = [f"{kind}-{style}-{number}" for kind in TYPES for style in STYLES for number in range(12)]
TRAITS = ItemTraits({name: [(name.split("-")[0],), (name.split("-")[1],)] for name in IDS}, ("type", "style"))
ROW = BalancedRow(TRAITS, [2.0, 4.0], RowRules())
K = 12


def type_of(item_id: object) -> str:
    return str(item_id).partition("-")[0]


def menus_first(seed: int = 1) -> list[str]:
    """Candidates of a model that wants nothing but menus."""
    mixed = [IDS[place] for place in np.random.default_rng(seed).permutation(len(IDS))]
    return sorted(mixed, key=lambda item_id: not item_id.startswith("menu"))


def arranged(ids: Sequence[str], taste: Taste, k: int = K) -> tuple[list[str], Arrangement]:
    found = ROW.arrange(ids, np.linspace(1.0, 0.0, len(ids)).tolist(), k, taste)
    return [ids[place] for place in found.order], found


def holds(row: Sequence[object], k: int = K) -> None:
    """At most one more of a type than 60 % of the first entries, seven of twelve, and three types."""
    for length in range(1, len(row) + 1):
        assert max(Counter(map(type_of, row[:length])).values()) <= 0.6 * length + 1
    assert max(Counter(map(type_of, row)).values()) <= round(0.6 * k)
    assert len(set(map(type_of, row))) >= 3


class Scripted:
    """Stands in for a numpy Generator: plays one given outcome of coins, and of what each slot draws."""

    def __init__(self, coins: tuple[bool, ...], draws: list[int]) -> None:
        self.coins, self.draws = coins, draws

    def random(self, size: int) -> np.ndarray:
        return np.where(self.coins, 0.0, 1.0)[:size]

    def integers(self, count: int) -> int:
        assert self.draws[0] < count
        return self.draws.pop(0)


def test_a_model_that_wants_one_type_fills_no_row_with_it() -> None:
    row, _ = arranged(menus_first(), Taste({"menu-retro-0": 1.0, "menu-bold-1": 1.0, "menu-minimal-2": 1.0}))
    holds(row[:K])
    assert Counter(map(type_of, row[:K]))["menu"] == 7
    assert Counter(map(type_of, row[:8]))["menu"] == 5, "nor what a screen shows of it"


@given(st.integers(0, 10_000))
def test_whatever_stands_in_by_chance_the_row_keeps_its_bounds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ids = [IDS[place] for place in rng.permutation(len(IDS))]
    ids.sort(key=lambda item_id: type_of(item_id) not in rng.choice(TYPES, 2).tolist())
    chosen = {IDS[place]: 1.0 for place in rng.choice(len(IDS), 4, replace=False)}
    row, found = arranged(ids, Taste(dict(chosen.items())))
    pool = row[K:90]
    stand_ins = StandIns(found.bounds.values_of(pool), found.bounds.for_chance(row[:K], (), 3))
    for share, number in product((1.0, 0.4), range(4)):
        slate = SlatePolicy(share, first_slot=3).draw_again(row, pool, K, seed + number, stand_ins)
        assert [entry.item_id for entry in slate[:3]] == row[:3]
        assert len({entry.item_id for entry in slate}) == K
        holds([entry.item_id for entry in slate])


def test_propensities_of_what_stands_in_are_the_probabilities_of_what_is_shown() -> None:
    """Every outcome of the coins and of what each slot draws, with its chance."""
    ranked, pool, e = ["a", "b", "c", "d"], ["x", "y", "z"], 0.3
    stand_ins = StandIns(np.array([0, 0, 1]), np.array([[1, 1], [1, 0], [1, 1], [0, 0]], dtype=bool))
    may = [pool, ["x", "y"], pool, []]
    found: dict[tuple[int, object], float] = defaultdict(float)
    claimed: dict[tuple[int, object], float] = {}
    for coins in product((False, True), repeat=3):
        tossed = [place + 1 for place, coin in enumerate(coins) if coin and may[place + 1]]
        for draws in product(*(may[slot] for slot in tossed)):
            chance = float(np.prod([e if coin else 1 - e for coin in coins]))
            chance /= float(np.prod([len(may[slot]) for slot in tossed])) if tossed else 1.0
            played = Scripted(coins, [may[slot].index(item) for slot, item in zip(tossed, draws, strict=True)])
            slate = SlatePolicy(e, first_slot=1).draw(ranked, pool, 4, played, stand_ins)  # type: ignore[arg-type]
            assert len({entry.item_id for entry in slate}) == 4
            for slot, entry in enumerate(slate):
                found[slot, entry.item_id] += chance
                assert claimed.setdefault((slot, entry.item_id), entry.propensity) == entry.propensity
    assert claimed == pytest.approx(dict(found))
    assert claimed[3, "d"] == 1.0, "nothing may stand in"
    slates = [SlatePolicy(e, first_slot=1).draw_again(ranked, pool, 4, seed, stand_ins) for seed in range(6000)]
    shown: Counter[tuple[int, object]] = Counter(
        (slot, entry.item_id) for slate in slates for slot, entry in enumerate(slate)
    )
    for key, chance in claimed.items():
        assert shown[key] / 6000 == pytest.approx(chance, abs=4.5 * (chance * (1 - chance) / 6000) ** 0.5 + 1e-9)


def test_who_asks_for_a_type_or_is_certain_to_want_it_gets_it() -> None:
    ids = menus_first()
    asked, _ = arranged(ids, Taste({}, asked=["menu"]))
    assert Counter(map(type_of, asked[:K]))["menu"] > 8
    for menus, others, expected in ((5, 0, 7), (6, 0, 10), (9, 2, 7), (11, 1, 10)):
        chosen = [f"menu-{STYLES[n % 3]}-{n % 12}" for n in range(menus)] + ["logo-bold-0", "post-bold-0"][:others]
        left = [item_id for item_id in ids if item_id not in chosen]
        row, _ = arranged(left, Taste(dict.fromkeys(chosen, 1.0)))
        assert Counter(map(type_of, row[:K]))["menu"] == expected, (menus, others)
        assert len(set(map(type_of, row[:K]))) >= 3
    assert [choices_that_ask(n, 0.6, 0.05) for n in (0, 5, 6, 12)] == [1, 6, 6, 11]


def test_items_at_places_of_their_own_count() -> None:
    bounds = RowBounds(np.full(len(TYPES) + 1, 0.6), 3, TRAITS.first_values)
    placed = {0: "menu-bold-0", 2: "menu-bold-1", 11: "menu-bold-2"}
    making, row = RowInTheMaking(bounds, K, placed), []
    left = [item_id for item_id in menus_first() if item_id not in placed.values()]
    for _ in range(K - len(placed)):
        item_id = next(item_id for item_id in left if making.admits(item_id))
        making.take(item_id)
        left.remove(item_id)
        row.append(item_id)
    for place, item_id in sorted(placed.items()):
        row.insert(place, item_id)
    holds(row)
    assert Counter(map(type_of, row))["menu"] == 7


@pytest.mark.parametrize("seed", range(20))
def test_the_kernel_allows_what_its_twin_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, many = int(rng.integers(1, 15)), 6
    values, fixed = rng.choice(many, size, p=[0.5, 0.2, 0.1, 0.1, 0.1, 0.0]), rng.random(size) < 0.2
    largest, distinct = rng.choice([0.3, 0.6, 0.9], many), int(rng.integers(0, 4))
    pool, first = rng.integers(0, many - 1, 40), int(rng.integers(0, 4))
    found = []
    for module in (bounds_kernels, twins):
        allowed = np.ones((size, many), dtype=bool)
        module.places_for_chance(values, fixed, first, largest, distinct, allowed)
        chances, of_ranked = np.ones((size, many)), np.ones(size)
        module.chances_of_stand_ins(pool, allowed, 0.4, first, chances, of_ranked)
        found.append((allowed, chances, of_ranked))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    most = twins.most_entries(np.array([0.3, 0.6, 1.0]), 5, 12)
    assert [most_entries(share, 5, 12) for share in (0.3, 0.6, 1.0)] == most.tolist() == [2, 4, 6]
