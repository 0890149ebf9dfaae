"""What adds most to a score, against the same said in plain Python."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from recommender import leading_shares
from recommender.model.leading import Share

AMOUNTS = st.lists(st.floats(-5, 5) | st.sampled_from([0.0, 1.0, 2.0]), max_size=9)


def whole_percents(shares: Sequence[float]) -> list[int]:
    scale = 100 / (sum(shares) or 1.0)
    rounded = [int(scale * share) for share in shares]
    order = sorted(range(len(shares)), key=lambda place: rounded[place] - scale * shares[place])
    for place in order[: 100 - sum(rounded)]:
        rounded[place] += 1
    return rounded


def plainly(amounts: Sequence[tuple[str | None, float]], most: int, least: float) -> list[Share[str]]:
    whole = sum(amount for _, amount in amounts if amount > 0)
    named = sorted(((name, amount / whole) for name, amount in amounts if name and amount > 0), key=lambda row: -row[1])
    kept = [(name, share) for name, share in named[:most] if share >= least]
    rest = 1.0
    for _, share in kept:
        rest -= share
    told: list[tuple[str | None, float]] = [*kept, (None, rest)] if whole and rest >= least / 2 else [*kept]
    percents = whole_percents([share for _, share in told])
    return [Share(name, share, percent) for (name, share), percent in zip(told, percents, strict=True)]


@given(AMOUNTS, st.integers(0, 511), st.integers(1, 4), st.sampled_from([0.0, 0.02, 0.3]))
def test_leading_shares_are_the_largest_named_ones_and_the_rest(
    amounts: list[float], named: int, most: int, least: float
) -> None:
    rows = [(f"source-{place}" if named >> place & 1 else None, amount) for place, amount in enumerate(amounts)]
    found, expected = leading_shares(rows, most, least), plainly(rows, most, least)
    if least == 0.0:  # a rest that rounding leaves is told or not
        found, expected = ([share for share in side if share.share > 1e-9] for side in (found, expected))
    assert [share.name for share in found] == [share.name for share in expected]
    for one, other in zip(found, expected, strict=True):
        assert abs(one.share - other.share) < 1e-9
        assert abs(one.percent - other.percent) <= 1
    assert sum(share.percent for share in found) in ({0, 100} if least else {0, 99, 100})


def test_rounding_gives_the_largest_remainders_the_missing_hundredths() -> None:
    thirds = leading_shares([("a", 1.0), ("b", 1.0), ("c", 1.0)], 3, 0.02)
    assert [share.percent for share in thirds] == [34, 33, 33]
    assert leading_shares([], 3, 0.02) == []
    assert leading_shares([("a", -1.0), ("b", 0.0)], 3, 0.02) == []
