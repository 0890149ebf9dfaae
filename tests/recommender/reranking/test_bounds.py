"""No value fills a row or its first entries, whatever chance or a rule puts there; whoever asks for one gets it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import SlatePolicy
from recommender.reranking import bounds_kernels, twins
from recommender.reranking.balanced_row import Arrangement, BalancedRow, RowRules, Taste
from recommender.reranking.bounds import RowBounds, RowInTheMaking, choices_that_ask
from recommender.reranking.bounds_kernels import most_entries
from recommender.reranking.stand_ins import StandIns
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


class Ordered:
    """Stands in for a numpy Generator: plays one given outcome of coins and of the order of the pool."""

    def __init__(self, coins: tuple[bool, ...], order: tuple[int, ...]) -> None:
        self.coins, self.order = coins, order

    def random(self, size: int) -> np.ndarray:
        return np.where(self.coins, 0.0, 1.0)[:size]

    def choice(self, pool: int, size: int, replace: bool) -> np.ndarray:
        assert not replace
        return np.array(self.order[:size])


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
    stand_ins = StandIns(found.bounds, row[:K], range(K))
    for share, number in product((1.0, 0.4), range(4)):
        slate = SlatePolicy(share, first_slot=3).draw_again(row, pool, K, seed + number, stand_ins)
        assert [entry.item_id for entry in slate[:3]] == row[:3]
        assert len({entry.item_id for entry in slate}) == K
        holds([entry.item_id for entry in slate])


def test_propensities_of_what_stands_in_are_its_chances_given_what_slots_before_drew() -> None:
    """Every outcome of the coins and of the order of the pool: what a slot shows while those before it draw the same.

    A row of two types, of which the first four may have three and the first three two: whatever of the first type comes
    to the third place has to push another one out.
    """
    ranked, pool, e = ["a1", "b1", "b2", "a2", "b3"], ["a3", "a4", "b4", "a2", "b5"], 0.3
    kinds = {name: int(name.startswith("b")) for name in [*ranked, *pool]}
    bounds = RowBounds(np.full(3, 0.6), 2, lambda ids: np.array([kinds[str(name)] for name in ids]))
    stand_ins = StandIns(bounds, ranked, range(5))
    shown: dict[tuple[object, ...], dict[object, float]] = defaultdict(lambda: defaultdict(float))
    claimed: dict[tuple[object, ...], dict[object, set[float]]] = defaultdict(lambda: defaultdict(set))
    moved = set()
    for coins in product((False, True), repeat=4):
        for order in permutations(range(5)):
            slate = SlatePolicy(e, first_slot=1).draw(ranked, pool, 5, Ordered(coins, order), stand_ins)  # type: ignore[arg-type]
            assert len({entry.item_id for entry in slate}) == 5
            assert slate[0] == ("a1", "rank", 1.0)
            moved |= {entry.item_id for slot, entry in enumerate(slate) if entry.item_id in ranked[:slot]}
            drawn = [place if coin else None for coin, place in zip(coins, order, strict=False)]
            for slot, entry in enumerate(slate[1:]):
                if any(coins[slot + 1 :]):  # may move the ranked item that is shown here, not the chance of one
                    continue
                before = (slot, *drawn[:slot])
                shown[before][entry.item_id] += e if coins[slot] else 1 - e
                claimed[before][entry.item_id].add(round(entry.propensity, 12))
    assert moved, "a ranked item made room by moving back"
    assert len(shown) > 50
    for others, chances in shown.items():
        total = sum(chances.values())
        for item_id, chance in chances.items():
            assert list(claimed[others][item_id]) == pytest.approx([chance / total]), (others, item_id)


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


@pytest.mark.parametrize("seed", range(40))
def test_the_kernel_finds_the_exchanges_of_its_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, many = int(rng.integers(1, 15)), 6
    values, movable = rng.choice(many, size, p=[0.5, 0.2, 0.1, 0.1, 0.1, 0.0]), rng.random(size) < 0.7
    largest, distinct = rng.choice([0.3, 0.6, 0.9], many), int(rng.integers(0, 4))
    slots, counts = np.flatnonzero(rng.random(size) < 0.8), rng.integers(0, 4, many)
    found = []
    for module in (bounds_kernels, twins):
        exchanges, room = np.full((len(slots), many), 9), np.full(len(slots), 9)
        module.find_exchanges(values, slots, movable, largest, distinct, counts, exchanges, room)
        found.append((exchanges, room))
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
    most = twins.most_entries(np.array([0.3, 0.6, 1.0]), 5, 12)
    assert [most_entries(share, 5, 12) for share in (0.3, 0.6, 1.0)] == most.tolist() == [2, 4, 6]
