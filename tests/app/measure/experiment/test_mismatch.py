"""The test of the split: sound experiments are left alone however often one looks, and wrong ones are found."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import betaln
from scipy.stats import betabinom, binom

from app.measure.experiment.mismatch import PRIOR_VISITORS, sample_ratio_mismatch

BELOW = 0.001
LOOKS = 5_000


@pytest.mark.parametrize(
    ("control", "treatment", "share"), [(2, 0, 0.1), (0, 2, 0.5), (100, 900, 0.1), (140, 860, 0.1)]
)
def test_the_p_value_is_the_ratio_of_what_two_hypotheses_give_the_counts(
    control: int, treatment: int, share: float
) -> None:
    """The referee's beta-binomial and binomial share the coefficient that counts orders, which cancels."""
    total = control + treatment
    prior = betabinom(total, PRIOR_VISITORS * share, PRIOR_VISITORS * (1 - share))
    expected = min(1.0, binom.pmf(control, total, share) / prior.pmf(control))
    found = sample_ratio_mismatch(control, treatment, share, BELOW)
    assert found.p_value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("control", "treatment", "tripped"), [(2, 0, False), (0, 2, False), (0, 20, False), (42, 838, True), (0, 400, True)]
)
def test_two_visitors_prove_nothing_and_a_gross_fault_shows(control: int, treatment: int, tripped: bool) -> None:
    found = sample_ratio_mismatch(control, treatment, 0.1, BELOW)
    assert found.tripped == tripped
    assert ("can be trusted" in found.sentence) == tripped


@pytest.mark.parametrize(("control", "treatment", "share"), [(0, 0, 0.1), (5, 0, 1.0), (0, 5, 0.0)])
def test_without_a_split_there_is_nothing_to_test(control: int, treatment: int, share: float) -> None:
    found = sample_ratio_mismatch(control, treatment, share, BELOW)
    assert (found.p_value, found.tripped) == (None, False)


@pytest.mark.parametrize(("control", "treatment", "share"), [(1, 9, 0.0), (9, 1, 1.0)])
def test_a_visitor_in_an_arm_without_a_share_is_a_fault_for_sure(control: int, treatment: int, share: float) -> None:
    found = sample_ratio_mismatch(control, treatment, share, BELOW)
    assert (found.p_value, found.tripped) == (0.0, True)


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="must be a share from 0 to 1"):
        sample_ratio_mismatch(1, 9, share, BELOW)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_of_sound_experiments_at_most_one_in_a_thousand_trips_within_five_thousand_looks(share: float) -> None:
    assert tripped_share(share, share, experiments=2_000) <= BELOW


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.02, 0.1, 0.5])
@pytest.mark.parametrize("visitors_a_look", [1, 20])
def test_of_very_many_sound_experiments_at_most_one_in_a_thousand_trips(share: float, visitors_a_look: int) -> None:
    """20,000 experiments: a rate of 0.1 % would give 20 trips, and 33 or more in one run of 600."""
    assert tripped_share(share, share, experiments=20_000, visitors_a_look=visitors_a_look) <= 33 / 20_000


@pytest.mark.parametrize(("share", "visitors_a_look"), [(0.1, 15), (0.5, 120)])
def test_one_visitor_in_a_hundred_in_the_wrong_arm_is_found(share: float, visitors_a_look: int) -> None:
    """Within 75,000 visitors at a tenth and 600,000 at halves, where the same 1 % hides in twenty times the noise."""
    wrong = share + 0.01 * (1 - share)
    assert tripped_share(share, wrong, experiments=200, visitors_a_look=visitors_a_look) >= 0.99


def test_the_test_at_one_look_repeated_would_cry_wolf() -> None:
    """What the always-valid test replaces: Pearson's chi-square, looked at as often, trips in percents of the runs."""
    control, total = arrivals(0.1, 1_000, 1, np.random.default_rng(3))
    z = (control - 0.1 * total) / np.sqrt(0.09 * total)
    assert (np.abs(z).max(axis=1) > 3.2905).mean() > 0.02


def tripped_share(share: float, true_share: float, experiments: int, visitors_a_look: int = 1) -> float:
    """Share of simulated experiments whose test trips at any of LOOKS looks."""
    rng = np.random.default_rng(7)
    first, second = PRIOR_VISITORS * share, PRIOR_VISITORS * (1 - share)
    tripped = 0
    for start in range(0, experiments, 500):
        control, total = arrivals(true_share, min(500, experiments - start), visitors_a_look, rng)
        evidence = betaln(first + control, second + total - control) - betaln(first, second)
        evidence -= control * math.log(share) + (total - control) * math.log1p(-share)
        worst = evidence.argmax(axis=1)
        for run, look in enumerate(worst):
            found = sample_ratio_mismatch(int(control[run, look]), int(total[look] - control[run, look]), share, BELOW)
            tripped += found.tripped
    return tripped / experiments


def arrivals(
    true_share: float, experiments: int, visitors_a_look: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Visitors in control (experiments, looks) and in both arms (looks,), as they add up."""
    control = rng.binomial(visitors_a_look, true_share, size=(experiments, LOOKS)).cumsum(axis=1)
    return control, visitors_a_look * np.arange(1, LOOKS + 1)
