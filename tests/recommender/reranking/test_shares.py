"""Shares of a user are shrunk by how much users differ, which is learned from them."""

from __future__ import annotations

import numpy as np
import pytest

from recommender.reranking.balanced_row import BalancedRow, RowRules
from recommender.reranking.shares import WEAKEST, fit_strength
from recommender.reranking.traits import ItemTraits

BASE = np.array([0.5, 0.3, 0.2])


@pytest.mark.parametrize("strength", [0.6, 4.0, 40.0])
def test_the_strength_that_made_the_choices_is_found_again(strength: float) -> None:
    rng = np.random.default_rng(5)
    shares = rng.dirichlet(strength * BASE, 3000)
    counts = np.array([rng.multinomial(12, share) for share in shares], dtype=np.float64)
    assert fit_strength(counts, BASE, prior=4.0) == pytest.approx(strength, rel=0.12)


def test_users_who_do_not_differ_move_nothing_and_users_who_keep_to_one_value_move_all() -> None:
    rng = np.random.default_rng(1)
    alike = rng.multinomial(20, BASE, size=500).astype(np.float64)
    assert fit_strength(alike, BASE, prior=4.0) > 200
    faithful = 10.0 * np.eye(3)[rng.choice(3, 500, p=BASE)]
    assert fit_strength(faithful, BASE, prior=4.0) < 2 * WEAKEST


def test_without_users_the_prior_answers_and_a_few_hardly_move_it() -> None:
    assert fit_strength(np.zeros((0, 3)), BASE, prior=4.0) == 4.0
    assert fit_strength(np.array([[1.0, 0.0, 0.0]]), BASE, prior=4.0) == 4.0, "one choice says nothing of the next"
    assert 2.0 < fit_strength(np.array([[2.0, 1.0, 1.0]]), BASE, prior=4.0) < 8.0


def test_shares_add_up_and_lift_is_none_without_choices() -> None:
    def of(chosen: list[str]) -> tuple[list[float], list[float]]:
        shares, lifts = BalancedRow(traits, [2.0], RowRules())._shares_and_lifts(dict.fromkeys(chosen, 1.0))
        return shares.tolist(), lifts.tolist()

    values = "aaaaabbbcc"
    traits = ItemTraits({f"i{n}": [(value,)] for n, value in enumerate(values)}, ("letter",))
    shares, lifts = of(["i0", "i1", "i2"])
    assert shares == pytest.approx([4.0 / 5, 0.6 / 5, 0.4 / 5])
    assert lifts == pytest.approx(np.log(np.array(shares) / BASE).tolist())
    assert of([]) == (pytest.approx(BASE.tolist()), pytest.approx([0.0, 0.0, 0.0]))


def test_misuse_is_named() -> None:
    with pytest.raises(ValueError, match=r"counts must have shape \(users, 3\)"):
        fit_strength(np.zeros((4, 2)), BASE, prior=4.0)
    with pytest.raises(ValueError, match="prior must be a finite number between"):
        fit_strength(np.zeros((4, 3)), BASE, prior=0.0)
