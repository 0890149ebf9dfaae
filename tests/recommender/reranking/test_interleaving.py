"""Team-draft interleaving is fair, and its propensities are the probabilities of what is shown."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import SlatePolicy, draft_chances, team_draft
from recommender.reranking.bounds import RowBounds
from recommender.reranking.bounds_kernels import most_entries


class Scripted:
    """Stands in for a numpy Generator: plays one given outcome of the coins."""

    def __init__(self, coins: tuple[bool, ...]) -> None:
        self.coins = coins

    def random(self, size: int) -> np.ndarray:
        assert size <= len(self.coins)
        return np.array([0.0 if coin else 0.999999 for coin in self.coins[:size]])


VALUES = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 3])
"""The type of each of ten items."""
BOUNDS = RowBounds(np.full(5, 0.5), 3, lambda ids: VALUES[np.array(ids, dtype=np.int64)])
LONG_RANKINGS = st.tuples(st.permutations(range(10)), st.permutations(range(10)), st.integers(1, 6))
RANKINGS = st.tuples(st.permutations(range(7)), st.permutations(range(7)), st.integers(1, 6))


@given(RANKINGS, st.integers(0, 7), st.integers(0, 7))
def test_propensities_are_the_probabilities_of_what_is_shown(
    drawn: tuple[list[int], list[int], int], left: int, right: int
) -> None:
    champion, challenger, k = drawn
    champion, challenger = champion[:left], challenger[:right]
    probability: dict[tuple[int, object], float] = defaultdict(float)
    claimed: dict[tuple[int, object], float] = {}
    for coins in itertools.product([False, True], repeat=k):
        slate = team_draft(champion, challenger, k, Scripted(coins))  # type: ignore[arg-type]
        assert len({entry.item_id for entry in slate}) == len(slate) == min(k, len({*champion, *challenger}))
        for place, entry in enumerate(slate):
            probability[place, entry.item_id] += 0.5**k
            claimed[place, entry.item_id] = entry.propensity
    assert claimed == pytest.approx(dict(probability))
    chances = draft_chances(champion, challenger, k)
    assert {(place, item): chance for place, row in enumerate(chances) for item, chance in row.items()} == (
        pytest.approx(dict(probability))
    )


def test_both_sides_pick_in_every_round_and_each_leads_as_often() -> None:
    rng = np.random.default_rng(1)
    slates = [team_draft("abcdef", "fedcba", 6, rng) for _ in range(2000)]
    for slate in slates:
        for place in (0, 2, 4):
            assert {slate[place].team, slate[place + 1].team} == {"champion", "challenger"}
    leads = Counter(slate[0].team for slate in slates)
    assert leads["champion"] / 2000 == pytest.approx(0.5, abs=0.04)


def test_what_both_sides_want_belongs_to_both() -> None:
    rng = np.random.default_rng(2)
    slates = [team_draft("abcdefgh", "abcdefgh", 5, rng) for _ in range(50)]
    assert {"".join(str(entry.item_id) for entry in slate) for slate in slates} == {"abcde"}
    assert {(entry.propensity, entry.team) for slate in slates for entry in slate} == {(1.0, "both")}
    first, second = team_draft("abc", "axy", 2, rng)
    assert (first.item_id, first.team) == ("a", "both")
    assert (second.item_id, second.team) in {("b", "champion"), ("x", "challenger")}


@given(RANKINGS)
def test_place_favours_neither_side(drawn: tuple[list[int], list[int], int]) -> None:
    champion, challenger, k = drawn
    votes = np.zeros(k)
    for coins in itertools.product([False, True], repeat=k):
        slate = team_draft(champion, challenger, k, Scripted(coins))  # type: ignore[arg-type]
        votes += [{"champion": -1, "challenger": 1, "both": 0}[entry.team] for entry in slate]
    assert votes.tolist() == [0.0] * k, "somebody who clicks by place alone votes for nobody"


@given(LONG_RANKINGS)
def test_within_bounds_a_draft_keeps_them_by_the_chances_it_tells_and_place_favours_neither_side(
    drawn: tuple[list[int], list[int], int],
) -> None:
    champion, challenger, k = drawn
    votes = np.zeros(k)
    probability: dict[tuple[int, object], float] = defaultdict(float)
    for coins in itertools.product([False, True], repeat=k):
        slate = team_draft(champion, challenger, k, Scripted(coins), BOUNDS)  # type: ignore[arg-type]
        votes += [{"champion": -1, "challenger": 1, "both": 0}[entry.team] for entry in slate]
        types = [int(VALUES[entry.item_id]) for entry in slate]
        for length in range(1, k + 1):
            assert max(Counter(types[:length]).values()) <= most_entries(0.5, length, k)
        assert len(set(types)) >= min(3, k)
        for place, entry in enumerate(slate):
            probability[place, entry.item_id] += 0.5**k
    assert votes.tolist() == [0.0] * k, "somebody who clicks by place alone votes for nobody"
    chances = draft_chances(champion, challenger, k, BOUNDS)
    assert {(place, item): chance for place, row in enumerate(chances) for item, chance in row.items()} == (
        pytest.approx(dict(probability))
    )


def test_where_nothing_keeps_the_bounds_each_side_goes_on_with_its_best() -> None:
    of_one_type = RowBounds(np.full(2, 0.5), 3, lambda ids: np.zeros(len(ids), dtype=np.int64))
    slate = team_draft("abcdefgh", "abcdefgh", 5, np.random.default_rng(4), of_one_type)
    assert "".join(str(entry.item_id) for entry in slate) == "abcde"


def test_with_exploration_the_product_of_the_chances_is_how_often_an_item_stands_there() -> None:
    rng = np.random.default_rng(3)
    champion, challenger, pool, share, draws = "abcdef", "acbgef", ["x", "y", "z"], 0.3, 40_000
    seen: Counter[tuple[int, object]] = Counter()
    claimed: dict[tuple[int, object], float] = {}
    for _ in range(draws):
        draft = team_draft(champion, challenger, 4, rng)
        slots = SlatePolicy(share).draw([entry.item_id for entry in draft], pool, 4, rng)
        for place, slot in enumerate(slots):
            drafted = draft[place].propensity if slot.source == "rank" else 1.0
            seen[place, slot.item_id] += 1
            claimed[place, slot.item_id] = slot.propensity * drafted
    for shown, chance in claimed.items():
        assert seen[shown] / draws == pytest.approx(chance, abs=4.5 * np.sqrt(chance * (1 - chance) / draws) + 1e-9)
    for place in range(4):
        assert sum(chance for (at, _), chance in claimed.items() if at == place) == pytest.approx(1.0)


def test_misuse_is_named() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="too long a slate"):
        team_draft("abc", "abc", 25, rng)
    with pytest.raises(ValueError, match="challenger's ranking must not name an item twice"):
        team_draft("abc", "aba", 3, rng)
    with pytest.raises(ValueError, match="k must be"):
        team_draft("abc", "abc", 0, rng)
