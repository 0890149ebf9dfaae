"""Of an attribute of which items have several values, a few choices alike say more than the average user does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId
from recommender.reranking import decided_kernels, twins
from recommender.reranking.balanced_row import BalancedRow, RowRules, Taste
from recommender.reranking.traits import ItemTraits

STRENGTH = 100.0
"""Of users who differ little, as people who rated a hundred films of all genres."""
PRESENCE = np.array([0.3, 0.4, 0.0, 1.0])


def shares_of(codes: list[tuple[int, int]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    shares, lifts = np.empty(4), np.empty(4)
    rows = np.arange(len(codes))
    chosen = np.array(codes, dtype=np.int64).reshape(-1, 2)
    decided_kernels.decided_shares(rows, np.ones(len(codes)), chosen, PRESENCE, STRENGTH, shares, lifts)
    return shares, lifts


def row_of(
    kinds: Mapping[str, Sequence[Sequence[str]]], names: Sequence[str], strengths: Sequence[float], rules: RowRules
) -> BalancedRow:
    """Of eight items of each kind, named after it and numbered."""
    values: dict[ItemId, Sequence[Sequence[str]]] = {f"{k}{n}": own for k, own in kinds.items() for n in range(8)}
    return BalancedRow(ItemTraits(values, names), strengths, rules)


@pytest.mark.parametrize("seed", range(6))
def test_the_kernel_says_what_its_twin_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = np.sort(rng.permuted(np.tile(np.arange(5), (30, 1)), axis=1)[:, :3], axis=1)
    rows, weights = rng.integers(0, 30, 2 * seed), 2 * rng.random(2 * seed)
    presence = np.append(rng.random(2), [0.0, 1.0])
    found = []
    for module in (decided_kernels, twins):
        shares, lifts = np.empty(4), np.empty(4)
        module.decided_shares(rows, weights, codes, presence, 0.5 + 20 * seed, shares, lifts)
        found.append(np.concatenate([shares, lifts]))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-9)


def test_nothing_chosen_is_everybody_and_shares_add_up() -> None:
    shares, lifts = shares_of([])
    assert shares == pytest.approx(PRESENCE / PRESENCE.sum())
    assert lifts == pytest.approx(np.zeros(4))
    assert shares_of([(0, 1), (0, 4)])[0].sum() == pytest.approx(1.0)


def test_eight_alike_are_a_taste_and_a_mixture_is_not() -> None:
    """By the learned strength alone eight choices of eight would lift a value by log((8 + 30) / 108 / 0.3) = 0.16."""
    eight_alike = shares_of([(0, 4)] * 8)[1]
    assert eight_alike[0] > 1.0
    assert eight_alike[1] < 0.0
    mixed = shares_of([(0, 4), (1, 4), (4, 4), (1, 4), (0, 4), (4, 4), (1, 4), (4, 4)])[1]
    assert np.abs(mixed).max() < 0.15


def test_an_item_that_has_the_value_among_others_is_pulled_as_one_that_has_it_alone() -> None:
    """Comedies are chosen; the model likes the dramas a little better."""
    values: dict[str, list[tuple[str, ...]]] = {"d": [("drama",)], "c": [("comedy",)], "m": [("comedy", "romance")]}
    row = row_of(values, ("genre",), [STRENGTH], RowRules(entries_per_value=12))
    candidates = [f"d{n}" for n in range(8)] + ["m0", "c0"]
    scores = np.linspace(1.0, 0.6, 10).tolist()
    found = row.arrange(candidates, scores, 4, Taste(dict.fromkeys(["c1", "c2", "c3", "m1", "m2", "m3"], 1.0)))
    shown = [candidates[place] for place in found.order[:4]]
    assert {"m0", "c0"} <= set(shown)
    assert found.lifted["m0"] == ("genre", "romance") or found.lifted["m0"] == ("genre", "comedy")


def test_what_is_turned_down_is_a_genre_rather_than_a_decade() -> None:
    """Three horror films of the nineties are turned down: other horror steps back further than other films of then."""
    values: dict[str, list[tuple[str, ...]]] = {
        "h": [("horror",), ("1990s",)],
        "o": [("horror",), ("1970s",)],
        "n": [("drama", "romance"), ("1990s",)],
    }
    rules = RowRules(calibration=0.0, entries_per_value=12, largest_share=1.0)
    row = row_of(values, ("genre", "decade"), [STRENGTH, 17.0], rules)
    candidates = ["o0", "n0", "o1", "n1", "o2", "n2"]
    found = row.arrange(candidates, [1.0] * 6, 3, Taste({}, rejected=("h0", "h1", "h2")))
    assert {candidates[place] for place in found.order[:3]} == {"n0", "n1", "n2"}
