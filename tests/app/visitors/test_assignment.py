"""Arms are sticky, as large as asked for, and independent of the holdout."""

from __future__ import annotations

import pytest

from app.visitors import assign_arm, bucket, is_holdout

# The published cases of hash version 2 in GrowthBook's SDK test suite: seed, value, bucket.
PUBLISHED = [
    ("seed", "a", 0.0505),
    ("seed", "b", 0.2696),
    ("foo", "ab", 0.2575),
    ("foo", "def", 0.2019),
    ("89123klj", "8952klfjas09ujkasdf", 0.124),
    ("90850943850283058242805", "123", 0.7516),
    ("()**(%$##$%#$#", '___)((*":&', 0.0128),
]
VISITORS = [f"visitor-{number}" for number in range(20_000)]


@pytest.mark.parametrize(("seed", "value", "expected"), PUBLISHED)
def test_the_hash_agrees_with_the_published_cases(seed: str, value: str, expected: float) -> None:
    assert bucket(seed, value) == expected


def test_an_arm_is_sticky_and_its_share_is_met() -> None:
    arms = [assign_arm(visitor, "for-you", 0.1) for visitor in VISITORS]
    assert arms == [assign_arm(visitor, "for-you", 0.1) for visitor in VISITORS]
    assert arms.count("control") / len(arms) == pytest.approx(0.1, abs=0.01)


def test_nobody_leaves_control_when_its_share_grows() -> None:
    small = {visitor for visitor in VISITORS if assign_arm(visitor, "for-you", 0.1) == "control"}
    large = {visitor for visitor in VISITORS if assign_arm(visitor, "for-you", 0.3) == "control"}
    assert small < large


@pytest.mark.parametrize(("share", "arm"), [(0.0, "treatment"), (1.0, "control")])
def test_shares_of_none_and_all_hold_for_everyone(share: float, arm: str) -> None:
    assert {assign_arm(visitor, "for-you", share) for visitor in VISITORS} == {arm}


def test_another_experiment_draws_anew() -> None:
    first = [assign_arm(visitor, "one", 0.5) for visitor in VISITORS]
    second = [assign_arm(visitor, "two", 0.5) for visitor in VISITORS]
    agreement = sum(a == b for a, b in zip(first, second, strict=True)) / len(VISITORS)
    assert agreement == pytest.approx(0.5, abs=0.02)


def test_the_holdout_is_drawn_from_both_arms_alike() -> None:
    holdout = [visitor for visitor in VISITORS if is_holdout(visitor, 0.1)]
    assert len(holdout) / len(VISITORS) == pytest.approx(0.1, abs=0.01)
    controls = sum(assign_arm(visitor, "for-you", 0.1) == "control" for visitor in holdout)
    assert controls / len(holdout) == pytest.approx(0.1, abs=0.03)
