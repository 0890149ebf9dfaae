"""The law of an exam by lot: its mean, its noise, and how it comes to agree with the truth."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.statistics.exam_agreement import Panel, exam_law, rank_gain

ITEMS, VISITORS = 60, 8
RNG = np.random.default_rng(7)
INTEREST = RNG.beta(1.0, 8.0, (VISITORS, ITEMS))
INTEREST[:, 3] = 0.0
SHARES = (1.0, 0.6, 0.3, 0.0)
"""How far each model follows true interest; the rest of its order is chance."""


def panel() -> Panel:
    noise = RNG.random((VISITORS, ITEMS)) * INTEREST.max()
    scores = [share * INTEREST + (1 - share) * noise for share in SHARES]
    order = [np.argsort(np.argsort(-score, axis=1), axis=1) for score in scores]
    return Panel(np.array(order, dtype=np.int16), INTEREST)


PANEL = panel()
CHANCES = PANEL.chances(np.arange(ITEMS) < 12, 0.5)
GAIN = rank_gain(0.95, 100)


def test_chances_are_those_of_the_lot() -> None:
    assert CHANCES.sum(axis=1) == pytest.approx(np.ones(VISITORS))
    assert CHANCES[0, 0] == pytest.approx(0.5 / 11 + 0.5 / 59), "eleven popular items are left, and 59 in all"
    assert CHANCES[0, 3] == 0.0


def test_by_inverse_propensity_an_exam_says_true_interest_whatever_the_lot() -> None:
    law = exam_law(PANEL, CHANCES, GAIN)
    gains = GAIN(PANEL.ranks.astype(np.float32))
    assert law.means == pytest.approx((gains * INTEREST).sum(axis=2).mean(axis=1), rel=1e-5)
    uniform = exam_law(PANEL, PANEL.chances(np.ones(ITEMS, np.bool_), 0.0), GAIN)
    assert law.means == pytest.approx(uniform.means)
    assert np.all(np.diff(law.means) < 0), "who follows interest more gains more"


@pytest.mark.parametrize("power", [1.0, 0.8])
def test_its_noise_is_that_of_drawn_clicks(power: float) -> None:
    law = exam_law(PANEL, CHANCES, GAIN, power=power)
    rng, draws = np.random.default_rng(1), 20_000
    found = []
    for visitor in range(VISITORS):
        shown = rng.choice(ITEMS, draws, p=CHANCES[visitor])
        opened = rng.random(draws) < INTEREST[visitor, shown]
        gains = GAIN(PANEL.ranks[:, visitor, shown].astype(np.float32))
        found.append(np.cov(np.where(opened, gains * CHANCES[visitor, shown] ** -power, 0.0)))
    np.testing.assert_allclose(np.mean(found, axis=0), law.within, rtol=0.1)


def test_agreement_rises_with_choices_and_a_better_known_rate_costs_no_bias() -> None:
    law, rng = exam_law(PANEL, CHANCES, GAIN), np.random.default_rng(2)
    truth = np.repeat(np.array(SHARES)[:, None], 50, axis=1)
    few, many = (law.agreement(truth, choices, rng)[0] for choices in (20, 20_000))
    assert few < many
    assert many > 0.99
    assert law.needed(truth, 0.9, rng) == 250.0, "the least that is looked at"
    helped = exam_law(PANEL, CHANCES, GAIN, expected=INTEREST.mean(axis=0))
    assert helped.means == pytest.approx(law.means)
    assert np.trace(helped.within) < np.trace(law.within)
