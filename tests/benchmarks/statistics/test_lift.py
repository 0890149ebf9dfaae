"""The simulation that says what lift a ranking could show."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.statistics.lift import DAY, FIRST_VISITOR, Bayes, Ranking, browse, lift, mixed
from seed_data.population import Population
from seed_data.templates import load_templates

VISITORS = 160


@pytest.fixture(scope="module")
def population() -> Population:
    return Population(load_templates()[:200], 7)


def test_who_ranks_better_lifts_more_and_popularity_lifts_nothing(population: Population) -> None:
    popular = population.expected_interest_of(range(300), DAY).mean(axis=0).astype(np.float64)
    bayes = Bayes(population, 2_000)
    control = browse(population, VISITORS, popular, None)
    rankings: dict[str, Ranking] = {"a little": mixed(bayes, popular, 0.3), "bayes": bayes}
    seen = {name: browse(population, VISITORS, popular, ranking) for name, ranking in rankings.items()}
    a_little, whole = (lift(seen[name], control)[0] for name in ("a little", "bayes"))
    assert lift(control, control) == (0.0, 0.0, 0.0)
    assert 0 < a_little < whole
    low, high = lift(seen["bayes"], control)[1:]
    assert low < whole < high
    assert 0.2 < control.blank.sum() / control.looked.sum() < 0.9


def test_bayes_prefers_what_goes_with_what_was_opened(population: Population) -> None:
    one = population.visitor(FIRST_VISITOR)
    liked = np.argsort(-one.affinity(None, DAY))[:5].tolist()
    interest = population.expected_interest_of([FIRST_VISITOR], DAY)[0]
    informed, blind = Bayes(population, 2_000)([liked, []])
    assert np.corrcoef(informed, interest)[0, 1] > np.corrcoef(blind, interest)[0, 1]
