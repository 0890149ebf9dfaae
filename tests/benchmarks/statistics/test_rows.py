"""What rows are worth by the hidden tastes: popularity captures nothing, and no row is worth more than the oracle's."""

from __future__ import annotations

from app.catalog.traits import item_traits
from app.models.balance import prior_row
from app.settings import load_settings
from benchmarks.site.quality import judges
from benchmarks.statistics.rows import balances, compare, table
from recommender import ALSConfig, Interactions, train
from recommender.reranking.balanced_row import BalancedRow
from recommender.reranking.traits import ItemTraits
from seed_data.population import Population
from seed_data.templates import load_templates


def test_every_row_is_judged_by_the_same_tastes() -> None:
    population = Population(load_templates()[:240], seed=7)
    panel = judges(population, 60)
    known = [(str(visitor), item_id) for visitor, judge in enumerate(panel) for item_id in judge.history]
    model = train(Interactions.from_rows(known), ALSConfig(factors=8, iterations=3))
    balanced = prior_row(ItemTraits(*item_traits(population.items)), load_settings(environment={}))
    rows = {
        label: None if rules is None else BalancedRow(balanced.traits, balanced.strengths, rules)
        for label, rules in balances(balanced.rules).items()
    }
    popular = [item.item_id for item in population.items]
    strangers = [(dict.fromkeys(judge.history, 1.0), judge.interest) for judge in panel[:5]]
    found = compare("strangers", strangers, {"factors": model}, rows, popular, population)
    assert [(one.captured, one.low, one.high) for one in found if one.shelf == "popular"] == [(0.0, 0.0, 0.0)]
    assert {one.row for one in found if one.shelf == "for-you"} == set(rows)
    assert all(one.clicks > 0 and one.captured < 100 for one in found)
    assert table(found).count("\n") == len(found) + 1
