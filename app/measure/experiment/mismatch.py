"""Sample-ratio mismatch: whether visitors are split between the arms as they should be."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import chdtrc


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The chi-square test of the visitors in each arm against the shares.

    control, treatment: visitors counted. control_share: what control should have. p_value: None without a visitor, or
    where an arm has a share of 0. tripped: whether the verdict must be withheld. sentence: the finding in words.
    """

    control: int
    treatment: int
    control_share: float
    p_value: float | None
    tripped: bool
    sentence: str


def sample_ratio_mismatch(control: int, treatment: int, control_share: float, below: float) -> Mismatch:
    """Test the split. below: p-value below which assignment or counting must be at fault (Fabijan et al., 2019)."""
    total = control + treatment
    if not total or not 0 < control_share < 1:
        reason = "No visitor was exposed yet." if not total else "One arm has no share, so there is no split to test."
        return Mismatch(control, treatment, control_share, None, False, reason)
    expected = [total * control_share, total * (1 - control_share)]
    statistic = (control - expected[0]) ** 2 / expected[0] + (treatment - expected[1]) ** 2 / expected[1]
    p_value = float(chdtrc(1, statistic))
    tripped = p_value < below
    found = (
        f"{control:,} of {total:,} visitors are in control, {expected[0]:,.0f} were to be expected (p = {p_value:.3g})"
    )
    sentence = (
        f"{found}: assignment or counting is at fault, and no comparison of the arms can be trusted."
        if tripped
        else f"{found}: nothing speaks against the split."
    )
    return Mismatch(control, treatment, control_share, p_value, tripped, sentence)
