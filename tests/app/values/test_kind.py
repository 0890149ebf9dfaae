"""What an event says about taste, by its kind and its value."""

from __future__ import annotations

from app.values.kind import Kind


def test_money_that_is_given_back_says_nothing_of_taste() -> None:
    purchase = Kind("purchase", weight=5.0, value="price in EUR")
    assert [purchase.strength(value) for value in (9.9, 0.0, -9.9)] == [None, None, 0.0]


def test_a_stated_least_value_may_lie_below_zero() -> None:
    rating = Kind("rating", weight=1.0, value="stars", positive_from=-1.0)
    assert [rating.strength(value) for value in (-0.5, -1.5)] == [None, 0.0]
