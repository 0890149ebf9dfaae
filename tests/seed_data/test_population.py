"""The hidden-taste population: repeatable, calibrated, and with more structure than popularity."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from app.values.item import Item
from seed_data.calibration import calibrate
from seed_data.population import Population
from seed_data.templates import load_templates

ITEMS = load_templates()
IDS = [item.item_id for item in ITEMS]


@pytest.fixture(scope="module")
def population() -> Population:
    return Population(ITEMS, seed=7)


def films(count: int = 400) -> list[Item]:
    genres = ("drama", "comedy", "horror", "sci-fi", "romance")
    return [
        Item(
            item_id=f"film-{number}",
            position=number,
            title=f"Film {number}",
            type=genres[number % 5],
            style=f"{1950 + number % 5 * 10}s",
            palette="ocean",
            layout="full",
            tags=(genres[number % 5], genres[number * 3 % 5]),
            added_at=0.0,
            seed=number,
            year=1950 + number % 50,
        )
        for number in range(count)
    ]


def test_a_visitor_is_the_same_whenever_made(population: Population) -> None:
    again = Population(ITEMS, seed=7)
    first, second = population.visitor(41).affinity(None, 3.0), again.visitor(41).affinity(None, 3.0)
    assert np.array_equal(first, second)
    slate = IDS[100:112]
    clicks = [p.visitor(41).clicks(slate, 3.0, np.random.default_rng(5)) for p in (population, again)]
    assert clicks[0] == clicks[1]


def test_visitors_and_seeds_differ(population: Population) -> None:
    mine = population.visitor(1).affinity(None, 0.0)
    assert not np.allclose(mine, population.visitor(2).affinity(None, 0.0))
    assert not np.allclose(mine, Population(ITEMS, seed=8).visitor(1).affinity(None, 0.0))


def test_affinity_of_some_items_is_that_part_of_the_affinity_of_all(population: Population) -> None:
    visitor = population.visitor(9)
    rows = [5, 2000, 17]
    some = visitor.affinity([IDS[row] for row in rows], 6.0)
    assert np.allclose(some, visitor.affinity(None, 6.0)[rows])


def test_affinity_is_a_probability(population: Population) -> None:
    affinity = np.concatenate([population.visitor(number).affinity(None, 10.0) for number in range(20)])
    assert affinity.min() >= 0
    assert affinity.max() <= 1


def test_rates_of_click_are_as_calibrated() -> None:
    rates = calibrate(ITEMS, visitors=300)
    assert 0.02 <= rates.random <= 0.04
    assert 0.05 <= rates.popularity <= 0.08
    assert 0.25 <= rates.oracle <= 0.35


def test_films_are_calibrated_by_the_same_rule() -> None:
    rates = calibrate(films(), visitors=200)
    assert 0.02 <= rates.random <= 0.04
    assert rates.random < rates.popularity < 0.6 * rates.oracle


def test_taste_drifts_slowly(population: Population) -> None:
    def agreement(day: float) -> float:
        pairs = [(population.visitor(n).tastes(0.0), population.visitor(n).tastes(day)) for n in range(40)]
        return float(np.mean([np.corrcoef(before, after)[0, 1] for before, after in pairs]))

    assert agreement(1.0) > 0.99
    assert agreement(1.0) > agreement(20.0) > agreement(60.0)
    assert agreement(60.0) < 0.97


def test_the_whim_is_not_of_low_rank(population: Population) -> None:
    visitors = [population.visitor(number) for number in range(60)]
    space = population.space
    every = slice(None)
    whims = np.stack([v._utility(every, 0.0) - space.utility(every, v.tastes(0.0)) for v in visitors])
    assert abs(whims.mean()) < 0.02
    singular = np.linalg.svd(whims, compute_uv=False)
    assert singular[0] < 1.6 * singular[-1]


def test_tastes_are_shared_by_groups_beyond_popularity(population: Population) -> None:
    """Someone's nearest neighbour in taste is a better guide to them than the crowd is."""
    taste = np.stack([population.space.utility(slice(None), population.visitor(n).tastes(0.0)) for n in range(200)])
    taste -= population.space.appeal
    crowd = taste.mean(axis=0)
    others = np.corrcoef(taste)
    np.fill_diagonal(np.asarray(others), -1)
    nearest = others.max(axis=1).mean()
    popular = np.mean([np.corrcoef(row, crowd)[0, 1] for row in taste])
    assert nearest > popular + 0.2


def test_appeal_has_a_long_tail(population: Population) -> None:
    odds = np.sort(np.exp(population.space.appeal))[::-1]
    assert odds[: len(odds) // 100].mean() > 2 * odds.mean()


def test_examination_falls_with_position_and_decides_clicks(population: Population) -> None:
    visitor = population.visitor(3)
    chances = [visitor.examine(position) for position in range(1, 25)]
    assert chances[0] == 1.0
    assert chances == sorted(chances, reverse=True)
    rng = np.random.default_rng(2)
    seen = np.zeros(12)
    for _ in range(3000):
        looked, clicked = visitor.look(IDS[:12], 0.0, rng)
        assert set(clicked) <= set(looked)
        seen[looked] += 1
    assert np.allclose(seen / 3000, chances[:12], atol=0.035)


def test_reactions_follow_interest(population: Population) -> None:
    visitor = population.visitor(12)
    order = np.argsort(visitor.affinity(None, 0.0))
    rng = np.random.default_rng(4)
    best = [kind for _ in range(400) for kind in visitor.reacts(IDS[order[-1]], 0.0, rng)]
    worst = [kind for _ in range(400) for kind in visitor.reacts(IDS[order[0]], 0.0, rng)]
    assert {*best, *worst} <= {"like", "save", "use", "dislike"}
    assert best.count("like") > worst.count("like")
    assert best.count("dislike") < worst.count("dislike")


def test_visitors_seek_the_types_they_like(population: Population) -> None:
    rng = np.random.default_rng(6)
    visitor = population.visitor(15)
    sought = [visitor.seeks(0.0, rng) for _ in range(300)]
    assert set(sought) <= set(population.space.types)
    weights = dict(zip(population.space.types, visitor.tastes(0.0)[population.space.type_part], strict=True))
    assert np.mean([weights[type_] for type_ in sought]) > np.mean(list(weights.values())) + 0.3


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: Population([]), "needs items"),
        (lambda: Population(ITEMS[:5]).visitor(-1), "start at 0"),
        (lambda: Population(ITEMS[:5]).visitor(0).examine(0), "start at 1"),
    ],
)
def test_bad_arguments_say_what_would_be_right(call: Callable[[], object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        call()


def test_an_empty_slate_gets_no_clicks(population: Population) -> None:
    assert population.visitor(0).clicks([], 0.0, np.random.default_rng(0)) == []
